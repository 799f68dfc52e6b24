# Containers for the secrets that a person supplies. Terraform makes the container, its key and its name; the value is
# put in with `aws secretsmanager put-secret-value` (see the runbook) and never passes through a plan or the state.

resource "aws_secretsmanager_secret" "this" {
  # checkov:skip=CKV2_AWS_57: issued by outside parties or bound to stored data; rotated by the runbook, not by a function
  for_each = var.secrets

  name        = "${var.name}/${each.key}"
  description = each.value
  kms_key_id  = var.kms_key_arn

  # A month in which a deleted secret can be restored.
  recovery_window_in_days = 30
}
