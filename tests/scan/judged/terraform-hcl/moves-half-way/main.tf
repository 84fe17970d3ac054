# billing has moved; reports still waits for its owner.
resource "ionoscloud_pg_cluster_v2" "billing" {
  name             = "billing-prod"
  version          = "16"
  location         = "de/txl"
  replication_mode = "ASYNCHRONOUS"

  instances = {
    count        = 1
    cores        = 2
    ram          = 4
    storage_size = 20
  }
}

resource "ionoscloud_pg_cluster" "reports" {
  display_name     = "reports-weekly"
  postgres_version = "14"
  instances        = 1
  cores            = 2
  ram              = 4096
  storage_size     = 20480
  location         = "de/txl"

  dynamic "connections" {
    for_each = var.lans
    content {
      datacenter_id = var.datacenter_id
      lan_id        = connections.value
      cidr          = "10.7.0.9/24"
    }
  }
}

resource "ionoscloud_mariadb_cluster" "blog" {
  display_name = "blog"
  ram          = 4096
  storage_size = 20480
}

removed {
  from = ionoscloud_pg_cluster.billing
  lifecycle {
    destroy = false
  }
}
