# Credentials of the services themselves: a secret for each, a JSON object whose members are settings. Terraform makes the
# places and knows no value; `npm run keys` makes those. Tenants' secrets lie under toolplane/<environment>/ and are made by
# the data plane.

resource "aws_kms_key" "secrets" {
  description         = "${local.name}: secrets of tenants and settings of services"
  enable_key_rotation = true
}

# SECRETS_KMS_KEY of the data plane.
resource "aws_kms_alias" "secrets" {
  name          = "alias/${local.name}-secrets"
  target_key_id = aws_kms_key.secrets.key_id
}

resource "aws_secretsmanager_secret" "settings" {
  for_each    = toset(["edge", "data-plane", "control-plane", "migration"])
  name        = "toolplane-settings/${var.environment}/${each.value}"
  description = "Settings of ${each.value} that are secret"
  kms_key_id  = aws_kms_key.secrets.arn
}
