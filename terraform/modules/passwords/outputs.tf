output "postgresql_password" {
  description = "Password of the PostgreSQL user."
  value       = ephemeral.aws_secretsmanager_secret_version.postgresql_password.secret_string
  ephemeral   = true
}

output "valkey_token" {
  description = "Token of Valkey."
  value       = data.aws_secretsmanager_secret_version.valkey_token.secret_string
  sensitive   = true
}
