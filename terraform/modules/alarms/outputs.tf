output "topic_arn" {
  description = "Topic that every alarm is sent to, for further subscriptions."
  value       = aws_sns_topic.this.arn
}

output "alarm_names" {
  description = "Every alarm."
  value = concat(
    [for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.log : alarm.alarm_name],
    [
      aws_cloudwatch_metric_alarm.latency.alarm_name,
      aws_cloudwatch_metric_alarm.llm_rejected.alarm_name,
      aws_cloudwatch_metric_alarm.failed_requests.alarm_name,
    ],
  )
}
