# What Toolplane needs of AWS: a network, a cluster, Redis, PostgreSQL, and who may read which secret. Kubernetes objects are
# in k8s/. docs/how-to/deploy-on-aws.md says in which order, and what of this was tried.

terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.9, < 7"
    }
  }
}

provider "aws" {
  region = var.region
  default_tags {
    tags = { application = "toolplane", environment = var.environment }
  }
}
