variable "name" {
  description = "Prefix of every name in this module, for example switchboard-production."
  type        = string
}

variable "cidr_block" {
  description = "Address range of the VPC, a /16: a /20 per zone for tasks, a /24 per zone for each other ring."
  type        = string

  validation {
    condition     = can(cidrnetmask(var.cidr_block)) && endswith(var.cidr_block, "/16")
    error_message = "cidr_block must be an IPv4 /16, for example 10.20.0.0/16."
  }
}

variable "zone_letters" {
  description = "Availability zones to spread over, by their letters: [\"a\", \"b\"]. Two or three."
  type        = list(string)

  validation {
    condition     = contains([2, 3], length(distinct(var.zone_letters))) && alltrue([for letter in var.zone_letters : can(regex("^[a-f]$", letter))])
    error_message = "zone_letters must be two or three different letters: one zone is a single point of failure, a fourth adds only cost."
  }
}

variable "nat_gateway_per_zone" {
  description = "One NAT gateway per zone (survives the loss of a zone) instead of a single one (cheaper)."
  type        = bool
}

variable "interface_endpoints" {
  description = "Interface endpoints for ECR, CloudWatch Logs and Secrets Manager, instead of reaching them through NAT."
  type        = bool
}

variable "flow_log_retention_days" {
  description = "Days to keep VPC flow logs; a value CloudWatch Logs knows."
  type        = number
}

variable "kms_key_arn" {
  description = "Key that encrypts the flow logs."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary for the roles made here, or null for none."
  type        = string
}
