# Three target trackings on one count: whichever asks for the most tasks wins, and all must agree before any goes.

resource "aws_appautoscaling_target" "this" {
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${aws_ecs_cluster.this.name}/${aws_ecs_service.this.name}"
  min_capacity       = var.min_tasks
  max_capacity       = var.max_tasks
}

locals {
  scaling = {
    cpu      = { metric = "ECSServiceAverageCPUUtilization", target = 70, label = null }
    memory   = { metric = "ECSServiceAverageMemoryUtilization", target = 80, label = null }
    requests = { metric = "ALBRequestCountPerTarget", target = var.requests_per_target_per_minute, label = var.request_count_label }
  }
}

resource "aws_appautoscaling_policy" "this" {
  for_each = local.scaling

  name               = "${var.name}-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension
  resource_id        = aws_appautoscaling_target.this.resource_id

  target_tracking_scaling_policy_configuration {
    target_value = each.value.target
    # Quick to grow, slow to shrink: a burst of safety reports does not wait for a second look.
    scale_out_cooldown = 60
    scale_in_cooldown  = 300

    predefined_metric_specification {
      predefined_metric_type = each.value.metric
      resource_label         = each.value.label
    }
  }
}
