# Staging: the same shape as production, so that what passes here passes there, at the smallest size that still has two
# of everything a request meets. One NAT gateway and a database in one zone: their loss is a nuisance, not an incident.

module "switchboard" {
  source = "../../modules/stack"

  environment = "staging"

  image          = var.image
  repository_arn = var.repository_arn
  cpu            = 512
  memory         = 1024
  min_tasks      = 2
  max_tasks      = 4

  auth_mode           = var.auth_mode
  service_environment = var.service_environment
  extra_secrets       = var.extra_secrets
  caller_cidr_blocks  = var.caller_cidr_blocks
  certificate_arn     = var.certificate_arn
  web_acl_arn         = var.web_acl_arn

  cidr_block           = "10.30.0.0/16"
  zone_letters         = ["a", "b"]
  nat_gateway_per_zone = false
  interface_endpoints  = false

  postgresql_instance_class    = "db.t4g.small"
  postgresql_storage_gb        = 20
  postgresql_multi_az          = false
  postgresql_backup_days       = 7
  postgresql_connections_alarm = 150
  postgresql_password          = module.passwords.postgresql_password
  postgresql_password_version  = var.postgresql_password_version
  database_ca_bundle           = var.database_ca_bundle

  valkey_node_type     = "cache.t4g.micro"
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
