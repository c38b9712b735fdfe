# One server and a replica in another zone, no cluster mode: scripts use keys of several slots.

resource "aws_kms_key" "stores" {
  description         = "${local.name}: Redis and PostgreSQL"
  enable_key_rotation = true
}

locals {
  # What each user may do is what infra/redis/users.acl says, which is made from the tables in packages/bus, or a file of
  # the same form with the users of pools.
  redis_rights = {
    for line in regexall("(?m)^user toolplane-([a-z0-9-]+) on #\\S+ (.+)$", file("${path.module}/${var.redis_users}")) :
    line[0] => "on ${line[1]}"
  }
}

resource "aws_elasticache_user" "this" {
  for_each      = local.redis_rights
  user_id       = "${local.name}-${each.key}"
  user_name     = "toolplane-${each.key}"
  engine        = "valkey"
  access_string = each.value
  authentication_mode {
    type      = "password"
    passwords = compact([var.redis_passwords[each.key], lookup(var.redis_old_passwords, each.key, "")])
  }
}

resource "aws_elasticache_user_group" "this" {
  user_group_id = local.name
  engine        = "valkey"
  user_ids      = [for user in aws_elasticache_user.this : user.user_id]
}

resource "aws_elasticache_parameter_group" "this" {
  name   = local.name
  family = "valkey8"
  # A fence that was evicted would let a call start twice.
  parameter {
    name  = "maxmemory-policy"
    value = "noeviction"
  }
}

resource "aws_elasticache_subnet_group" "this" {
  name       = local.name
  subnet_ids = aws_subnet.stores[*].id
}

resource "aws_security_group" "redis" {
  name        = "${local.name}-redis"
  description = "Redis, for the cluster"
  vpc_id      = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "redis" {
  security_group_id            = aws_security_group.redis.id
  description                  = "From the nodes; which pods, NetworkPolicies say"
  referenced_security_group_id = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id       = local.name
  description                = "Carries calls between the planes of Toolplane"
  engine                     = "valkey"
  engine_version             = "8.0"
  node_type                  = var.redis_type
  num_cache_clusters         = 2
  automatic_failover_enabled = true
  multi_az_enabled           = true
  parameter_group_name       = aws_elasticache_parameter_group.this.name
  subnet_group_name          = aws_elasticache_subnet_group.this.name
  security_group_ids         = [aws_security_group.redis.id]
  user_group_ids             = [aws_elasticache_user_group.this.user_group_id]
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  at_rest_encryption_enabled = true
  kms_key_id                 = aws_kms_key.stores.arn
  snapshot_retention_limit   = 1
  auto_minor_version_upgrade = true
}
