resource "ionoscloud_pg_cluster" "this" {
  display_name     = var.name
  postgres_version = var.postgres_version
  instances        = var.instances
  cores            = var.cores
  ram              = var.ram
  storage_size     = var.storage_size
  location         = var.location

  connections {
    datacenter_id = var.datacenter_id
    lan_id        = var.lan_id
    cidr          = var.cidr
  }

  credentials {
    username = var.admin_name
    password = var.admin_password
  }
}

resource "ionoscloud_pg_database" "extra" {
  for_each   = toset(var.databases)
  cluster_id = ionoscloud_pg_cluster.this.id
  name       = each.value
  owner      = var.admin_name
}
