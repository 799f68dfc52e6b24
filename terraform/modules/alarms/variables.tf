variable "name" {
  description = "Prefix of the alarms' names."
  type        = string
}

variable "alarm_emails" {
  description = "Addresses that are told; each must confirm once."
  type        = set(string)
}

variable "load_balancer_arn_suffix" {
  description = "Load balancer, as CloudWatch names it."
  type        = string
}

variable "target_group_arn_suffix" {
  description = "Target group, as CloudWatch names it."
  type        = string
}

variable "cluster_name" {
  description = "ECS cluster."
  type        = string
}

variable "service_name" {
  description = "ECS service."
  type        = string
}

variable "min_tasks" {
  description = "Tasks that must always run."
  type        = number
}

variable "postgresql_identifier" {
  description = "RDS instance."
  type        = string
}

variable "postgresql_connections_alarm" {
  description = "Connections from which somebody should look."
  type        = number
}

variable "log_group_name" {
  description = "Log group of the service."
  type        = string
}

variable "log_patterns" {
  description = "CloudWatch filter pattern of the log line that each alarm of log_alarms hears, by the alarm's name."
  type        = map(string)
}

variable "metrics_namespace" {
  description = "CloudWatch namespace of the service's own metrics."
  type        = string
}

variable "latency_p99_seconds" {
  description = "p99 of the response time from which to tell somebody, in seconds."
  type        = number
}

variable "failed_requests_percent" {
  description = "Share of requests ending in 5xx from which to tell somebody, in percent."
  type        = number
}

variable "kms_key_arn" {
  description = "Key that encrypts the notifications."
  type        = string
}
