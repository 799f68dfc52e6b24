# What must hold of the way in: checked against a mock of AWS.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_iam_policy_document" { defaults = { json = "{}" } }
  mock_data "aws_caller_identity" { defaults = { account_id = "111122223333" } }
  mock_resource "aws_lb" { defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/mock/0123456789abcdef" } }
  mock_resource "aws_lb_target_group" { defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/mock/0123456789abcdef" } }
  mock_resource "aws_s3_bucket" { defaults = { id = "switchboard-test-alb-mock", arn = "arn:aws:s3:::switchboard-test-alb-mock" } }
}

variables {
  name                         = "switchboard-test"
  vpc_id                       = "vpc-mock"
  subnet_ids                   = ["subnet-a", "subnet-b"]
  security_group_id            = "sg-mock"
  internal                     = false
  certificate_arn              = "arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000"
  web_acl_arn                  = null
  container_port               = 8000
  idle_timeout_seconds         = 60
  deregistration_delay_seconds = 30
  access_log_retention_days    = 365
  deletion_protection          = true
}

run "the_way_in" {
  command = plan

  # https is the only way in
  assert {
    condition     = aws_lb_listener.https.protocol == "HTTPS" && can(regex("^ELBSecurityPolicy-TLS13-1-2-", aws_lb_listener.https.ssl_policy))
    error_message = "The listener must speak TLS 1.2 or newer."
  }

  assert {
    condition     = aws_lb_listener.http.default_action[0].type == "redirect" && aws_lb_listener.http.default_action[0].redirect[0].protocol == "HTTPS"
    error_message = "Plain HTTP must be redirected and never forwarded."
  }

  # health is readiness
  assert {
    condition     = aws_lb_target_group.this.health_check[0].path == "/api/v1/ready" && aws_lb_target_group.this.health_check[0].matcher == "200"
    error_message = "A task that cannot keep a promise must get no requests: ask /api/v1/ready."
  }

  assert {
    condition     = aws_lb_target_group.this.target_type == "ip"
    error_message = "Fargate tasks are targets by address."
  }

  # access is logged and the logs are closed
  assert {
    condition     = aws_lb.this.access_logs[0].enabled
    error_message = "Access logs must be on."
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.access_logs.block_public_policy && aws_s3_bucket_public_access_block.access_logs.restrict_public_buckets
    error_message = "The access logs must be closed to the public."
  }

  # a web acl is optional
  assert {
    condition     = length(aws_wafv2_web_acl_association.this) == 0
    error_message = "No web ACL was given."
  }
}

run "a_web_acl_that_is_given_is_put_in_front" {
  command = plan

  variables {
    web_acl_arn = "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/mock/00000000-0000-0000-0000-000000000000"
  }

  assert {
    condition     = aws_wafv2_web_acl_association.this[0].resource_arn == aws_lb.this.arn
    error_message = "The web ACL must be associated with this load balancer."
  }
}

run "something_else_than_a_certificate_is_refused" {
  command = plan

  variables {
    certificate_arn = "my-certificate"
  }

  expect_failures = [var.certificate_arn]
}
