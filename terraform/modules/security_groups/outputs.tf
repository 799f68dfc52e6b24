output "load_balancer_id" {
  description = "Group of the load balancer."
  value       = aws_security_group.load_balancer.id
}

output "tasks_id" {
  description = "Group of the tasks."
  value       = aws_security_group.tasks.id
}

output "postgresql_id" {
  description = "Group of PostgreSQL."
  value       = aws_security_group.postgresql.id
}

output "valkey_id" {
  description = "Group of Valkey."
  value       = aws_security_group.valkey.id
}
