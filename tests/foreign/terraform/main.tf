# What `make foreign` applies, changes and destroys with IONOS's provider: a cluster of each API, and all data sources.

terraform {
  required_providers {
    ionoscloud = { source = "ionos-cloud/ionoscloud" }
  }
}

variable "password" { sensitive = true }
variable "cores" { default = 2 }
variable "suffix" { default = "" }

locals {
  location   = "de/txl"
  datacenter = ionoscloud_datacenter.database.id
  lan        = ionoscloud_lan.database.id
}

resource "ionoscloud_datacenter" "database" {
  name     = "terraform${var.suffix}"
  location = local.location
}

resource "ionoscloud_lan" "database" {
  datacenter_id = ionoscloud_datacenter.database.id
  name          = "terraform${var.suffix}"
  public        = false
}

resource "ionoscloud_pg_cluster" "first" {
  display_name         = "terraform-v1${var.suffix}"
  postgres_version     = "15"
  instances            = 1
  cores                = var.cores
  ram                  = 4096
  storage_size         = 20480
  storage_type         = "SSD Premium"
  location             = local.location
  synchronization_mode = "ASYNCHRONOUS"

  connection_pooler {
    enabled   = true
    pool_mode = "session"
  }
  connections {
    datacenter_id = local.datacenter
    lan_id        = local.lan
    cidr          = "192.168.1.100/24"
  }
  maintenance_window {
    day_of_the_week = "Sunday"
    time            = "09:00:00"
  }
  credentials {
    username = "app"
    password = var.password
  }
}

resource "ionoscloud_pg_user" "reader" {
  cluster_id = ionoscloud_pg_cluster.first.id
  username   = "reader"
  password   = var.password
}

resource "ionoscloud_pg_database" "sales" {
  cluster_id = ionoscloud_pg_cluster.first.id
  name       = "sales"
  owner      = ionoscloud_pg_user.reader.username
}

resource "ionoscloud_pg_cluster_v2" "second" {
  name             = "terraform-v2${var.suffix}"
  version          = "17"
  location         = local.location
  replication_mode = "ASYNCHRONOUS"

  backup = {
    location       = "eu-central-3"
    retention_days = 7
  }
  instances = {
    count        = 1
    cores        = var.cores
    ram          = 4
    storage_size = 10
  }
  connections = {
    datacenter_id            = local.datacenter
    lan_id                   = local.lan
    primary_instance_address = "192.168.1.101/24"
  }
  maintenance_window = {
    time            = "09:00:00"
    day_of_the_week = "Sunday"
  }
  credentials = {
    username         = "app"
    password         = var.password
    password_version = "1"
    database         = "app"
  }
}

data "ionoscloud_pg_cluster" "orders" {
  display_name = "orders-prod"
}

data "ionoscloud_pg_backups" "orders" {
  cluster_id = data.ionoscloud_pg_cluster.orders.id
}

data "ionoscloud_pg_databases" "orders" {
  cluster_id = data.ionoscloud_pg_cluster.orders.id
}

data "ionoscloud_pg_versions" "all" {}

data "ionoscloud_pg_cluster_v2" "payments" {
  name     = "payments-prod"
  location = local.location
}

data "ionoscloud_pg_clusters_v2" "all" {
  location = local.location
}

data "ionoscloud_pg_backups_v2" "payments" {
  location   = local.location
  cluster_id = data.ionoscloud_pg_cluster_v2.payments.id
}

data "ionoscloud_pg_versions_v2" "all" {
  location = local.location
}

data "ionoscloud_pg_backup_location_v2" "all" {
  location = local.location
}

output "read" {
  value = {
    orders    = data.ionoscloud_pg_cluster.orders.id
    payments  = data.ionoscloud_pg_cluster_v2.payments.id
    backups   = length(data.ionoscloud_pg_backups.orders.cluster_backups)
    databases = length(data.ionoscloud_pg_databases.orders.databases)
    versions  = data.ionoscloud_pg_versions.all.postgres_versions
    listed    = contains([for each in data.ionoscloud_pg_clusters_v2.all.clusters : each.name], "payments-prod")
  }
}
