# What an environment decides.

variable "environment" {
  description = "Name of the environment: staging or production. Part of every name."
  type        = string

  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "environment must be staging or production."
  }
}

# --- what runs

variable "image" {
  description = "Image by digest: registry/repository@sha256:..."
  type        = string
}

variable "repository_arn" {
  description = "ECR repository of the image."
  type        = string
}

variable "collector_image" {
  description = "AWS Distro for OpenTelemetry collector."
  type        = string
  default     = "public.ecr.aws/aws-observability/aws-otel-collector:v0.49.0"
}

variable "cpu" {
  description = "CPU units of a task (1024 is one vCPU), shared by the service and the collector."
  type        = number
  default     = 1024
}

variable "memory" {
  description = "Memory of a task, in MiB."
  type        = number
  default     = 2048
}

variable "min_tasks" {
  description = "Tasks that always run, at least 2."
  type        = number
  default     = 2
}

variable "max_tasks" {
  description = "Tasks at most, up to 10."
  type        = number
  default     = 10
}

variable "requests_per_target_per_minute" {
  description = "Requests per task and minute to scale on, 60 to 600,000."
  type        = number
  default     = 6000

  validation {
    condition     = var.requests_per_target_per_minute >= 60 && var.requests_per_target_per_minute <= 600000
    error_message = "requests_per_target_per_minute must be 60 to 600000."
  }
}

variable "drain_delay_seconds" {
  description = "Seconds the service still takes requests after SIGTERM, 0 to 60 (server.drain_delay_ms)."
  type        = number
  default     = 2

  validation {
    condition     = var.drain_delay_seconds >= 0 && var.drain_delay_seconds <= 60
    error_message = "drain_delay_seconds must be 0 to 60."
  }
}

variable "shutdown_grace_seconds" {
  description = "Seconds the service may take after that to finish, 10 to 110 (server.shutdown_grace_ms); at least the longest request."
  type        = number
  default     = 25

  validation {
    condition     = var.shutdown_grace_seconds >= 10 && var.shutdown_grace_seconds <= 110
    error_message = "shutdown_grace_seconds must be 10 to 110: a request may take 10 s, and Fargate kills after 120."
  }
}

variable "use_llm" {
  description = "Whether there is an LLM: makes the OPENAI_API_KEY secret. Without, the local model classifies alone."
  type        = bool
  default     = true
}

variable "auth_mode" {
  description = "keys: every caller brings an API key. off: something in front of the load balancer decides who may call."
  type        = string

  validation {
    condition     = contains(["keys", "off"], var.auth_mode)
    error_message = "auth_mode must be keys or off."
  }
}

variable "service_environment" {
  description = "More environment variables for the service; nothing secret."
  type        = map(string)
  default     = {}
}

variable "extra_secrets" {
  description = "More secrets for the service: the environment variable that carries each, and what it is."
  type        = map(string)
  default     = {}
}

# --- who may call

variable "internal" {
  description = "Whether the load balancer has private addresses only."
  type        = bool
  default     = false
}

variable "caller_cidr_blocks" {
  description = "IPv4 ranges that may call the service."
  type        = set(string)
}

variable "certificate_arn" {
  description = "ACM certificate of the service's name."
  type        = string
}

variable "web_acl_arn" {
  description = "WAFv2 web ACL to put in front, or null. Exempt the body of /api/v1/classify from generic rules: customers write what they write."
  type        = string
  default     = null
}

# --- where

variable "cidr_block" {
  description = "Address range of the VPC, a /16."
  type        = string
}

variable "zone_letters" {
  description = "Availability zones to spread over, by their letters; two or three."
  type        = list(string)
  default     = ["a", "b"]
}

variable "nat_gateway_per_zone" {
  description = "One NAT gateway per zone instead of a single one."
  type        = bool
  default     = true
}

variable "interface_endpoints" {
  description = "Private endpoints for ECR, CloudWatch Logs and Secrets Manager."
  type        = bool
  default     = true
}

# --- data

variable "postgresql_major_version" {
  description = "PostgreSQL major version."
  type        = string
  default     = "17"
}

variable "postgresql_instance_class" {
  description = "RDS instance class."
  type        = string
}

variable "postgresql_storage_gb" {
  description = "Storage to start with, in GiB."
  type        = number
  default     = 50
}

variable "postgresql_multi_az" {
  description = "Keep a standby in a second zone."
  type        = bool
  default     = true
}

variable "postgresql_backup_days" {
  description = "Days of point-in-time recovery, 7 to 35."
  type        = number
  default     = 35
}

variable "postgresql_connections_alarm" {
  description = "Connections from which somebody should look."
  type        = number
  default     = 150
}

variable "postgresql_password" {
  description = "Password of the PostgreSQL user, from the passwords module."
  type        = string
  ephemeral   = true
}

variable "postgresql_password_version" {
  description = "Changes when postgresql_password does."
  type        = number
}

variable "database_ca_bundle" {
  description = "PEM of the certificate authorities of RDS in this region; empty encrypts without verifying the server."
  type        = string
  default     = ""

  validation {
    condition     = var.database_ca_bundle == "" || startswith(trimspace(var.database_ca_bundle), "-----BEGIN CERTIFICATE-----")
    error_message = "database_ca_bundle must be PEM certificates, or empty."
  }

  validation {
    condition     = var.environment != "production" || var.database_ca_bundle != ""
    error_message = "database_ca_bundle must be given in production: records travel over that connection."
  }
}

variable "valkey_node_type" {
  description = "ElastiCache node type."
  type        = string
}

variable "valkey_token" {
  description = "Token of Valkey, from the passwords module."
  type        = string
  sensitive   = true
}

variable "valkey_token_version" {
  description = "Changes when valkey_token does."
  type        = number
}

# --- keeping and watching

variable "deletion_protection" {
  description = "Refuse to delete the database, the load balancer and its logs."
  type        = bool
  default     = true
}

variable "log_retention_days" {
  description = "Days to keep logs: at least a year where an auditor asks, a value CloudWatch Logs knows."
  type        = number
  default     = 365

  validation {
    condition     = contains([365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be 365 or more, and a value CloudWatch Logs knows: 365, 400, 545, 731, 1096, ..."
  }
}

variable "alarm_emails" {
  description = "Addresses that alarms are sent to; each must confirm once."
  type        = set(string)

  validation {
    condition     = length(var.alarm_emails) > 0
    error_message = "alarm_emails must name somebody: an alarm nobody hears is none."
  }
}

variable "latency_p99_seconds" {
  description = "p99 of the response time from which to tell somebody, in seconds."
  type        = number
  default     = 5
}

variable "failed_requests_percent" {
  description = "Share of requests ending in 5xx from which to tell somebody, in percent."
  type        = number
  default     = 1
}

variable "log_patterns" {
  description = "CloudWatch filter patterns of the log lines that ring an alarm, by the alarm's name."
  type        = map(string)
  default = {
    llm-refused     = "{ $.message = \"LLM switched off: the service refuses our key or account; answers come from the local model\" }"
    sla-near        = "{ $.message = \"a record is due soon and nobody acknowledged it\" && $.kind = \"compliance\" }"
    sla-breach      = "{ $.message = \"a record's due time passed\" }"
    sla-clock-held  = "{ $.message = \"the SLA clock marks nothing: this machine's clock is too far ahead of the database's\" }"
    sla-clock-blind = "{ $.message = \"the SLA clock could not look; trying again\" }"
    table-locked    = "{ $.message = \"a table of ours is locked by another session of the database: no record can be kept\" }"
    outside-system  = "{ $.message = \"a delivery breaker changed its state\" && $.state = \"open\" }"
    delivery-dead   = "{ $.message = \"a delivery was given up\" }"
  }
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary for every role, or null for none. The deploy role can only make roles that carry it."
  type        = string
  default     = null
}
