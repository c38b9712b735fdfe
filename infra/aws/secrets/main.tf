# Who may use the secrets of one environment in AWS Secrets Manager: the data plane, and nobody else.
# Values are written by the data plane too: what edge and control plane never need, they are denied.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "environment" {
  description = "ENVIRONMENT of the data plane: names of secrets begin with toolplane/<environment>/."
  type        = string
  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.environment))
    error_message = "Letters, digits, _ and -, as in the settings of the data plane."
  }
}

variable "owner_ids" {
  description = "Ids of workspaces, and of organizations with shared credentials, that this data plane serves; empty: all."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for id in var.owner_ids : can(regex("^[A-Za-z0-9_-]+$", id))])
    error_message = "Ids hold letters, digits, _ and - only."
  }
}

variable "kms_key_arn" {
  description = "SECRETS_KMS_KEY of the data plane; null: the key of AWS for Secrets Manager, which needs no policy."
  type        = string
  default     = null
}

variable "data_plane_role" {
  description = "Name of the data plane's role."
  type        = string
}

variable "other_roles" {
  description = "Names of the roles of edge and control plane."
  type        = list(string)
}

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  region = data.aws_region.this.name
  prefix = "arn:${data.aws_partition.this.partition}:secretsmanager:${local.region}:${data.aws_caller_identity.this.account_id}:secret:toolplane/${var.environment}"
  # The sealing keys of the environment lie under `platform/data-plane`.
  secret_arns = length(var.owner_ids) == 0 ? ["${local.prefix}/*"] : [
    for owner in concat(var.owner_ids, ["platform/data-plane"]) : "${local.prefix}/${owner}/*"
  ]
}

resource "aws_iam_role_policy" "data_plane" {
  name   = "toolplane-${var.environment}-secrets"
  role   = var.data_plane_role
  policy = templatefile("${path.module}/data-plane-policy.json.tftpl", { secret_arns = jsonencode(local.secret_arns) })
}

resource "aws_iam_role_policy" "data_plane_kms" {
  count = var.kms_key_arn == null ? 0 : 1
  name  = "toolplane-${var.environment}-secrets-key"
  role  = var.data_plane_role
  policy = templatefile("${path.module}/data-plane-kms-policy.json.tftpl", {
    kms_key_arn = var.kms_key_arn
    region      = local.region
    # The last is what Secrets Manager tries a key with before it makes a secret.
    encryption_contexts = jsonencode(concat(local.secret_arns, ["RequestToValidateKeyAccess"]))
  })
}

resource "aws_iam_role_policy" "no_secrets" {
  for_each = toset(var.other_roles)
  name     = "toolplane-${var.environment}-no-secrets"
  role     = each.value
  policy   = templatefile("${path.module}/no-secrets-policy.json.tftpl", { partition = data.aws_partition.this.partition })
}
