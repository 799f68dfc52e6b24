# One environment, whole: the modules in the order a request meets them. Staging and production differ only in what
# they pass in here.

locals {
  name              = "switchboard-${var.environment}"
  metrics_namespace = "Switchboard/${var.environment}"
  container_port    = 8000
  idle_timeout      = 60

  # The load balancer waits this long for requests in flight before ECS sends SIGTERM: as long as the service itself would.
  deregistration_delay = var.drain_delay_seconds + var.shutdown_grace_seconds + 3

  # Secrets a person supplies; the databases' URLs come from the data module.
  supplied_secrets = merge(
    { SWITCHBOARD_DATA_KEY = "Key that encrypts verbatim customer text; without it the text is unreadable for good" },
    var.auth_mode == "keys" ? { SWITCHBOARD__AUTH__KEYS = "API keys that may call: a name and the SHA-256 of the key for each" } : {},
    var.use_llm ? { OPENAI_API_KEY = "Key of the LLM provider" } : {},
    var.extra_secrets,
  )
}

module "encryption" {
  source = "../encryption"

  name = local.name
}

module "network" {
  source = "../network"

  name                     = local.name
  cidr_block               = var.cidr_block
  zone_letters             = var.zone_letters
  nat_gateway_per_zone     = var.nat_gateway_per_zone
  interface_endpoints      = var.interface_endpoints
  flow_log_retention_days  = var.log_retention_days
  kms_key_arn              = module.encryption.key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
}

module "security_groups" {
  source = "../security_groups"

  name               = local.name
  vpc_id             = module.network.vpc_id
  caller_cidr_blocks = var.caller_cidr_blocks
  container_port     = local.container_port
}

module "load_balancer" {
  source = "../load_balancer"

  name                         = local.name
  vpc_id                       = module.network.vpc_id
  subnet_ids                   = var.internal ? module.network.private_subnet_ids : module.network.public_subnet_ids
  security_group_id            = module.security_groups.load_balancer_id
  internal                     = var.internal
  certificate_arn              = var.certificate_arn
  web_acl_arn                  = var.web_acl_arn
  container_port               = local.container_port
  idle_timeout_seconds         = local.idle_timeout
  deregistration_delay_seconds = local.deregistration_delay
  access_log_retention_days    = var.log_retention_days
  deletion_protection          = var.deletion_protection
}

module "secrets" {
  source = "../secrets"

  name        = local.name
  secrets     = local.supplied_secrets
  kms_key_arn = module.encryption.key_arn
}

module "data" {
  source = "../data"

  name                         = local.name
  subnet_ids                   = module.network.data_subnet_ids
  postgresql_security_group_id = module.security_groups.postgresql_id
  valkey_security_group_id     = module.security_groups.valkey_id
  kms_key_arn                  = module.encryption.key_arn
  postgresql_major_version     = var.postgresql_major_version
  postgresql_instance_class    = var.postgresql_instance_class
  postgresql_storage_gb        = var.postgresql_storage_gb
  postgresql_multi_az          = var.postgresql_multi_az
  postgresql_backup_days       = var.postgresql_backup_days
  postgresql_password          = var.postgresql_password
  postgresql_password_version  = var.postgresql_password_version
  database_ca_given            = var.database_ca_bundle != ""
  valkey_node_type             = var.valkey_node_type
  valkey_token                 = var.valkey_token
  valkey_token_version         = var.valkey_token_version
  deletion_protection          = var.deletion_protection
  log_retention_days           = var.log_retention_days
  permissions_boundary_arn     = var.permissions_boundary_arn
}

module "service" {
  source = "../service"

  name                               = local.name
  image                              = var.image
  repository_arn                     = var.repository_arn
  collector_image                    = var.collector_image
  cpu                                = var.cpu
  memory                             = var.memory
  min_tasks                          = var.min_tasks
  max_tasks                          = var.max_tasks
  requests_per_target_per_minute     = var.requests_per_target_per_minute
  request_count_label                = "${module.load_balancer.arn_suffix}/${module.load_balancer.target_group_arn_suffix}"
  environment                        = merge({ SWITCHBOARD__AUTH__MODE = var.auth_mode }, var.service_environment)
  secret_arns                        = merge(module.secrets.arns, module.data.secret_arns)
  database_ca_bundle                 = var.database_ca_bundle
  container_port                     = local.container_port
  drain_delay_seconds                = var.drain_delay_seconds
  shutdown_grace_seconds             = var.shutdown_grace_seconds
  load_balancer_idle_timeout_seconds = local.idle_timeout
  subnet_ids                         = module.network.private_subnet_ids
  security_group_id                  = module.security_groups.tasks_id
  target_group_arn                   = module.load_balancer.target_group_arn
  metrics_namespace                  = local.metrics_namespace
  log_retention_days                 = var.log_retention_days
  kms_key_arn                        = module.encryption.key_arn
  permissions_boundary_arn           = var.permissions_boundary_arn
}

module "alarms" {
  source = "../alarms"

  name                         = local.name
  alarm_emails                 = var.alarm_emails
  load_balancer_arn_suffix     = module.load_balancer.arn_suffix
  target_group_arn_suffix      = module.load_balancer.target_group_arn_suffix
  cluster_name                 = module.service.cluster_name
  service_name                 = module.service.service_name
  min_tasks                    = var.min_tasks
  postgresql_identifier        = module.data.postgresql_identifier
  postgresql_connections_alarm = var.postgresql_connections_alarm
  log_group_name               = module.service.log_group_name
  log_patterns                 = var.log_patterns
  metrics_namespace            = local.metrics_namespace
  latency_p99_seconds          = var.latency_p99_seconds
  failed_requests_percent      = var.failed_requests_percent
  kms_key_arn                  = module.encryption.key_arn
}
