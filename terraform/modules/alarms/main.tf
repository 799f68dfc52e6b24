# What wakes somebody. Each alarm is about what a caller or a patient would notice, names what to do first in its
# description, and sends both its start and its end.

locals {
  load_balancer = { LoadBalancer = var.load_balancer_arn_suffix }
  target_group  = { LoadBalancer = var.load_balancer_arn_suffix, TargetGroup = var.target_group_arn_suffix }
  ecs_service   = { ClusterName = var.cluster_name, ServiceName = var.service_name }
  runbook       = "Runbook: terraform/README.md, When an alarm rings."

  # One line in the service's log is enough, unless `periods` asks for one in each of so many periods. The service says each of these once for
  # each time that it happens, whichever replica it is.
  log_alarms = {
    llm-refused = {
      metric      = "LlmRefused"
      period      = 900
      description = "The LLM refuses our key or account: the local model answers every message. Put in a valid OPENAI_API_KEY, or pay."
    }
    sla-near = {
      metric      = "SlaNear"
      period      = 60
      description = "A safety report has a quarter of its time left and nobody acknowledged it. `switchboard records list --sort due --kind compliance`, then call who is on duty."
    }
    sla-breach = {
      metric      = "SlaBreaches"
      period      = 60
      description = "A record passed its due time unhandled, perhaps a safety report. `switchboard records list --sort due`, then call who owns it."
    }
    # Where due times are not looked at, the two above stay silent.
    sla-clock-held = {
      metric      = "SlaClockHeld"
      period      = 60
      description = "A task's clock is too far ahead of the database's: it marks nothing as due soon or breached, and its new reports are due too late. Where every task says so, sla-near and sla-breach stay silent."
    }
    # Said again every few seconds while it lasts. A failover of the database takes a minute or two and needs nobody.
    sla-clock-blind = {
      metric      = "SlaClockBlind"
      period      = 60
      periods     = 3
      description = "No due times can be looked at: the database cannot be read or written, so sla-near and sla-breach stay silent."
    }
    table-locked = {
      metric      = "TablesLocked"
      period      = 60
      description = "Another session of PostgreSQL has locked a table that records go into: each message that needs a record gets 503 until it ends, and due times may not be marked. The log line names the session."
    }
    # Each probe that fails says so again, at most ten minutes after the one before.
    outside-system = {
      metric      = "OutsideSystemsAway"
      period      = 900
      description = "The ticketing or compliance system does not answer: records are safe, but people there see nothing new. `switchboard outbox list`."
    }
    delivery-dead = {
      metric      = "DeadDeliveries"
      period      = 60
      description = "The service gave up delivering a ticket or a report. `switchboard outbox list --state dead`, then retry."
    }
  }

  # Plain thresholds on one metric each; the ratio of failed requests is below.
  alarms = {
    unhealthy-hosts = {
      description = "A task fails /api/v1/ready: its store is not writable. See the service's log."
      namespace   = "AWS/ApplicationELB", metric = "UnHealthyHostCount", dimensions = local.target_group
      statistic   = "Maximum", comparison = "GreaterThanOrEqualToThreshold", threshold = 1, period = 60, periods = 3, missing = "notBreaching"
    }
    no-healthy-hosts = {
      description = "No task can serve: callers get 503. Roll back the last deployment, then look at the database."
      namespace   = "AWS/ApplicationELB", metric = "HealthyHostCount", dimensions = local.target_group
      statistic   = "Maximum", comparison = "LessThanThreshold", threshold = 1, period = 60, periods = 2, missing = "breaching"
    }
    load-balancer-5xx = {
      description = "The load balancer itself answers 5xx: no task answered it. Look at task stops and target health."
      namespace   = "AWS/ApplicationELB", metric = "HTTPCode_ELB_5XX_Count", dimensions = local.load_balancer
      statistic   = "Sum", comparison = "GreaterThanThreshold", threshold = 10, period = 60, periods = 3, missing = "notBreaching"
    }
    running-tasks = {
      description = "Fewer tasks run than must. Look at the service's events in ECS."
      namespace   = "ECS/ContainerInsights", metric = "RunningTaskCount", dimensions = local.ecs_service
      statistic   = "Minimum", comparison = "LessThanThreshold", threshold = var.min_tasks, period = 60, periods = 5, missing = "breaching"
    }
    postgresql-storage = {
      description = "Less than 5 GiB free in PostgreSQL. Records cannot be written once it is full."
      namespace   = "AWS/RDS", metric = "FreeStorageSpace", dimensions = { DBInstanceIdentifier = var.postgresql_identifier }
      statistic   = "Minimum", comparison = "LessThanThreshold", threshold = 5 * 1024 * 1024 * 1024, period = 300, periods = 2, missing = "breaching"
    }
    postgresql-cpu = {
      description = "PostgreSQL is busy. See Performance Insights for the statement."
      namespace   = "AWS/RDS", metric = "CPUUtilization", dimensions = { DBInstanceIdentifier = var.postgresql_identifier }
      statistic   = "Average", comparison = "GreaterThanThreshold", threshold = 80, period = 300, periods = 3, missing = "breaching"
    }
    postgresql-connections = {
      description = "Close to PostgreSQL's connection limit. Lower the pool size or take a larger class."
      namespace   = "AWS/RDS", metric = "DatabaseConnections", dimensions = { DBInstanceIdentifier = var.postgresql_identifier }
      statistic   = "Maximum", comparison = "GreaterThanThreshold", threshold = var.postgresql_connections_alarm, period = 60, periods = 5, missing = "notBreaching"
    }
  }
}

resource "aws_sns_topic" "this" {
  name              = "${var.name}-alarms"
  kms_master_key_id = var.kms_key_arn
}

resource "aws_sns_topic_subscription" "mail" {
  for_each = var.alarm_emails

  topic_arn = aws_sns_topic.this.arn
  protocol  = "email"
  endpoint  = each.value
}

data "aws_caller_identity" "current" {}

data "aws_iam_policy_document" "topic" {
  statement {
    sid       = "AlarmsOfThisAccountPublish"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.this.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_sns_topic_policy" "this" {
  arn    = aws_sns_topic.this.arn
  policy = data.aws_iam_policy_document.topic.json
}

resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each = local.log_alarms

  name           = "${var.name}-${each.key}"
  log_group_name = var.log_group_name
  pattern        = var.log_patterns[each.key]

  metric_transformation {
    namespace     = var.metrics_namespace
    name          = each.value.metric
    value         = "1"
    default_value = "0"
  }
}

moved {
  from = aws_cloudwatch_log_metric_filter.sla_breach
  to   = aws_cloudwatch_log_metric_filter.this["sla-breach"]
}

moved {
  from = aws_cloudwatch_log_metric_filter.delivery_dead
  to   = aws_cloudwatch_log_metric_filter.this["delivery-dead"]
}

resource "aws_cloudwatch_metric_alarm" "log" {
  for_each = local.log_alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.description} ${local.runbook}"
  namespace           = var.metrics_namespace
  metric_name         = each.value.metric
  statistic           = "Sum"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  period              = each.value.period
  evaluation_periods  = try(each.value.periods, 1)
  treat_missing_data  = "notBreaching"

  alarm_actions = [aws_sns_topic.this.arn]
  ok_actions    = [aws_sns_topic.this.arn]
}

moved {
  from = aws_cloudwatch_metric_alarm.this["sla-breach"]
  to   = aws_cloudwatch_metric_alarm.log["sla-breach"]
}

moved {
  from = aws_cloudwatch_metric_alarm.this["delivery-dead"]
  to   = aws_cloudwatch_metric_alarm.log["delivery-dead"]
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.description} ${local.runbook}"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = each.value.period
  evaluation_periods  = each.value.periods
  treat_missing_data  = each.value.missing

  alarm_actions = [aws_sns_topic.this.arn]
  ok_actions    = [aws_sns_topic.this.arn]
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  alarm_name          = "${var.name}-latency"
  alarm_description   = "One request in a hundred takes longer than ${var.latency_p99_seconds} s. Is the LLM slow, or its breaker open? ${local.runbook}"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "TargetResponseTime"
  dimensions          = local.target_group
  extended_statistic  = "p99"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.latency_p99_seconds
  period              = 60
  evaluation_periods  = 5
  treat_missing_data  = "notBreaching"

  # A handful of requests has no meaningful p99.
  evaluate_low_sample_count_percentiles = "ignore"

  alarm_actions = [aws_sns_topic.this.arn]
  ok_actions    = [aws_sns_topic.this.arn]
}

# A wrong model name or address is answered with a 404 or the like: that is no outage, so the breaker stays closed, nothing is logged, and every
# message is degraded. A query, because the collector adds dimensions of its own, which an alarm on one metric would have to name.
resource "aws_cloudwatch_metric_alarm" "llm_rejected" {
  alarm_name          = "${var.name}-llm-rejected"
  alarm_description   = "The LLM does not accept what it is asked: the local model answers. Is OPENAI_MODEL right, and OPENAI_BASE_URL? ${local.runbook}"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 3
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "rejected"
    label       = "Calls that the LLM rejected"
    expression  = "SELECT SUM(switchboard_llm_prompt_calls_total) FROM \"${var.metrics_namespace}\" WHERE outcome = 'rejected'"
    period      = 900
    return_data = true
  }

  alarm_actions = [aws_sns_topic.this.arn]
  ok_actions    = [aws_sns_topic.this.arn]
}

# A ratio, not a count: ten failures are nothing in a rush hour and everything at night.
resource "aws_cloudwatch_metric_alarm" "failed_requests" {
  alarm_name          = "${var.name}-failed-requests"
  alarm_description   = "More than ${var.failed_requests_percent} % of requests end in 5xx. Roll back if a deployment just went out. ${local.runbook}"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.failed_requests_percent
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "percent"
    label       = "Requests that end in 5xx, in percent"
    expression  = "IF(requests > 0, 100 * FILL(failed, 0) / requests, 0)"
    return_data = true
  }

  metric_query {
    id = "failed"

    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "HTTPCode_Target_5XX_Count"
      dimensions  = local.target_group
      period      = 60
      stat        = "Sum"
    }
  }

  metric_query {
    id = "requests"

    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "RequestCount"
      dimensions  = local.target_group
      period      = 60
      stat        = "Sum"
    }
  }

  alarm_actions = [aws_sns_topic.this.arn]
  ok_actions    = [aws_sns_topic.this.arn]
}
