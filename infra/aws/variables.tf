variable "environment" {
  description = "ENVIRONMENT of the data plane; part of every name."
  type        = string
  default     = "production"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,20}$", var.environment))
    error_message = "Lower-case letters, digits and -, at most 21: names of AWS are short."
  }
}

variable "region" {
  description = "Region of everything."
  type        = string
  default     = "eu-central-1"
}

variable "namespace" {
  description = "Namespace of Kubernetes whose service accounts get the roles."
  type        = string
  default     = "toolplane"
}

variable "cidr" {
  description = "Addresses of the network. The overlays in k8s/ name its subnets."
  type        = string
  default     = "10.20.0.0/16"
  validation {
    condition     = can(cidrnetmask(var.cidr)) && endswith(var.cidr, "/16") && startswith(var.cidr, "10.")
    error_message = "A /16 of 10.0.0.0/8: tools never reach it, and there is room for the subnets."
  }
}

variable "cluster_version" {
  description = "Version of Kubernetes."
  type        = string
  default     = "1.34"
  validation {
    condition     = can(regex("^1\\.(3[0-9]|[4-9][0-9])$", var.cluster_version))
    error_message = "1.30 or newer: pods wait by preStop.sleep."
  }
}

variable "api_cidrs" {
  description = "Where the API of Kubernetes is reached from outside the network; empty: nowhere."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for cidr in var.api_cidrs : can(cidrnetmask(cidr)) && !endswith(cidr, "/0")])
    error_message = "Ranges of addresses, and not the whole internet."
  }
}

variable "admin_arns" {
  description = "Roles of people who administer the cluster."
  type        = list(string)
  validation {
    condition     = length(var.admin_arns) > 0 && alltrue([for arn in var.admin_arns : can(regex("^arn:aws[a-z-]*:iam::", arn))])
    error_message = "At least one ARN of IAM: whoever makes the cluster gets no rights by that."
  }
}

variable "node_type" {
  description = "Instance type of the nodes."
  type        = string
  default     = "m7i.large"
}

variable "node_count" {
  description = "Nodes at least and at most."
  type        = object({ min = number, max = number })
  default     = { min = 3, max = 9 }
  validation {
    condition     = var.node_count.min >= 2 && var.node_count.max >= var.node_count.min
    error_message = "Two nodes at least: services have two pods."
  }
}

variable "redis_type" {
  description = "Node type of ElastiCache."
  type        = string
  default     = "cache.m7g.large"
}

variable "redis_users" {
  description = "File with the users of Redis, from this folder. With pools one of your own, of `redis-users --pool`."
  type        = string
  default     = "../redis/users.acl"
}

variable "redis_passwords" {
  description = "Passwords of the users edge, data-plane, control-plane and admin, as `npm run keys` makes them, and of pools. They lie in the state."
  type        = map(string)
  sensitive   = true
  validation {
    condition = (
      length(setsubtract(["admin", "control-plane", "data-plane", "edge"], keys(var.redis_passwords))) == 0
      && alltrue([for password in values(var.redis_passwords) : length(password) >= 16 && length(password) <= 128])
    )
    error_message = "One for each user, of 16 to 128 characters."
  }
}

variable "redis_old_passwords" {
  description = "Passwords that are good besides, by user, while services are given new ones; empty again when all have them."
  type        = map(string)
  default     = {}
  sensitive   = true
}

variable "database_class" {
  description = "Instance class of RDS."
  type        = string
  default     = "db.m7g.large"
}

variable "database_gigabytes" {
  description = "Storage of PostgreSQL at the beginning, and how far it may grow by itself."
  type        = object({ initial = number, max = number })
  default     = { initial = 50, max = 500 }
  validation {
    condition     = var.database_gigabytes.initial >= 20 && var.database_gigabytes.max > var.database_gigabytes.initial
    error_message = "20 GB at least, and room to grow."
  }
}

variable "backup_days" {
  description = "How long backups of PostgreSQL are kept; any second of that time can be restored."
  type        = number
  default     = 14
  validation {
    condition     = var.backup_days >= 7 && var.backup_days <= 35
    error_message = "7 to 35 days."
  }
}
