output "target_group_arn" {
  description = "Target group the tasks register in. Known only once its listener exists, which ECS insists on."
  value       = aws_lb_target_group.this.arn

  depends_on = [aws_lb_listener.https]
}

output "dns_name" {
  description = "Name to point the service's DNS record at (an alias)."
  value       = aws_lb.this.dns_name
}

output "zone_id" {
  description = "Hosted zone of dns_name, for an alias record."
  value       = aws_lb.this.zone_id
}

output "arn_suffix" {
  description = "The load balancer as CloudWatch dimensions name it."
  value       = aws_lb.this.arn_suffix
}

output "target_group_arn_suffix" {
  description = "The target group as CloudWatch dimensions name it."
  value       = aws_lb_target_group.this.arn_suffix
}
