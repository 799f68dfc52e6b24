variable "account_id" {
  description = "AWS account to prepare; any other is refused."
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

variable "github_repository" {
  description = "Repository whose workflows may push and deploy, as owner/name."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository must be owner/name."
  }
}

variable "environments" {
  description = "Environments deployed into this account; each gets a deploy role that only its GitHub environment can assume."
  type        = set(string)
  default     = ["staging", "production"]

  validation {
    condition     = length(setsubtract(var.environments, ["staging", "production"])) == 0
    error_message = "environments may hold staging and production."
  }
}
