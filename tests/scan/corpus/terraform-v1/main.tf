# resource "ionoscloud_pg_cluster" "gone" { ram = 2048 }
/* data "ionoscloud_pg_backups" "gone" {} */

resource "ionoscloud_pg_cluster" "orders" {
  display_name         = "orders-prod"
  postgres_version     = "15"
  instances            = 2
  cores                = 4
  ram                  = 8192
  storage_size         = 102400
  storage_type         = "SSD Premium"
  location             = ionoscloud_datacenter.shop.location
  synchronization_mode = "ASYNCHRONOUS"

  connections {
    datacenter_id = ionoscloud_datacenter.shop.id
    lan_id        = ionoscloud_lan.db.id
    cidr          = "192.168.1.100/24"
  }

  credentials {
    username = "orders"
    password = random_password.orders.result
  }

  provisioner "local-exec" {
    command = "ionosctl dbaas postgres cluster get --cluster-id ${self.id}"
  }
}

resource "ionoscloud_pg_user" "app" {
  cluster_id = ionoscloud_pg_cluster.orders.id
  username   = "app"
  password   = "Canary-Password-1"
}

resource "ionoscloud_pg_database" "app" {
  cluster_id = ionoscloud_pg_cluster.orders.id
  name       = "app"
  owner      = ionoscloud_pg_user.app.username
}

resource "ionoscloud_mariadb_cluster" "blog" {
  display_name = "blog"
  ram          = 4
  storage_size = 10
}

data "ionoscloud_pg_versions" "all" {
  cluster_id = ionoscloud_pg_cluster.orders.id
}

data "ionoscloud_pg_backups" "orders" {
  cluster_id = ionoscloud_pg_cluster.orders.id
}

data "http" "clusters" {
  url = "https://api.ionos.com/databases/postgresql/clusters?limit=1000"
}
