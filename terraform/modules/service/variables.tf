variable "name" {
  description = "Name of the cluster, the service and its task family."
  type        = string
}

variable "image" {
  description = "Image by digest: registry/repository@sha256:..., so that what was tested is what runs."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image must end in @sha256: and 64 hexadecimal digits; a tag can be moved."
  }
}

variable "repository_arn" {
  description = "ECR repository of the image, for the permission to pull it."
  type        = string
}

variable "collector_image" {
  description = "AWS Distro for OpenTelemetry collector, with a fixed tag or, better, a digest."
  type        = string

  validation {
    condition     = can(regex("(:v[0-9]+\\.[0-9]+\\.[0-9]+|@sha256:[0-9a-f]{64})$", var.collector_image))
    error_message = "collector_image must carry a full version tag such as :v0.49.0, or a digest."
  }
}

variable "cpu" {
  description = "CPU units of a task; 1024 is one vCPU."
  type        = number
}

variable "memory" {
  description = "Memory of a task, in MiB; must be one that Fargate sells with the CPU."
  type        = number
}

variable "min_tasks" {
  description = "Tasks that always run, at least 2: one may fail or move."
  type        = number

  validation {
    condition     = var.min_tasks >= 2
    error_message = "min_tasks must be at least 2: with one, every failure is an outage."
  }
}

variable "max_tasks" {
  description = "Tasks at most, up to 10: the database's connections are counted for that many."
  type        = number

  validation {
    condition     = var.max_tasks >= var.min_tasks && var.max_tasks <= 10
    error_message = "max_tasks must be at least min_tasks and at most 10."
  }
}

variable "requests_per_target_per_minute" {
  description = "Requests per task and minute to scale on."
  type        = number
}

variable "request_count_label" {
  description = "Load balancer and target group as autoscaling names them: app/NAME/ID/targetgroup/NAME/ID."
  type        = string
}

variable "environment" {
  description = "More environment variables for the service; nothing secret."
  type        = map(string)

  validation {
    condition     = length(setintersection(keys(var.environment), ["OPENAI_API_KEY", "DATABASE_URL", "REDIS_URL", "SWITCHBOARD_DATA_KEY"])) == 0
    error_message = "environment must not carry secrets: they belong in Secrets Manager (secret_arns)."
  }
}

variable "secret_arns" {
  description = "Secrets Manager ARN for each secret environment variable."
  type        = map(string)
}

variable "database_ca_bundle" {
  description = "PEM of the certificate authorities of RDS in this region, or an empty string."
  type        = string
}

variable "container_port" {
  description = "Port the service listens on."
  type        = number
}

variable "drain_delay_seconds" {
  description = "Seconds the service still takes requests after SIGTERM while it reports itself not ready."
  type        = number
}

variable "shutdown_grace_seconds" {
  description = "Seconds the service may take after that to finish what it holds."
  type        = number
}

variable "load_balancer_idle_timeout_seconds" {
  description = "Idle timeout of the load balancer; the service keeps connections longer, so that it never closes one just as a request arrives."
  type        = number
}

variable "subnet_ids" {
  description = "Private subnets of the tasks."
  type        = list(string)
}

variable "security_group_id" {
  description = "Security group of the tasks."
  type        = string
}

variable "target_group_arn" {
  description = "Target group the tasks register in."
  type        = string
}

variable "metrics_namespace" {
  description = "CloudWatch namespace of the service's own metrics."
  type        = string
}

variable "log_retention_days" {
  description = "Days to keep the service's log."
  type        = number
}

variable "kms_key_arn" {
  description = "Key that encrypts logs and secrets."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary for the roles made here, or null for none."
  type        = string
}
