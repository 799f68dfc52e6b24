variable "name" {
  description = "Prefix of every name in this module."
  type        = string
}

variable "vpc_id" {
  description = "VPC the groups belong to."
  type        = string
}

variable "caller_cidr_blocks" {
  description = "IPv4 ranges that may call the service."
  type        = set(string)

  validation {
    condition     = length(var.caller_cidr_blocks) > 0 && alltrue([for block in var.caller_cidr_blocks : can(cidrnetmask(block))])
    error_message = "caller_cidr_blocks must name at least one IPv4 range, for example 203.0.113.0/24."
  }
}

variable "container_port" {
  description = "Port the service listens on."
  type        = number
}
