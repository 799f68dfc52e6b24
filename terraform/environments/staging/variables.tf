# What differs from one account or deployment to the next, and (in settings.auto.tfvars, which is committed) from one month to the
# next. What makes this environment what it is stands in main.tf.

variable "account_id" {
  description = "AWS account this environment lives in; any other is refused."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be 12 digits."
  }
}

variable "region" {
  description = "AWS region."
  type        = string
  default     = "eu-central-1"
}

variable "image" {
  description = "Image by digest: registry/repository@sha256:... CD passes what it built and tested."
  type        = string
}

variable "repository_arn" {
  description = "ECR repository of the image (output of bootstrap)."
  type        = string
}

variable "certificate_arn" {
  description = "ACM certificate of the service's name."
  type        = string
}

variable "caller_cidr_blocks" {
  description = "IPv4 ranges that may call the service."
  type        = set(string)
}

variable "alarm_emails" {
  description = "Addresses that alarms are sent to."
  type        = set(string)
}

variable "auth_mode" {
  description = "keys: every caller brings an API key. off: something in front of the load balancer decides who may call."
  type        = string
  default     = "keys"
}

variable "service_environment" {
  description = "More environment variables for the service, for example where tickets go; nothing secret."
  type        = map(string)
  default     = {}
}

variable "extra_secrets" {
  description = "More secrets for the service: the environment variable that carries each, and what it is. A person puts their values in."
  type        = map(string)
  default     = {}
}

variable "web_acl_arn" {
  description = "WAFv2 web ACL to put in front, or null."
  type        = string
  default     = null
}

variable "database_ca_bundle" {
  description = "PEM of the certificate authorities of RDS in this region; scripts/plan.sh fetches it."
  type        = string
  default     = ""
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of every role (output of bootstrap)."
  type        = string
}

variable "postgresql_password_version" {
  description = "Raise by one to rotate the PostgreSQL password."
  type        = number
  default     = 1
}

variable "valkey_token_version" {
  description = "Raise by one to rotate the Valkey token."
  type        = number
  default     = 1
}

variable "deletion_protection" {
  description = "Turn off only to take the environment down, in an apply of its own."
  type        = bool
  default     = true
}
