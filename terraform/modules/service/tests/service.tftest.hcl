# What must hold of the running service: checked against a mock of AWS. The container definitions are read back as ECS
# would read them.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_iam_policy_document" { defaults = { json = "{}" } }
  mock_data "aws_region" { defaults = { name = "eu-central-1" } }
  mock_data "aws_caller_identity" { defaults = { account_id = "111122223333" } }
  mock_resource "aws_cloudwatch_log_group" { defaults = { arn = "arn:aws:logs:eu-central-1:111122223333:log-group:mock" } }
  mock_resource "aws_iam_role" { defaults = { arn = "arn:aws:iam::111122223333:role/mock" } }
  mock_resource "aws_ecs_task_definition" { defaults = { arn = "arn:aws:ecs:eu-central-1:111122223333:task-definition/mock:1" } }
}

variables {
  name                               = "switchboard-test"
  image                              = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/switchboard@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  repository_arn                     = "arn:aws:ecr:eu-central-1:111122223333:repository/switchboard"
  collector_image                    = "public.ecr.aws/aws-observability/aws-otel-collector:v0.49.0"
  cpu                                = 1024
  memory                             = 2048
  min_tasks                          = 2
  max_tasks                          = 10
  requests_per_target_per_minute     = 6000
  request_count_label                = "app/mock/0123456789abcdef/targetgroup/mock/0123456789abcdef"
  environment                        = { SWITCHBOARD__AUTH__MODE = "off" }
  database_ca_bundle                 = ""
  container_port                     = 8000
  drain_delay_seconds                = 2
  shutdown_grace_seconds             = 25
  load_balancer_idle_timeout_seconds = 60
  subnet_ids                         = ["subnet-private-a", "subnet-private-b"]
  security_group_id                  = "sg-mock"
  target_group_arn                   = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/mock/0123456789abcdef"
  metrics_namespace                  = "Switchboard/test"
  log_retention_days                 = 365
  kms_key_arn                        = "arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-0000-0000-000000000000"
  permissions_boundary_arn           = null

  secret_arns = {
    OPENAI_API_KEY = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:switchboard-test/OPENAI_API_KEY"
    DATABASE_URL   = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:switchboard-test/DATABASE_URL"
  }
}

run "the_service_is_what_was_meant" {
  command = plan

  # secrets come from secrets manager alone
  assert {
    condition = (
      toset([for s in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].secrets : s.name]) == toset(keys(var.secret_arns))
      && alltrue([for s in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].secrets : startswith(s.valueFrom, "arn:aws:secretsmanager:")])
    )
    error_message = "Each secret must be injected from Secrets Manager."
  }

  assert {
    condition = length(flatten([
      for container in jsondecode(aws_ecs_task_definition.this.container_definitions) :
      [for e in container.environment : e.name if can(regex("(?i)(key|token|password|secret|_url)$", e.name))]
    ])) == 0
    error_message = "No plain environment variable may be named like a secret."
  }

  # containers are hardened
  assert {
    condition = alltrue([
      for container in jsondecode(aws_ecs_task_definition.this.container_definitions) :
      container.readonlyRootFilesystem && contains(container.linuxParameters.capabilities.drop, "ALL")
    ])
    error_message = "Every container must have a read-only root and no capabilities."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].user == "65532:65532"
    error_message = "The service must not run as root."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].healthCheck.command == ["CMD", "/switchboard", "health"]
    error_message = "The binary checks itself: the image has no shell."
  }

  # tasks are private
  assert {
    condition     = aws_ecs_service.this.network_configuration[0].assign_public_ip == false
    error_message = "Tasks must have no public address."
  }

  assert {
    condition     = toset(aws_ecs_service.this.network_configuration[0].subnets) == toset(var.subnet_ids)
    error_message = "Tasks must run in the private subnets."
  }

  # deployments keep capacity and roll back
  assert {
    condition     = aws_ecs_service.this.deployment_circuit_breaker[0].enable && aws_ecs_service.this.deployment_circuit_breaker[0].rollback
    error_message = "A failing deployment must roll itself back."
  }

  assert {
    condition     = aws_ecs_service.this.deployment_minimum_healthy_percent == 100 && aws_ecs_service.this.deployment_maximum_percent == 200
    error_message = "New tasks must serve before old ones go."
  }

  assert {
    condition     = aws_ecs_task_definition.this.skip_destroy
    error_message = "The revision before must stay, to roll back to."
  }

  # stopping gives the service its whole grace
  assert {
    condition = (
      jsondecode(aws_ecs_task_definition.this.container_definitions)[0].stopTimeout
      > var.drain_delay_seconds + var.shutdown_grace_seconds
    )
    error_message = "ECS must not kill before the service's own grace has passed."
  }

  assert {
    condition = (
      tonumber([for e in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment : e.value if e.name == "SWITCHBOARD__SERVER__HEADER_TIMEOUT_MS"][0])
      > var.load_balancer_idle_timeout_seconds * 1000
    )
    error_message = "The service must keep idle connections longer than the load balancer does."
  }

  # it scales from 2 to 10 on cpu memory and requests
  assert {
    condition     = aws_appautoscaling_target.this.min_capacity == 2 && aws_appautoscaling_target.this.max_capacity == 10
    error_message = "Two to ten tasks."
  }

  assert {
    condition = { for name, policy in aws_appautoscaling_policy.this : policy.target_tracking_scaling_policy_configuration[0].predefined_metric_specification[0].predefined_metric_type => policy.target_tracking_scaling_policy_configuration[0].target_value } == {
      ECSServiceAverageCPUUtilization    = 70
      ECSServiceAverageMemoryUtilization = 80
      ALBRequestCountPerTarget           = 6000
    }
    error_message = "CPU at 70 %, memory at 80 %, and requests per target."
  }

  # the two roles are two
  assert {
    condition     = aws_iam_role.execution.name_prefix != aws_iam_role.task.name_prefix && aws_iam_role_policy.execution.role == aws_iam_role.execution.id && aws_iam_role_policy.task.role == aws_iam_role.task.id
    error_message = "What starts the task and what runs in it must hold separate roles."
  }

  # the collector scrapes this task alone
  assert {
    condition     = yamldecode(local.collector_config).receivers.prometheus.config.scrape_configs[0].static_configs[0].targets == ["127.0.0.1:9464"]
    error_message = "Metrics must be scraped over the task's own loopback."
  }
}

run "a_tag_is_refused" {
  command = plan

  variables {
    image = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/switchboard:latest"
  }

  expect_failures = [var.image]
}

run "a_pair_that_fargate_does_not_sell_is_refused" {
  command = plan

  variables {
    cpu    = 256
    memory = 4096
  }

  expect_failures = [aws_ecs_task_definition.this]
}

run "a_grace_longer_than_fargate_waits_is_refused" {
  command = plan

  variables {
    shutdown_grace_seconds = 118
  }

  expect_failures = [aws_ecs_task_definition.this]
}

run "a_single_task_is_refused" {
  command = plan

  variables {
    min_tasks = 1
  }

  expect_failures = [var.min_tasks]
}

run "eleven_tasks_are_refused" {
  command = plan

  variables {
    max_tasks = 11
  }

  expect_failures = [var.max_tasks]
}

run "a_secret_in_the_plain_environment_is_refused" {
  command = plan

  variables {
    environment = { OPENAI_API_KEY = "not-a-real-key" }
  }

  expect_failures = [var.environment]
}
