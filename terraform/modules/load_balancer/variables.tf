variable "name" {
  description = "Name of the load balancer, at most 32 characters."
  type        = string

  validation {
    condition     = length(var.name) <= 32
    error_message = "name must be at most 32 characters, the limit of a load balancer's name."
  }
}

variable "vpc_id" {
  description = "VPC of the target group."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the load balancer, in at least two zones."
  type        = list(string)
}

variable "security_group_id" {
  description = "Security group of the load balancer."
  type        = string
}

variable "internal" {
  description = "Whether the load balancer has private addresses only."
  type        = bool
}

variable "certificate_arn" {
  description = "ACM certificate of the service's name."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:acm:", var.certificate_arn))
    error_message = "certificate_arn must be the ARN of an ACM certificate."
  }
}

variable "web_acl_arn" {
  description = "WAFv2 web ACL to put in front, or null for none."
  type        = string
}

variable "container_port" {
  description = "Port the service listens on."
  type        = number
}

variable "idle_timeout_seconds" {
  description = "Seconds a connection may be silent."
  type        = number
}

variable "deregistration_delay_seconds" {
  description = "Seconds that requests in flight are given when a task leaves."
  type        = number
}

variable "access_log_retention_days" {
  description = "Days to keep access logs."
  type        = number
}

variable "deletion_protection" {
  description = "Refuse to delete the load balancer and its logs."
  type        = bool
}
