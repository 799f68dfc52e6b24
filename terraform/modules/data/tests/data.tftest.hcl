# What must hold of the data, whatever the size: checked against a mock of AWS.

mock_provider "aws" {
  mock_data "aws_iam_policy_document" { defaults = { json = "{}" } }
  mock_data "aws_partition" { defaults = { partition = "aws" } }
  mock_resource "aws_iam_role" { defaults = { arn = "arn:aws:iam::111122223333:role/mock" } }
  mock_resource "aws_secretsmanager_secret" { defaults = { arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:mock" } }
}

variables {
  name                         = "switchboard-test"
  subnet_ids                   = ["subnet-a", "subnet-b"]
  postgresql_security_group_id = "sg-postgresql"
  valkey_security_group_id     = "sg-valkey"
  kms_key_arn                  = "arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-0000-0000-000000000000"
  postgresql_major_version     = "17"
  postgresql_instance_class    = "db.t4g.small"
  postgresql_storage_gb        = 20
  postgresql_multi_az          = true
  postgresql_backup_days       = 7
  postgresql_password          = "not-a-real-password"
  postgresql_password_version  = 1
  database_ca_given            = true
  valkey_node_type             = "cache.t4g.micro"
  valkey_token                 = "not-a-real-token-either"
  valkey_token_version         = 1
  deletion_protection          = true
  log_retention_days           = 365
  permissions_boundary_arn     = null
}

run "the_data_are_kept_and_closed" {
  # records are encrypted backed up and protected
  assert {
    condition     = aws_db_instance.this.storage_encrypted && aws_db_instance.this.kms_key_id == var.kms_key_arn
    error_message = "PostgreSQL must be encrypted with the environment's key."
  }

  assert {
    condition     = aws_db_instance.this.backup_retention_period >= 7 && !aws_db_instance.this.skip_final_snapshot && aws_db_instance.this.deletion_protection
    error_message = "PostgreSQL must keep backups, refuse deletion and leave a last snapshot."
  }

  assert {
    condition     = aws_db_instance.this.publicly_accessible == false
    error_message = "PostgreSQL must have no public address."
  }

  assert {
    condition     = length([for p in aws_db_parameter_group.this.parameter : p if p.name == "rds.force_ssl" && p.value == "1"]) == 1
    error_message = "PostgreSQL must refuse connections without TLS."
  }

  assert {
    condition     = alltrue([for name in ["log_parameter_max_length", "log_parameter_max_length_on_error"] : length([for p in aws_db_parameter_group.this.parameter : p if p.name == name && p.value == "0"]) == 1])
    error_message = "Bound values may be customer text and must not be logged."
  }

  # no password is in the state
  assert {
    condition     = aws_db_instance.this.password == null && aws_db_instance.this.password_wo == null
    error_message = "The PostgreSQL password must be written through the write-only argument alone."
  }

  assert {
    condition     = alltrue([for version in [aws_secretsmanager_secret_version.database_url, aws_secretsmanager_secret_version.redis_url] : version.secret_string_wo == null])
    error_message = "The URLs must be written through the write-only argument alone."
  }

  # valkey is encrypted authenticated and doubled
  assert {
    condition     = aws_elasticache_replication_group.this.engine == "valkey"
    error_message = "The cache must be Valkey."
  }

  assert {
    condition = (
      aws_elasticache_replication_group.this.transit_encryption_enabled
      && aws_elasticache_replication_group.this.transit_encryption_mode == "required"
      && tobool(aws_elasticache_replication_group.this.at_rest_encryption_enabled)
      && aws_elasticache_replication_group.this.auth_token != null
    )
    error_message = "Valkey must ask for TLS and a token, and encrypt at rest."
  }

  assert {
    condition     = aws_elasticache_replication_group.this.automatic_failover_enabled && aws_elasticache_replication_group.this.num_cache_clusters == 2
    error_message = "Valkey must fail over to a second node."
  }
}

run "without_the_certificate_bundle_the_server_is_not_verified" {
  command = plan

  variables {
    database_ca_given = false
  }

  assert {
    condition     = local.ssl_mode == "require"
    error_message = "Without the bundle, verify-full could not connect."
  }
}

run "the_url_is_written_anew_when_the_password_is" {
  variables {
    postgresql_password_version = 2
  }

  assert {
    condition     = aws_secretsmanager_secret_version.database_url.secret_string_wo_version != run.the_data_are_kept_and_closed.database_url_version
    error_message = "A rotated password must also reach DATABASE_URL."
  }
}

run "one_zone_is_refused" {
  command = plan

  variables {
    subnet_ids = ["subnet-a"]
  }

  expect_failures = [var.subnet_ids]
}

run "too_few_backups_are_refused" {
  command = plan

  variables {
    postgresql_backup_days = 1
  }

  expect_failures = [var.postgresql_backup_days]
}
