output "secret_arns" {
  description = "Secrets the service reads its connections from, by environment variable."
  value = {
    DATABASE_URL = aws_secretsmanager_secret_version.database_url.arn
    REDIS_URL    = aws_secretsmanager_secret_version.redis_url.arn
  }
}

output "postgresql_identifier" {
  description = "RDS identifier, for alarms and the restore runbook."
  value       = aws_db_instance.this.identifier
}

output "valkey_member_ids" {
  description = "ElastiCache nodes, for alarms."
  value       = aws_elasticache_replication_group.this.member_clusters
}

output "database_url_version" {
  description = "Changes whenever DATABASE_URL is written anew."
  value       = aws_secretsmanager_secret_version.database_url.secret_string_wo_version
}
