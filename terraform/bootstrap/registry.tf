# The image repository. Tags cannot be moved; deployments name digests anyway. Staging and production run the same
# digest, so there is one repository.

resource "aws_ecr_repository" "this" {
  name                 = "switchboard"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.state.arn
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  repository = aws_ecr_repository.this.name

  # Releases (v...) stay, for rolling back and for the auditor; of the others, the last hundred.
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Untagged images go after two weeks"
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 14 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "Of the images of single commits, keep the last hundred"
        selection    = { tagStatus = "tagged", tagPrefixList = ["commit-"], countType = "imageCountMoreThan", countNumber = 100 }
        action       = { type = "expire" }
      },
    ]
  })
}
