terraform {
  # 1.11 brought write-only arguments, which keep passwords out of the state.
  required_version = ">= 1.11.0, < 2.0.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

# Applied once per account by an administrator, from a workstation; its own state is small, holds no secret, and is
# moved into the bucket it makes (see the README).
provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      Service   = "switchboard"
      ManagedBy = "terraform"
    }
  }
}
