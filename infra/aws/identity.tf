# Who the pods are in AWS. The data plane has a role; edge, control plane and what migrates have none. The role `settings` is
# the External Secrets Operator's.

data "aws_partition" "this" {}

locals {
  issuer = replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")
}

resource "aws_iam_role" "service_account" {
  for_each = toset(["data-plane", "settings"])
  name     = "${local.name}-${each.value}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = aws_iam_openid_connect_provider.cluster.arn }
      Condition = {
        StringEquals = {
          "${local.issuer}:aud" = "sts.amazonaws.com"
          "${local.issuer}:sub" = "system:serviceaccount:${var.namespace}:${each.value}"
        }
      }
    }]
  })
}

module "secrets" {
  source          = "./secrets"
  environment     = var.environment
  kms_key_arn     = aws_kms_key.secrets.arn
  data_plane_role = aws_iam_role.service_account["data-plane"].name
  # A pod without a role of its own could at worst become its node.
  other_roles = [aws_iam_role.service_account["settings"].name, aws_iam_role.nodes.name]
}

resource "aws_iam_role_policy" "settings" {
  name = "${local.name}-settings"
  role = aws_iam_role.service_account["settings"].name
  policy = templatefile("${path.module}/settings-policy.json.tftpl", {
    secret_arns = jsonencode([for secret in aws_secretsmanager_secret.settings : secret.arn])
    kms_key_arn = aws_kms_key.secrets.arn
    region      = var.region
  })
}
