resource "ionoscloud_pg_cluster_v2" "this" {
  name    = var.name
  version = var.engine
  instances = {
    count        = 3
    cores        = 4
    ram          = var.ram
    storage_size = var.storage
  }
}

data "ionoscloud_pg_backup_location_v2" "this" {
  location = "de/txl"
}
