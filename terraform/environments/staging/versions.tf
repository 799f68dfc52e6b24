terraform {
  required_version = ">= 1.11.0, < 2.0.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # The bucket and its key are made by ../../bootstrap and named at init: `terraform init -backend-config=backend.hcl`,
  # after backend.hcl.example. Locking is S3's own (a lock file beside the state), no DynamoDB table.
  backend "s3" {
    key          = "switchboard/staging/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      Service     = "switchboard"
      Environment = "staging"
      ManagedBy   = "terraform"
    }
  }
}
