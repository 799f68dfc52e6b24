#!/usr/bin/env bash
# Plans one environment. Leaves beside its configuration plan.tfplan (to apply), plan.txt (to read) and changes.sha256
# (a fingerprint of which resources change how, to tell whether a second plan is the one that was approved).
#
#   STATE_BUCKET=... AWS_REGION=... TF_VAR_...=... scripts/plan.sh staging|production [terraform plan options]
set -euo pipefail
environment=${1:?usage: scripts/plan.sh staging|production [options]}
shift
: "${STATE_BUCKET:?the bucket that holds the state}" "${AWS_REGION:?the region}"
cd "$(dirname "$0")/../terraform/environments/$environment"

# The authorities that sign RDS's certificates in this region, from Amazon; the tasks verify the database with them.
curl --fail --silent --show-error --retry 3 \
  "https://truststore.pki.rds.amazonaws.com/$AWS_REGION/$AWS_REGION-bundle.pem" |
  jq --raw-input --slurp '{database_ca_bundle: .}' >database-ca.auto.tfvars.json

terraform init -backend-config="bucket=$STATE_BUCKET" -backend-config="region=$AWS_REGION" \
  -backend-config="kms_key_id=alias/switchboard-state" -lockfile=readonly
terraform plan -out=plan.tfplan "$@"
terraform show -no-color plan.tfplan >plan.txt
terraform show -json plan.tfplan |
  jq -c '[.resource_changes[]? | select(.change.actions != ["no-op"] and .mode == "managed") | {address, actions: .change.actions}] | sort_by(.address)' |
  sha256sum | cut -d ' ' -f 1 >changes.sha256
