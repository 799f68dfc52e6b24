variable "name" {
  description = "Prefix of every name in this module, and the identifier of both databases."
  type        = string
}

variable "subnet_ids" {
  description = "Data subnets, in at least two zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must name subnets in at least two zones: RDS and ElastiCache fail over between them."
  }
}

variable "postgresql_security_group_id" {
  description = "Security group of PostgreSQL."
  type        = string
}

variable "valkey_security_group_id" {
  description = "Security group of Valkey."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that encrypts storage, backups, secrets and logs."
  type        = string
}

variable "postgresql_major_version" {
  description = "PostgreSQL major version, for example \"17\". Minor versions follow by themselves."
  type        = string

  validation {
    condition     = contains(["15", "16", "17"], var.postgresql_major_version)
    error_message = "postgresql_major_version must be 15, 16 or 17: the versions the test suite has run on."
  }
}

variable "postgresql_instance_class" {
  description = "RDS instance class, for example db.t4g.medium."
  type        = string

  validation {
    condition     = startswith(var.postgresql_instance_class, "db.")
    error_message = "postgresql_instance_class must be an RDS class, for example db.t4g.medium."
  }
}

variable "postgresql_storage_gb" {
  description = "Storage to start with, in GiB; grows by itself to four times that."
  type        = number

  validation {
    condition     = var.postgresql_storage_gb >= 20 && var.postgresql_storage_gb <= 16384
    error_message = "postgresql_storage_gb must be 20 to 16384."
  }
}

variable "postgresql_multi_az" {
  description = "Keep a standby in a second zone."
  type        = bool
}

variable "postgresql_backup_days" {
  description = "Days of automatic backups, and so the window of point-in-time recovery: 7 to 35."
  type        = number

  validation {
    condition     = var.postgresql_backup_days >= 7 && var.postgresql_backup_days <= 35
    error_message = "postgresql_backup_days must be 7 to 35."
  }
}

variable "postgresql_password" {
  description = "Password of the PostgreSQL user; ephemeral, so that it reaches no plan and no state."
  type        = string
  ephemeral   = true
}

variable "postgresql_password_version" {
  description = "Changes when postgresql_password does."
  type        = number
}

variable "database_ca_given" {
  description = "Whether the tasks are given the RDS certificate bundle, so that they can verify the server."
  type        = bool
}

variable "valkey_node_type" {
  description = "ElastiCache node type, for example cache.t4g.small."
  type        = string

  validation {
    condition     = startswith(var.valkey_node_type, "cache.")
    error_message = "valkey_node_type must be an ElastiCache type, for example cache.t4g.small."
  }
}

variable "valkey_token" {
  description = "Token of Valkey."
  type        = string
  sensitive   = true
}

variable "valkey_token_version" {
  description = "Changes when valkey_token does."
  type        = number
}

variable "deletion_protection" {
  description = "Refuse to delete the database."
  type        = bool
}

variable "log_retention_days" {
  description = "Days to keep the database's log."
  type        = number
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary for the roles made here, or null for none."
  type        = string
}
