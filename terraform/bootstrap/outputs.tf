output "state_bucket" {
  description = "Bucket for backend.hcl."
  value       = aws_s3_bucket.state.id
}

output "repository_arn" {
  description = "ECR repository, for repository_arn of the environments."
  value       = aws_ecr_repository.this.arn
}

output "repository_url" {
  description = "ECR repository, for the workflows' variable ECR_REPOSITORY."
  value       = aws_ecr_repository.this.repository_url
}

output "build_role_arn" {
  description = "For the variable AWS_ROLE_ARN of the GitHub environment build."
  value       = aws_iam_role.build.arn
}

output "plan_role_arns" {
  description = "For the variable AWS_ROLE_ARN of each GitHub environment ...-plan."
  value       = { for name, role in aws_iam_role.plan : name => role.arn }
}

output "deploy_role_arns" {
  description = "For the variable AWS_ROLE_ARN of each GitHub environment."
  value       = { for name, role in aws_iam_role.deploy : name => role.arn }
}

output "permissions_boundary_arn" {
  description = "For permissions_boundary_arn of the environments."
  value       = aws_iam_policy.boundary.arn
}
