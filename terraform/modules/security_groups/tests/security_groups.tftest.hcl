# Who may talk to whom: the whole list, so that a rule added in passing fails a test. Checked against a mock of AWS.

mock_provider "aws" {}

variables {
  name               = "switchboard-test"
  vpc_id             = "vpc-mock"
  caller_cidr_blocks = ["203.0.113.0/24"]
  container_port     = 8000
}

run "only_what_flows" {
  # tasks are reached from the load balancer alone
  assert {
    condition = (
      aws_vpc_security_group_ingress_rule.tasks_from_load_balancer.referenced_security_group_id == aws_security_group.load_balancer.id
      && aws_vpc_security_group_ingress_rule.tasks_from_load_balancer.cidr_ipv4 == null
      && aws_vpc_security_group_ingress_rule.tasks_from_load_balancer.from_port == 8000
    )
    error_message = "Tasks must accept the service's port from the load balancer's group and nothing else."
  }

  # databases are reached from the tasks alone
  assert {
    condition = alltrue([
      for rule in [aws_vpc_security_group_ingress_rule.postgresql_from_tasks, aws_vpc_security_group_ingress_rule.valkey_from_tasks] :
      rule.referenced_security_group_id == aws_security_group.tasks.id && rule.cidr_ipv4 == null
    ])
    error_message = "Databases must accept the tasks' group and no address range."
  }

  # tasks leave by https or to the databases
  assert {
    condition     = aws_vpc_security_group_egress_rule.tasks_https.from_port == 443 && aws_vpc_security_group_egress_rule.tasks_https.to_port == 443
    error_message = "The only open way out must be HTTPS."
  }

  assert {
    condition = (
      aws_vpc_security_group_egress_rule.tasks_to_postgresql.referenced_security_group_id == aws_security_group.postgresql.id
      && aws_vpc_security_group_egress_rule.tasks_to_valkey.referenced_security_group_id == aws_security_group.valkey.id
    )
    error_message = "The ways to the databases must name their groups."
  }
}

run "somebody_must_be_allowed_to_call" {
  command = plan

  variables {
    caller_cidr_blocks = []
  }

  expect_failures = [var.caller_cidr_blocks]
}
