# Looks up every cluster by its name, and lists what the regions of v2 have.

terraform {
  required_providers {
    ionoscloud = { source = "ionos-cloud/ionoscloud" }
  }
}

variable "first" { type = map(string) }
variable "second" { type = map(object({ name = string, location = string })) }
variable "locations" { type = set(string) }

data "ionoscloud_pg_cluster" "each" {
  for_each     = var.first
  display_name = each.value
}

data "ionoscloud_pg_backups" "each" {
  for_each   = var.first
  cluster_id = each.key
}

data "ionoscloud_pg_cluster_v2" "each" {
  for_each = var.second
  name     = each.value.name
  location = each.value.location
}

data "ionoscloud_pg_clusters_v2" "each" {
  for_each = var.locations
  location = each.value
}

data "ionoscloud_pg_backups_v2" "each" {
  for_each = var.locations
  location = each.value
}
