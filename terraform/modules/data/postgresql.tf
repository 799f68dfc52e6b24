# PostgreSQL: the records, the audit trail and the outbox. What is lost here is lost for good, so: encrypted, backed up
# with point-in-time recovery, protected against deletion, in two zones where the environment asks for it.

locals {
  database_name = "switchboard"
  database_user = "switchboard"

  # Server certificates of RDS chain to Amazon's own RDS authority, which no public root list holds. With its bundle at
  # hand (PGSSLROOTCERT) the service verifies the server; without, the connection is encrypted but not authenticated.
  ssl_mode = var.database_ca_given ? "verify-full" : "require"
}

resource "aws_db_subnet_group" "this" {
  name_prefix = "${var.name}-"
  description = "${var.name} data subnets"
  subnet_ids  = var.subnet_ids
}

resource "aws_db_parameter_group" "this" {
  name_prefix = "${var.name}-"
  description = "TLS only, slow statements and schema changes logged, never a bound value"
  family      = "postgres${var.postgresql_major_version}"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  parameter {
    name  = "log_statement"
    value = "ddl"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }

  # Bound values may be customer text. Statements are logged with their placeholders and no more, also on error.
  parameter {
    name  = "log_parameter_max_length"
    value = "0"
  }

  parameter {
    name  = "log_parameter_max_length_on_error"
    value = "0"
  }

  lifecycle {
    create_before_destroy = true
  }
}

data "aws_iam_policy_document" "monitoring_assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["monitoring.rds.amazonaws.com"]
    }
  }
}

data "aws_partition" "current" {}

resource "aws_iam_role" "monitoring" {
  name_prefix          = "${var.name}-rds-"
  assume_role_policy   = data.aws_iam_policy_document.monitoring_assume.json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

resource "aws_cloudwatch_log_group" "postgresql" {
  name              = "/aws/rds/instance/${var.name}/postgresql"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_db_instance" "this" {
  # checkov:skip=CKV_AWS_157: two zones in production (a test insists); staging may run in one, to halve its cost
  # checkov:skip=CKV_AWS_293: on by default (the variable can only be turned off to take an environment down)
  identifier = var.name

  engine                      = "postgres"
  engine_version              = var.postgresql_major_version
  instance_class              = var.postgresql_instance_class
  allow_major_version_upgrade = false
  auto_minor_version_upgrade  = true
  ca_cert_identifier          = "rds-ca-rsa2048-g1"
  parameter_group_name        = aws_db_parameter_group.this.name

  db_name                             = local.database_name
  username                            = local.database_user
  password_wo                         = var.postgresql_password
  password_wo_version                 = var.postgresql_password_version
  iam_database_authentication_enabled = true

  storage_type          = "gp3"
  allocated_storage     = var.postgresql_storage_gb
  max_allocated_storage = var.postgresql_storage_gb * 4
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn

  multi_az               = var.postgresql_multi_az
  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [var.postgresql_security_group_id]
  publicly_accessible    = false

  backup_retention_period   = var.postgresql_backup_days
  backup_window             = "02:00-03:00"
  maintenance_window        = "sun:03:30-sun:04:30"
  copy_tags_to_snapshot     = true
  delete_automated_backups  = false
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = false
  final_snapshot_identifier = "${var.name}-final"

  performance_insights_enabled    = true
  performance_insights_kms_key_id = var.kms_key_arn
  monitoring_interval             = 60
  monitoring_role_arn             = aws_iam_role.monitoring.arn
  enabled_cloudwatch_logs_exports = ["postgresql"]

  # The log group must exist first, or RDS makes one without a key and without a retention.
  depends_on = [aws_cloudwatch_log_group.postgresql, aws_iam_role_policy_attachment.monitoring]
}
