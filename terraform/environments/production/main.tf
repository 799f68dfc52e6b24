# Production: survives the loss of a zone without a person, keeps 35 days of point-in-time recovery and a year of logs.

module "switchboard" {
  source = "../../modules/stack"

  environment = "production"

  image          = var.image
  repository_arn = var.repository_arn
  cpu            = 1024
  memory         = 2048
  min_tasks      = 2
  max_tasks      = 10

  auth_mode           = var.auth_mode
  service_environment = var.service_environment
  extra_secrets       = var.extra_secrets
  caller_cidr_blocks  = var.caller_cidr_blocks
  certificate_arn     = var.certificate_arn
  web_acl_arn         = var.web_acl_arn

  cidr_block           = "10.40.0.0/16"
  zone_letters         = ["a", "b", "c"]
  nat_gateway_per_zone = true
  interface_endpoints  = true

  postgresql_instance_class    = "db.m7g.large"
  postgresql_storage_gb        = 100
  postgresql_multi_az          = true
  postgresql_backup_days       = 35
  postgresql_connections_alarm = 400
  postgresql_password          = module.passwords.postgresql_password
  postgresql_password_version  = var.postgresql_password_version
  database_ca_bundle           = var.database_ca_bundle

  valkey_node_type     = "cache.t4g.small"
  valkey_token         = module.passwords.valkey_token
  valkey_token_version = var.valkey_token_version

  deletion_protection      = var.deletion_protection
  log_retention_days       = 365
  alarm_emails             = var.alarm_emails
  permissions_boundary_arn = var.permissions_boundary_arn
}

# Outside the stack, because what is ephemeral cannot be mocked, and the stack is tested against mocks.
module "passwords" {
  source = "../../modules/passwords"

  name                        = module.switchboard.name
  kms_key_arn                 = module.switchboard.kms_key_arn
  postgresql_password_version = var.postgresql_password_version
  valkey_token_version        = var.valkey_token_version
}
