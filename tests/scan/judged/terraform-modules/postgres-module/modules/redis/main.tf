variable "ram" {
  default = 4096
}

resource "ionoscloud_inmemorydb_replicaset" "this" {
  display_name = "cache"
  resources {
    ram = var.ram / 1024
  }
}
