# The only way in: HTTPS with TLS 1.2 or newer, HTTP answered with a redirect, health asked of /api/v1/ready.

resource "aws_lb" "this" {
  # checkov:skip=CKV_AWS_150: on by default (the variable can only be turned off to take an environment down)
  # checkov:skip=CKV2_AWS_28: a web ACL is associated when one is given; a generic body rule set would block customers' words
  name               = var.name
  load_balancer_type = "application"
  internal           = var.internal
  subnets            = var.subnet_ids
  security_groups    = [var.security_group_id]

  # Longer than the service's longest request, shorter than its keep-alive: the balancer is the one that hangs up.
  idle_timeout               = var.idle_timeout_seconds
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  enable_deletion_protection = var.deletion_protection
  enable_http2               = true

  access_logs {
    bucket  = aws_s3_bucket.access_logs.id
    prefix  = "alb"
    enabled = true
  }

  # The balancer checks that it may write the logs when it is made.
  depends_on = [aws_s3_bucket_policy.access_logs]
}

resource "aws_lb_target_group" "this" {
  # checkov:skip=CKV_AWS_378: TLS ends at the balancer; behind it traffic stays between two security groups of one VPC
  name_prefix     = "swbd-"
  target_type     = "ip"
  vpc_id          = var.vpc_id
  port            = var.container_port
  protocol        = "HTTP"
  ip_address_type = "ipv4"

  # Long enough for a request in flight to finish. ECS waits this out before it sends SIGTERM.
  deregistration_delay = var.deregistration_delay_seconds

  # A replica that is slow (waiting for the LLM) is given less, not the same.
  load_balancing_algorithm_type = "least_outstanding_requests"

  health_check {
    path                = "/api/v1/ready"
    protocol            = "HTTP"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
  certificate_arn   = var.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  count = var.web_acl_arn == null ? 0 : 1

  resource_arn = aws_lb.this.arn
  web_acl_arn  = var.web_acl_arn
}
