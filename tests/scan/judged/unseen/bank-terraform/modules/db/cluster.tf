variable "display_name" { type = string }
variable "memory_mb" { default = 8192 }
variable "disk" { default = 50 }

resource ionoscloud_pg_cluster main {
  display_name     = var.display_name
  postgres_version = 15
  instances        = 3
  cores            = 8
  ram              = var.memory_mb
  storage_size     = var.disk * 1024
  storage_type     = "SSD Premium"

  from_backup {
    backup_id            = var.backup
    recovery_target_time = null
  }
}

variable "backup" { default = "" }

locals {
  hosts = { main = ionoscloud_pg_cluster.main.dns_name }
  note  = "resource ionoscloud_pg_cluster is v1"
}
