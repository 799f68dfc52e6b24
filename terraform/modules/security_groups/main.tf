# Only what flows: callers -> load balancer -> tasks -> PostgreSQL, Valkey and HTTPS (the LLM, ticketing, AWS APIs).
# Rules are resources of their own and name the other group, so an address that changes hands grants nothing.

resource "aws_security_group" "load_balancer" {
  # checkov:skip=CKV2_AWS_5: attached in the modules that take its id
  name_prefix = "${var.name}-alb-"
  description = "Callers to the load balancer, load balancer to the tasks"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-alb" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_security_group" "tasks" {
  # checkov:skip=CKV2_AWS_5: attached in the modules that take its id
  name_prefix = "${var.name}-tasks-"
  description = "Load balancer to the tasks, tasks to the databases and to HTTPS"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-tasks" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_security_group" "postgresql" {
  # checkov:skip=CKV2_AWS_5: attached in the modules that take its id
  name_prefix = "${var.name}-postgresql-"
  description = "Tasks to PostgreSQL; nothing out"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-postgresql" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_security_group" "valkey" {
  # checkov:skip=CKV2_AWS_5: attached in the modules that take its id
  name_prefix = "${var.name}-valkey-"
  description = "Tasks to Valkey; nothing out"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-valkey" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "https" {
  for_each = var.caller_cidr_blocks

  security_group_id = aws_security_group.load_balancer.id
  description       = "HTTPS from callers"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

# Answered with a redirect to HTTPS and nothing else.
resource "aws_vpc_security_group_ingress_rule" "http_redirect" {
  # checkov:skip=CKV_AWS_260: the listener on port 80 only redirects to HTTPS, and the ranges are the caller's to name
  for_each = var.caller_cidr_blocks

  security_group_id = aws_security_group.load_balancer.id
  description       = "HTTP from callers, redirected to HTTPS"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
}

resource "aws_vpc_security_group_egress_rule" "load_balancer_to_tasks" {
  security_group_id            = aws_security_group.load_balancer.id
  description                  = "Requests and health checks to the tasks"
  referenced_security_group_id = aws_security_group.tasks.id
  ip_protocol                  = "tcp"
  from_port                    = var.container_port
  to_port                      = var.container_port
}

resource "aws_vpc_security_group_ingress_rule" "tasks_from_load_balancer" {
  security_group_id            = aws_security_group.tasks.id
  description                  = "Requests and health checks from the load balancer"
  referenced_security_group_id = aws_security_group.load_balancer.id
  ip_protocol                  = "tcp"
  from_port                    = var.container_port
  to_port                      = var.container_port
}

# The LLM and ticketing systems publish no fixed addresses, so HTTPS is open to anywhere and closed to everything else.
resource "aws_vpc_security_group_egress_rule" "tasks_https" {
  security_group_id = aws_security_group.tasks.id
  description       = "HTTPS to the LLM, ticketing and AWS APIs"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "tasks_to_postgresql" {
  security_group_id            = aws_security_group.tasks.id
  description                  = "Records and outbox"
  referenced_security_group_id = aws_security_group.postgresql.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_vpc_security_group_egress_rule" "tasks_to_valkey" {
  security_group_id            = aws_security_group.tasks.id
  description                  = "Shared rate limits"
  referenced_security_group_id = aws_security_group.valkey.id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

resource "aws_vpc_security_group_ingress_rule" "postgresql_from_tasks" {
  security_group_id            = aws_security_group.postgresql.id
  description                  = "Records and outbox"
  referenced_security_group_id = aws_security_group.tasks.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_vpc_security_group_ingress_rule" "valkey_from_tasks" {
  security_group_id            = aws_security_group.valkey.id
  description                  = "Shared rate limits"
  referenced_security_group_id = aws_security_group.tasks.id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}
