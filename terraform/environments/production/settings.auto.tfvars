# What this environment is set to beyond its shape. Committed, because whoever applies, the pipeline or a person, must apply the same: a
# value that only somebody's own terraform.tfvars holds is taken back by the next deployment. Nothing here is secret.

auth_mode = "keys"

# Where tickets and safety reports go; more in docs/records.md, "Deliveries". Without, they are in the store alone.
service_environment = {
  # SWITCHBOARD__TICKETING__SYSTEM  = "zendesk"
  # SWITCHBOARD__TICKETING__URL     = "https://example.zendesk.com"
  # SWITCHBOARD__TICKETING__USER    = "switchboard@example.com"
  # SWITCHBOARD__COMPLIANCE__SYSTEM = "webhook"
  # SWITCHBOARD__COMPLIANCE__URL    = "https://safety.example.com/hooks/switchboard"
}

# Secrets besides the usual ones, by the variable that carries each. Terraform makes the container; a person puts the value in, and only
# then does a task with it start (README, "First apply", step 4).
extra_secrets = {
  # SWITCHBOARD__OPERATOR__KEYS     = "Operators' keys: [ann:<SHA-256>, ...]"
  # SWITCHBOARD__TICKETING__SECRET  = "API token of the ticketing system"
  # SWITCHBOARD__COMPLIANCE__SECRET = "Key of the signature to the safety system"
}

# A WAFv2 web ACL to put in front, by its ARN.
web_acl_arn = null

# Raised by one to rotate each.
postgresql_password_version = 1
valkey_token_version        = 1
