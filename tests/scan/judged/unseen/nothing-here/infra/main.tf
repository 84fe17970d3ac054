terraform {
  required_providers {
    ionoscloud = {
      source  = "ionos-cloud/ionoscloud"
      version = "6.4.18"
    }
  }
}

resource "ionoscloud_server" "vm" {
  ram          = 4096
  storage_size = 10240
}

resource "ionoscloud_pg_cluster_v2" "next" {
  name = "orders-prod"
}
