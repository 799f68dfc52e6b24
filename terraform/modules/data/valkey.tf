# Valkey: the rate limits that replicas share. It holds counters that live for minutes, no customer data; when it is
# away the service falls back to a limit per replica, so it is highly available but not backed up.

resource "aws_elasticache_subnet_group" "this" {
  name        = "${var.name}-valkey"
  description = "${var.name} data subnets"
  subnet_ids  = var.subnet_ids
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id = var.name
  description          = "${var.name} shared rate limits"

  engine               = "valkey"
  engine_version       = "8.0"
  parameter_group_name = "default.valkey8"
  node_type            = var.valkey_node_type
  port                 = 6379

  num_cache_clusters         = 2
  automatic_failover_enabled = true
  multi_az_enabled           = true

  subnet_group_name  = aws_elasticache_subnet_group.this.name
  security_group_ids = [var.valkey_security_group_id]

  at_rest_encryption_enabled = true
  kms_key_id                 = var.kms_key_arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"

  # The one secret in the state: the provider has no write-only argument for it yet. The state is encrypted and only
  # the deploy roles read it; the token opens nothing but rate-limit counters, from inside the VPC.
  auth_token                 = var.valkey_token
  auth_token_update_strategy = "ROTATE"

  auto_minor_version_upgrade = true
  maintenance_window         = "sun:04:30-sun:05:30"
  snapshot_retention_limit   = 0
  apply_immediately          = false
}
