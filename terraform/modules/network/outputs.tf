output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "public_subnet_ids" {
  description = "Subnets for the load balancer, one per zone."
  value       = [for subnet in aws_subnet.public : subnet.id]
}

output "private_subnet_ids" {
  description = "Subnets for the tasks, one per zone."
  value       = [for subnet in aws_subnet.private : subnet.id]
}

output "data_subnet_ids" {
  description = "Subnets for the databases, one per zone."
  value       = [for subnet in aws_subnet.data : subnet.id]
}

output "nat_public_ips" {
  description = "Addresses the service calls out from, for allow lists on the other side."
  value       = [for address in aws_eip.nat : address.public_ip]
}
