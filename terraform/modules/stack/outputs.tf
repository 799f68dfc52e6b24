output "dns_name" {
  description = "Name to point the service's DNS record at (an alias)."
  value       = module.load_balancer.dns_name
}

output "zone_id" {
  description = "Hosted zone of dns_name, for an alias record."
  value       = module.load_balancer.zone_id
}

output "cluster_name" {
  description = "ECS cluster."
  value       = module.service.cluster_name
}

output "service_name" {
  description = "ECS service."
  value       = module.service.service_name
}

output "task_definition_arn" {
  description = "Revision that this configuration asks for."
  value       = module.service.task_definition_arn
}

output "supplied_secret_arns" {
  description = "Secrets that need a value from a person, by environment variable."
  value       = module.secrets.arns
}

output "alarm_topic_arn" {
  description = "Topic that every alarm is sent to."
  value       = module.alarms.topic_arn
}

output "nat_public_ips" {
  description = "Addresses the service calls out from."
  value       = module.network.nat_public_ips
}

output "postgresql_identifier" {
  description = "RDS instance, for the restore runbook."
  value       = module.data.postgresql_identifier
}

output "name" {
  description = "Prefix of every name in this environment."
  value       = local.name
}

output "kms_key_arn" {
  description = "The environment's key."
  value       = module.encryption.key_arn
}
