# GitHub's workflows hold no key: they show a token that GitHub signed, and AWS gives them a role for an hour. The token
# says which repository and which environment asks; production's role can only be assumed by a job that GitHub's
# approval rule of that environment let through.

resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

locals {
  # Who may ask for which role, as the token's subject.
  build_subject   = "repo:${var.github_repository}:environment:build"
  deploy_subjects = { for name in var.environments : name => "repo:${var.github_repository}:environment:${name}" }
  plan_subjects   = { for name in var.environments : "${name}-plan" => "repo:${var.github_repository}:environment:${name}-plan" }
}

data "aws_iam_policy_document" "assume" {
  for_each = merge({ build = local.build_subject }, local.deploy_subjects, local.plan_subjects)

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = [each.value]
    }
  }
}

# --- build: push and find images, nothing else

data "aws_iam_policy_document" "build" {
  # checkov:skip=CKV_AWS_356: GetAuthorizationToken knows no resource; every other statement names its own
  statement {
    sid       = "LogInToRegistry"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid = "PushAndFindImages"
    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:CompleteLayerUpload",
      "ecr:DescribeImages",
      "ecr:GetDownloadUrlForLayer",
      "ecr:InitiateLayerUpload",
      "ecr:PutImage",
      "ecr:UploadLayerPart",
    ]
    resources = [aws_ecr_repository.this.arn]
  }
}

resource "aws_iam_role" "build" {
  name                 = "switchboard-github-build"
  assume_role_policy   = data.aws_iam_policy_document.assume["build"].json
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "build" {
  name   = "push-images"
  role   = aws_iam_role.build.id
  policy = data.aws_iam_policy_document.build.json
}

# --- plan: sees what is there and changes nothing, so that a plan can be shown before anybody approves it

data "aws_iam_policy_document" "plan" {
  for_each = var.environments

  statement {
    sid       = "ReadState"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.state.arn}/switchboard/${each.key}/*"]
  }

  statement {
    sid       = "ListState"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.state.arn]
  }

  # The state's key, and through Secrets Manager the environment's, for the passwords below.
  statement {
    sid       = "Decrypt"
    actions   = ["kms:Decrypt"]
    resources = ["arn:aws:kms:${var.region}:${var.account_id}:key/*"]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${var.region}.amazonaws.com", "secretsmanager.${var.region}.amazonaws.com"]
    }
  }

  # What the configuration reads while planning: the two passwords it drew, none that a person supplied.
  statement {
    sid     = "ReadDrawnPasswords"
    actions = ["secretsmanager:GetSecretValue"]
    resources = [
      "arn:aws:secretsmanager:*:${var.account_id}:secret:switchboard-${each.key}/postgresql-password-*",
      "arn:aws:secretsmanager:*:${var.account_id}:secret:switchboard-${each.key}/valkey-token-*",
    ]
  }

  statement {
    sid       = "DrawPasswords"
    actions   = ["secretsmanager:GetRandomPassword"]
    resources = ["*"]
  }

  dynamic "statement" {
    for_each = setsubtract(var.environments, [each.key])

    content {
      sid       = "NotTheStateOf${title(statement.value)}"
      effect    = "Deny"
      actions   = ["s3:GetObject*"]
      resources = ["${aws_s3_bucket.state.arn}/switchboard/${statement.value}/*"]
    }
  }
}

resource "aws_iam_role" "plan" {
  for_each = var.environments

  name                 = "switchboard-github-plan-${each.key}"
  assume_role_policy   = data.aws_iam_policy_document.assume["${each.key}-plan"].json
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "plan" {
  for_each = var.environments

  name   = "plan"
  role   = aws_iam_role.plan[each.key].id
  policy = data.aws_iam_policy_document.plan[each.key].json
}

resource "aws_iam_role_policy_attachment" "plan_read_only" {
  for_each = var.environments

  role       = aws_iam_role.plan[each.key].name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

# --- deploy: Terraform makes networks, databases and roles, so this role is wide; what it can never do is make a role
# that is wider than the boundary, or touch a role that is not Switchboard's.

data "aws_iam_policy_document" "deploy" {
  for_each = var.environments

  # checkov:skip=CKV_AWS_109: every permission that manages roles names switchboard-ENVIRONMENT-* and insists on the boundary
  # checkov:skip=CKV_AWS_110: as above
  statement {
    sid       = "State"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    resources = ["${aws_s3_bucket.state.arn}/switchboard/${each.key}/*"]
  }

  statement {
    sid       = "ListState"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.state.arn]
  }

  statement {
    sid       = "StateKey"
    actions   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.state.arn]
  }

  statement {
    sid       = "MakeRolesInsideTheBoundary"
    actions   = ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:DeleteRolePolicy", "iam:DetachRolePolicy"]
    resources = ["arn:aws:iam::${var.account_id}:role/switchboard-${each.key}-*"]

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [aws_iam_policy.boundary.arn]
    }
  }

  statement {
    sid = "KeepRoles"
    actions = [
      "iam:DeleteRole",
      "iam:GetRole",
      "iam:GetRolePolicy",
      "iam:ListAttachedRolePolicies",
      "iam:ListInstanceProfilesForRole",
      "iam:ListRolePolicies",
      "iam:TagRole",
      "iam:UntagRole",
      "iam:UpdateAssumeRolePolicy",
    ]
    resources = ["arn:aws:iam::${var.account_id}:role/switchboard-${each.key}-*"]
  }

  statement {
    sid       = "HandRolesToTheirServices"
    actions   = ["iam:PassRole"]
    resources = ["arn:aws:iam::${var.account_id}:role/switchboard-${each.key}-*"]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com", "monitoring.rds.amazonaws.com", "vpc-flow-logs.amazonaws.com"]
    }
  }

  # PowerUserAccess, attached below, reaches every secret and every object of the account; this takes the other
  # environment's back. (GetRandomPassword belongs to no secret.)
  statement {
    sid           = "NotTheOtherEnvironmentsSecrets"
    effect        = "Deny"
    actions       = ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:DeleteSecret"]
    not_resources = ["arn:aws:secretsmanager:*:${var.account_id}:secret:switchboard-${each.key}/*"]
  }

  dynamic "statement" {
    for_each = setsubtract(var.environments, [each.key])

    content {
      sid       = "NotTheStateOf${title(statement.value)}"
      effect    = "Deny"
      actions   = ["s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*"]
      resources = ["${aws_s3_bucket.state.arn}/switchboard/${statement.value}/*"]
    }
  }
}

resource "aws_iam_policy" "deploy" {
  for_each = var.environments

  name        = "switchboard-github-deploy-${each.key}"
  description = "State, roles inside the boundary, and not the other environment"
  policy      = data.aws_iam_policy_document.deploy[each.key].json
}

resource "aws_iam_role" "deploy" {
  for_each = var.environments

  name                 = "switchboard-github-deploy-${each.key}"
  assume_role_policy   = data.aws_iam_policy_document.assume[each.key].json
  max_session_duration = 3600
}

resource "aws_iam_role_policy_attachment" "deploy" {
  for_each = var.environments

  role       = aws_iam_role.deploy[each.key].name
  policy_arn = aws_iam_policy.deploy[each.key].arn
}

# Everything but IAM, which the policy above adds in small.
resource "aws_iam_role_policy_attachment" "deploy_power_user" {
  for_each = var.environments

  role       = aws_iam_role.deploy[each.key].name
  policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
}

# --- the boundary: the most that any role made by a deployment can ever do, whatever its policies say

data "aws_iam_policy_document" "boundary" {
  # checkov:skip=CKV_AWS_356: a boundary grants nothing; it limits what the roles' own, narrow policies can grant
  # checkov:skip=CKV_AWS_111: as above
  # checkov:skip=CKV_AWS_108: as above
  # checkov:skip=CKV_AWS_109: as above
  # checkov:skip=CKV_AWS_107: as above
  statement {
    sid = "WhatTasksAndTheirServicesNeed"
    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:GetAuthorizationToken",
      "ecr:GetDownloadUrlForLayer",
      "kms:Decrypt",
      "logs:CreateLogGroup",
      "logs:CreateLogStream",
      "logs:DescribeLogGroups",
      "logs:DescribeLogStreams",
      "logs:GetLogEvents",
      "logs:PutLogEvents",
      "logs:PutRetentionPolicy",
      "secretsmanager:GetSecretValue",
      "xray:PutTelemetryRecords",
      "xray:PutTraceSegments",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "boundary" {
  name        = "switchboard-boundary"
  description = "The most any role of Switchboard can do"
  policy      = data.aws_iam_policy_document.boundary.json
}
