# The environment as a whole: that the modules fit, and what an environment may not choose. Checked against a mock of AWS.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_iam_policy_document" { defaults = { json = "{}" } }
  mock_data "aws_region" { defaults = { name = "eu-central-1" } }
  mock_data "aws_partition" { defaults = { partition = "aws" } }
  mock_data "aws_caller_identity" { defaults = { account_id = "111122223333" } }
  mock_resource "aws_kms_key" { defaults = { arn = "arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-0000-0000-000000000000" } }
  mock_resource "aws_cloudwatch_log_group" { defaults = { arn = "arn:aws:logs:eu-central-1:111122223333:log-group:mock" } }
  mock_resource "aws_iam_role" { defaults = { arn = "arn:aws:iam::111122223333:role/mock" } }
  mock_resource "aws_secretsmanager_secret" { defaults = { arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:mock" } }
  mock_resource "aws_sns_topic" { defaults = { arn = "arn:aws:sns:eu-central-1:111122223333:mock" } }
  mock_resource "aws_ecs_task_definition" { defaults = { arn = "arn:aws:ecs:eu-central-1:111122223333:task-definition/mock:1" } }
  mock_resource "aws_lb" { defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/mock/0123456789abcdef", arn_suffix = "app/mock/0123456789abcdef" } }
  mock_resource "aws_lb_target_group" { defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/mock/0123456789abcdef", arn_suffix = "targetgroup/mock/0123456789abcdef" } }
  mock_resource "aws_s3_bucket" { defaults = { id = "switchboard-test-alb-mock", arn = "arn:aws:s3:::switchboard-test-alb-mock" } }
}

variables {
  environment               = "production"
  image                     = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/switchboard@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  repository_arn            = "arn:aws:ecr:eu-central-1:111122223333:repository/switchboard"
  auth_mode                 = "keys"
  caller_cidr_blocks        = ["203.0.113.0/24"]
  certificate_arn           = "arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000"
  cidr_block                = "10.40.0.0/16"
  postgresql_instance_class = "db.t4g.small"
  valkey_node_type          = "cache.t4g.micro"

  # Drawn outside this module (modules/passwords), because mocks know no ephemeral resources.
  postgresql_password         = "not-a-real-password"
  postgresql_password_version = 1
  valkey_token                = "not-a-real-token-either"
  valkey_token_version        = 1

  alarm_emails       = ["on-call@example.com"]
  database_ca_bundle = "-----BEGIN CERTIFICATE-----\nmock\n-----END CERTIFICATE-----"
}

run "the_modules_fit" {
  command = plan

  assert {
    condition     = output.cluster_name == "switchboard-production" && output.service_name == "switchboard-production"
    error_message = "Names must carry the environment."
  }

  assert {
    condition     = local.deregistration_delay >= var.drain_delay_seconds + var.shutdown_grace_seconds && local.deregistration_delay >= 10
    error_message = "Requests in flight must have as long at the load balancer as they have in the service."
  }

  assert {
    condition     = module.service.stop_timeout_seconds == 30
    error_message = "The default grace must end before ECS's own default of 30 s does."
  }

  # a person supplies what nobody can draw
  assert {
    condition     = toset(keys(output.supplied_secret_arns)) == toset(["OPENAI_API_KEY", "SWITCHBOARD_DATA_KEY", "SWITCHBOARD__AUTH__KEYS"])
    error_message = "The LLM's key, the data key and the callers' keys come from a person."
  }

  # every alarm the runbook names exists
  assert {
    condition = toset([for name in module.alarms.alarm_names : trimprefix(name, "switchboard-production-")]) == toset([
      "delivery-dead", "failed-requests", "latency", "llm-refused", "llm-rejected", "load-balancer-5xx", "no-healthy-hosts", "outside-system",
      "postgresql-connections", "postgresql-cpu", "postgresql-storage", "running-tasks", "sla-breach", "sla-clock-blind", "sla-clock-held", "sla-near",
      "table-locked", "unhealthy-hosts",
    ])
    error_message = "The alarms have changed; change the runbook with them."
  }
}

run "production_verifies_its_database" {
  command = plan

  variables {
    database_ca_bundle = ""
  }

  expect_failures = [var.database_ca_bundle]
}

run "alarms_need_somebody_to_hear_them" {
  command = plan

  variables {
    alarm_emails = []
  }

  expect_failures = [var.alarm_emails]
}

run "an_unknown_environment_is_refused" {
  command = plan

  variables {
    environment = "test"
  }

  expect_failures = [var.environment]
}

run "short_logs_are_refused" {
  command = plan

  variables {
    log_retention_days = 30
  }

  expect_failures = [var.log_retention_days]
}
