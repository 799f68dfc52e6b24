variable "name" {
  description = "Prefix of the secrets' names."
  type        = string
}

variable "secrets" {
  description = "Secrets to hold: the environment variable that will carry each, and what it is."
  type        = map(string)

  validation {
    condition     = alltrue([for name, _ in var.secrets : can(regex("^[A-Z][A-Z0-9_]*$", name))])
    error_message = "secrets must be keyed by environment variable names, for example OPENAI_API_KEY."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts the secrets."
  type        = string
}
