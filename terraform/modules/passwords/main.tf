# Passwords are drawn by Secrets Manager, written to it through write-only arguments and read back as ephemeral values:
# they appear in no plan and, but for the Valkey token, in no state. Raising a `*_version` variable rotates one.
#
# Each password is stored first and read back: what the databases and their URLs get is what was stored, not what was
# drawn, so an apply that fails half way leaves nothing that a second apply does not put right.

ephemeral "aws_secretsmanager_random_password" "postgresql" {
  password_length     = 40
  exclude_punctuation = true
}

ephemeral "aws_secretsmanager_random_password" "valkey" {
  password_length     = 40
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret" "postgresql_password" {
  # checkov:skip=CKV2_AWS_57: rotated by raising postgresql_password_version, which changes server and secret together
  name                    = "${var.name}/postgresql-password"
  description             = "Password of the PostgreSQL user switchboard; for people, the service reads DATABASE_URL"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = 30
}

resource "aws_secretsmanager_secret_version" "postgresql_password" {
  secret_id                = aws_secretsmanager_secret.postgresql_password.id
  secret_string_wo         = ephemeral.aws_secretsmanager_random_password.postgresql.random_password
  secret_string_wo_version = var.postgresql_password_version
}

ephemeral "aws_secretsmanager_secret_version" "postgresql_password" {
  secret_id = aws_secretsmanager_secret_version.postgresql_password.secret_id
}

resource "aws_secretsmanager_secret" "valkey_token" {
  # checkov:skip=CKV2_AWS_57: rotated by raising valkey_token_version, which changes server and secret together
  name                    = "${var.name}/valkey-token"
  description             = "Token of Valkey; for people, the service reads REDIS_URL"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = 30
}

resource "aws_secretsmanager_secret_version" "valkey_token" {
  secret_id                = aws_secretsmanager_secret.valkey_token.id
  secret_string_wo         = ephemeral.aws_secretsmanager_random_password.valkey.random_password
  secret_string_wo_version = var.valkey_token_version
}

data "aws_secretsmanager_secret_version" "valkey_token" {
  secret_id  = aws_secretsmanager_secret.valkey_token.id
  depends_on = [aws_secretsmanager_secret_version.valkey_token]
}
