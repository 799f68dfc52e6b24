variable "name" {
  description = "Name of the key, for example switchboard-production."
  type        = string
}
