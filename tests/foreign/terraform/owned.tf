# A cluster of v1 as its owner has it in Terraform before IONOS moves it to v2.

terraform {
  required_providers {
    ionoscloud = { source = "ionos-cloud/ionoscloud" }
  }
}

resource "ionoscloud_pg_cluster" "orders-prod" {
  display_name         = "orders-prod"
  postgres_version     = "15"
  instances            = 2
  cores                = 4
  ram                  = 8192
  storage_size         = 102400
  storage_type         = "SSD Premium"
  location             = "de/txl"
  synchronization_mode = "ASYNCHRONOUS"

  credentials {
    username = "orders"
    password = "never-read"
  }
}
