output "cluster_name" {
  description = "For `aws eks update-kubeconfig --name`."
  value       = aws_eks_cluster.this.name
}

output "redis_address" {
  description = "Host of REDIS_URL: rediss://toolplane-<service>:<password>@<this>:6379."
  value       = aws_elasticache_replication_group.this.primary_endpoint_address
}

output "database_address" {
  description = "Host of DATABASE_URL: postgresql://toolplane:<password>@<this>:5432/toolplane?sslmode=verify-full."
  value       = aws_db_instance.this.address
}

output "database_admin_secret" {
  description = "Secret in which RDS keeps the password of toolplane_admin."
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}

output "settings_secrets" {
  description = "Secrets to be filled with the settings of each service."
  value       = { for name, secret in aws_secretsmanager_secret.settings : name => secret.name }
}

output "service_account_roles" {
  description = "For the annotations eks.amazonaws.com/role-arn in the overlay."
  value       = { for name, role in aws_iam_role.service_account : name => role.arn }
}

output "store_cidrs" {
  description = "Subnets of Redis and PostgreSQL, for the policies to-redis and to-postgresql of the overlay."
  value       = aws_subnet.stores[*].cidr_block
}

output "endpoint_cidrs" {
  description = "Subnets of the endpoints of AWS, for the policy to-secret-store of the overlay."
  value       = aws_subnet.endpoints[*].cidr_block
}

output "outgoing_addresses" {
  description = "Addresses under which upstreams see the data planes."
  value       = aws_eip.nat[*].public_ip
}
