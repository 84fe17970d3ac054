locals {
  mb = 1024
}

resource "ionoscloud_pg_cluster" "orders" {
  display_name         = "orders-prod"
  postgres_version     = "15"
  instances            = 2
  cores                = 4
  ram                  = 8192
  storage_size         = 40 * local.mb
  storage_type         = "SSD Premium"
  location             = ionoscloud_datacenter.shop.location
  synchronization_mode = "ASYNCHRONOUS"

  connections {
    datacenter_id = ionoscloud_datacenter.shop.id
    lan_id        = ionoscloud_lan.db.id
    cidr          = "192.168.7.4/24"
  }

  credentials {
    username = "shop"
    password = random_password.shop.result
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "random_password" "shop" {
  length = 24
}

resource "ionoscloud_pg_user" "app" {
  cluster_id = ionoscloud_pg_cluster.orders.id
  username   = "app"
  password   = random_password.shop.result
}

resource "ionoscloud_pg_database" "app" {
  cluster_id = ionoscloud_pg_cluster.orders.id
  name       = "app"
  owner      = ionoscloud_pg_user.app.username
}

# resource "ionoscloud_pg_cluster" "old" { ram = 2048 }

resource "kubernetes_deployment" "api" {
  metadata {
    name = "api"
  }
  # ram = 4096 in the first draft
}
