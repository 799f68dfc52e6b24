# The service on ECS Fargate: one container that classifies, one collector beside it that scrapes its metrics over the
# task's loopback. Deployments start the new before they stop the old and roll themselves back when the new fails.

data "aws_region" "current" {}

locals {
  # CPU units and the memory (MiB) that Fargate sells with them; anything else is refused only at deployment.
  fargate_memory = {
    "256"  = [512, 1024, 2048]
    "512"  = range(1024, 4097, 1024)
    "1024" = range(2048, 8193, 1024)
    "2048" = range(4096, 16385, 1024)
    "4096" = range(8192, 30721, 1024)
  }

  # The service waits out its drain delay, then finishes within its grace; ECS kills it only after both, with a margin.
  stop_timeout_seconds = var.drain_delay_seconds + var.shutdown_grace_seconds + 3

  environment = merge(
    {
      SWITCHBOARD__SERVER__HOST               = "0.0.0.0"
      SWITCHBOARD__SERVER__PORT               = tostring(var.container_port)
      SWITCHBOARD__SERVER__DRAIN_DELAY_MS     = tostring(var.drain_delay_seconds * 1000)
      SWITCHBOARD__SERVER__SHUTDOWN_GRACE_MS  = tostring(var.shutdown_grace_seconds * 1000)
      SWITCHBOARD__SERVER__HEADER_TIMEOUT_MS  = tostring((var.load_balancer_idle_timeout_seconds + 15) * 1000)
      SWITCHBOARD__SERVER__TRUSTED_PROXY_HOPS = "1"
      SWITCHBOARD__REDIS__REPLICAS            = tostring(var.min_tasks)
      SWITCHBOARD__MANAGEMENT__ADDR           = "127.0.0.1:9464"
      SWITCHBOARD__LOG__FORMAT                = "json"
    },
    var.database_ca_bundle == "" ? {} : { PGSSLROOTCERT = var.database_ca_bundle },
    var.environment,
  )

  # Lists of objects sorted by name: a map's order is fixed, so an unchanged definition makes no new revision.
  environment_list = [for key in sort(keys(local.environment)) : { name = key, value = local.environment[key] }]
  secret_list      = [for key in sort(keys(var.secret_arns)) : { name = key, valueFrom = var.secret_arns[key] }]

  log_options = {
    awslogs-group  = aws_cloudwatch_log_group.this.name
    awslogs-region = data.aws_region.current.name
    # Logging must never hold a request up: when CloudWatch is slow, lines wait in memory and the oldest are dropped.
    mode            = "non-blocking"
    max-buffer-size = "25m"
  }

  service_container = {
    name      = "switchboard"
    image     = var.image
    essential = true
    user      = "65532:65532"

    environment = local.environment_list
    secrets     = local.secret_list

    portMappings = [{ containerPort = var.container_port, hostPort = var.container_port, protocol = "tcp" }]

    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { drop = ["ALL"] } }
    ulimits                = [{ name = "nofile", softLimit = 65536, hardLimit = 65536 }]

    # Asked by the binary itself: the image holds no shell and no curl.
    healthCheck = {
      command     = ["CMD", "/switchboard", "health"]
      interval    = 10
      timeout     = 5
      retries     = 3
      startPeriod = 15
    }

    stopTimeout = local.stop_timeout_seconds

    logConfiguration = {
      logDriver = "awslogs"
      options   = merge(local.log_options, { awslogs-stream-prefix = "service" })
    }
  }

  collector_container = {
    name  = "collector"
    image = var.collector_image
    # A broken collector must not take the service down with it.
    essential = false

    environment = [{ name = "AOT_CONFIG_CONTENT", value = local.collector_config }]

    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { drop = ["ALL"] } }
    cpu                    = 64
    memory                 = 256

    logConfiguration = {
      logDriver = "awslogs"
      options   = merge(local.log_options, { awslogs-stream-prefix = "collector" })
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/${var.name}/service"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_cloudwatch_log_group" "metrics" {
  name              = "/${var.name}/metrics"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_ecs_cluster" "this" {
  name = var.name

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_task_definition" "this" {
  # checkov:skip=CKV_AWS_97: no EFS volume is mounted; everything that must stay is in PostgreSQL
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }

  container_definitions = jsonencode([local.service_container, local.collector_container])

  # The revision before stays registered: rolling back is pointing the service at it again.
  skip_destroy = true

  lifecycle {
    precondition {
      condition     = contains(lookup(local.fargate_memory, tostring(var.cpu), []), var.memory)
      error_message = "Fargate sells no ${var.memory} MiB with ${var.cpu} CPU units; see fargate_memory in this file."
    }

    precondition {
      condition     = local.stop_timeout_seconds <= 120
      error_message = "drain_delay_seconds + shutdown_grace_seconds + 3 must be at most 120, the longest Fargate waits before it kills."
    }

    precondition {
      condition     = length(setintersection(keys(local.environment), keys(var.secret_arns))) == 0
      error_message = "A variable is given both as plain environment and as a secret."
    }
  }
}

resource "aws_ecs_service" "this" {
  name             = var.name
  cluster          = aws_ecs_cluster.this.id
  task_definition  = aws_ecs_task_definition.this.arn
  desired_count    = var.min_tasks
  launch_type      = "FARGATE"
  platform_version = "LATEST"
  propagate_tags   = "SERVICE"

  enable_ecs_managed_tags            = true
  enable_execute_command             = false
  availability_zone_rebalancing      = "ENABLED"
  health_check_grace_period_seconds  = 30
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200

  # An apply is done when the new tasks serve, and fails when they were rolled back.
  wait_for_steady_state = true

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [var.security_group_id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = var.target_group_arn
    container_name   = local.service_container.name
    container_port   = var.container_port
  }

  timeouts {
    create = "20m"
    update = "20m"
  }

  lifecycle {
    # Autoscaling owns the count from here on.
    ignore_changes = [desired_count]
  }

  depends_on = [aws_iam_role_policy.execution]
}
