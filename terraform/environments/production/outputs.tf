output "dns_name" {
  description = "Name to point the service's DNS record at (an alias)."
  value       = module.switchboard.dns_name
}

output "zone_id" {
  description = "Hosted zone of dns_name, for an alias record."
  value       = module.switchboard.zone_id
}

output "cluster_name" {
  description = "ECS cluster."
  value       = module.switchboard.cluster_name
}

output "service_name" {
  description = "ECS service."
  value       = module.switchboard.service_name
}

output "task_definition_arn" {
  description = "Revision that this configuration asks for."
  value       = module.switchboard.task_definition_arn
}

output "supplied_secret_arns" {
  description = "Secrets that need a value from a person, by environment variable."
  value       = module.switchboard.supplied_secret_arns
}

output "alarm_topic_arn" {
  description = "Topic that every alarm is sent to."
  value       = module.switchboard.alarm_topic_arn
}

output "nat_public_ips" {
  description = "Addresses the service calls out from."
  value       = module.switchboard.nat_public_ips
}

output "postgresql_identifier" {
  description = "RDS instance, for the restore runbook."
  value       = module.switchboard.postgresql_identifier
}
