terraform {
  required_providers {
    ionoscloud = {
      source  = "ionos-cloud/ionoscloud"
      version = "6.4.1"
    }
  }
}

provider "ionoscloud" {
  username = var.username
  password = var.password
}

removed {
  from = ionoscloud_pg_cluster.orders
  lifecycle {
    destroy = false
  }
}

import {
  to = ionoscloud_pg_cluster_v2.orders
  id = "de/txl:46c151c7-55f8-42a4-86c3-06ad6b4b91ea"
}

# ionoscloud_pg_cluster counted MB: ram = 8192
resource "ionoscloud_pg_cluster_v2" "orders" {
  name             = "orders-prod"
  location         = "de/txl"
  version          = "16"
  replication_mode = "ASYNCHRONOUS"
  instances = {
    count        = 2
    cores        = 4
    ram          = 8
    storage_size = 100
  }
}

data "ionoscloud_pg_backups_v2" "orders" {
  location   = "de/txl"
  cluster_id = ionoscloud_pg_cluster_v2.orders.id
}
