terraform {
  required_providers {
    ionoscloud = {
      source  = "ionos-cloud/ionoscloud"
      version = "~> 6.7.34"
    }
  }
}

provider "ionoscloud" {
  token = var.token
}

resource "ionoscloud_pg_cluster_v2" "orders" {
  name    = "orders-prod"
  version = "16"
  instances = {
    count        = 3
    cores        = 4
    ram          = 8
    storage_size = 50
  }
}

data "ionoscloud_pg_clusters_v2" "all" {
  location = "de/txl"
}

data "ionoscloud_pg_versions_v2" "all" {
  location = "de/txl"
}

import {
  to = ionoscloud_pg_cluster_v2.orders
  id = "de/txl:5d1c0f7e-8a52-4f0b-9b1e-0c6a5f3e1a01"
}
