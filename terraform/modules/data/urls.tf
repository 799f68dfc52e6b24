# The connections as the service reads them, each one secret. Written through a write-only argument: the URL appears in no
# plan and no state.

resource "aws_secretsmanager_secret" "database_url" {
  # checkov:skip=CKV2_AWS_57: follows postgresql_password_version
  name                    = "${var.name}/DATABASE_URL"
  description             = "Where the records are, as the service reads it"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = 30
}

resource "aws_secretsmanager_secret_version" "database_url" {
  secret_id = aws_secretsmanager_secret.database_url.id
  secret_string_wo = format(
    "postgres://%s:%s@%s/%s?sslmode=%s",
    local.database_user,
    var.postgresql_password,
    aws_db_instance.this.endpoint,
    local.database_name,
    local.ssl_mode,
  )

  # A write-only value is compared by its version alone, so the version stands for everything the URL is made of.
  secret_string_wo_version = parseint(substr(sha256(join("|", [
    var.postgresql_password_version, aws_db_instance.this.endpoint, local.ssl_mode,
  ])), 0, 8), 16)
}

resource "aws_secretsmanager_secret" "redis_url" {
  # checkov:skip=CKV2_AWS_57: follows valkey_token_version
  name                    = "${var.name}/REDIS_URL"
  description             = "Where the shared rate limits are, as the service reads it"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = 30
}

resource "aws_secretsmanager_secret_version" "redis_url" {
  secret_id = aws_secretsmanager_secret.redis_url.id
  secret_string_wo = format(
    "rediss://:%s@%s:%d",
    var.valkey_token,
    aws_elasticache_replication_group.this.primary_endpoint_address,
    aws_elasticache_replication_group.this.port,
  )
  secret_string_wo_version = parseint(substr(sha256(join("|", [
    var.valkey_token_version, aws_elasticache_replication_group.this.primary_endpoint_address,
  ])), 0, 8), 16)
}
