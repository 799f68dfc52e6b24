output "cluster_name" {
  description = "ECS cluster."
  value       = aws_ecs_cluster.this.name
}

output "service_name" {
  description = "ECS service."
  value       = aws_ecs_service.this.name
}

output "task_definition_arn" {
  description = "Revision that this configuration asks for."
  value       = aws_ecs_task_definition.this.arn
}

output "log_group_name" {
  description = "Log group of the service."
  value       = aws_cloudwatch_log_group.this.name
}

output "stop_timeout_seconds" {
  description = "Seconds between SIGTERM and SIGKILL."
  value       = local.stop_timeout_seconds
}
