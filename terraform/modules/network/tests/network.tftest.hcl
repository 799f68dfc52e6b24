# What must hold of the network: checked against a mock of AWS.

mock_provider "aws" {
  mock_data "aws_iam_policy_document" { defaults = { json = "{}" } }
  mock_data "aws_region" { defaults = { name = "eu-central-1" } }
  mock_resource "aws_cloudwatch_log_group" { defaults = { arn = "arn:aws:logs:eu-central-1:111122223333:log-group:mock" } }
  mock_resource "aws_iam_role" { defaults = { arn = "arn:aws:iam::111122223333:role/mock" } }
}

variables {
  name                     = "switchboard-test"
  cidr_block               = "10.40.0.0/16"
  zone_letters             = ["a", "b", "c"]
  nat_gateway_per_zone     = true
  interface_endpoints      = true
  flow_log_retention_days  = 365
  kms_key_arn              = "arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-0000-0000-000000000000"
  permissions_boundary_arn = null
}

run "three_rings_in_three_zones" {
  # every ring is in every zone
  assert {
    condition = alltrue([
      for ring in [aws_subnet.public, aws_subnet.private, aws_subnet.data] :
      toset([for subnet in ring : subnet.availability_zone]) == toset(["eu-central-1a", "eu-central-1b", "eu-central-1c"])
    ])
    error_message = "Each ring must have a subnet in each zone."
  }

  assert {
    condition = length(distinct(flatten([
      for ring in [aws_subnet.public, aws_subnet.private, aws_subnet.data] : [for subnet in ring : subnet.cidr_block]
    ]))) == 9
    error_message = "No two subnets may share a range."
  }

  # nothing gets a public address by itself
  assert {
    condition = alltrue(flatten([
      for ring in [aws_subnet.public, aws_subnet.private, aws_subnet.data] : [for subnet in ring : !subnet.map_public_ip_on_launch]
    ]))
    error_message = "Subnets must not hand out public addresses."
  }

  # tasks go out through nat and data goes nowhere
  assert {
    condition     = alltrue([for table in aws_route_table.private : alltrue([for route in table.route : route.nat_gateway_id != "" && route.gateway_id != aws_internet_gateway.this.id])])
    error_message = "Private subnets must leave through NAT, never through the internet gateway."
  }

  assert {
    condition     = length([for table in aws_route_table.private : table]) == 3 && length([for gateway in aws_nat_gateway.this : gateway]) == 3
    error_message = "Each zone must leave through its own NAT gateway."
  }
}

run "one_nat_gateway_serves_every_zone_where_that_is_chosen" {
  variables {
    nat_gateway_per_zone = false
    interface_endpoints  = false
    zone_letters         = ["a", "b"]
  }

  assert {
    condition     = length([for gateway in aws_nat_gateway.this : gateway]) == 1 && length([for table in aws_route_table.private : table]) == 2
    error_message = "Both private subnets must leave through the one gateway."
  }

  assert {
    condition     = length([for endpoint in aws_vpc_endpoint.interface : endpoint]) == 0
    error_message = "No interface endpoint was asked for."
  }
}

run "one_zone_is_refused" {
  command = plan

  variables {
    zone_letters = ["a"]
  }

  expect_failures = [var.zone_letters]
}

run "a_small_network_is_refused" {
  command = plan

  variables {
    cidr_block = "10.0.0.0/24"
  }

  expect_failures = [var.cidr_block]
}
