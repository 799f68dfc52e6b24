variable "name" {
  description = "Prefix of the secrets' names."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that encrypts the secrets."
  type        = string
}

variable "postgresql_password_version" {
  description = "Raise by one to draw a new PostgreSQL password."
  type        = number
}

variable "valkey_token_version" {
  description = "Raise by one to draw a new Valkey token."
  type        = number
}
