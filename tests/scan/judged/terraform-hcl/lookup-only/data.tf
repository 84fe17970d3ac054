data "ionoscloud_pg_cluster" "billing" {
  id = "7b2e4a90-1c3d-4e5f-8a9b-2d4c6e8f0a02"
}

data "ionoscloud_pg_cluster" "reports" {
  display_name = "reports-weekly"
}

data "ionoscloud_pg_versions" "billing" {
  cluster_id = data.ionoscloud_pg_cluster.billing.id
}

data "ionoscloud_pg_backups" "billing" {
  cluster_id = data.ionoscloud_pg_cluster.billing.id
}

data "ionoscloud_pg_databases" "billing" {
  cluster_id = data.ionoscloud_pg_cluster.billing.id
  owner      = "invoicing"
}

data "ionoscloud_pg_user" "invoicing" {
  cluster_id = data.ionoscloud_pg_cluster.billing.id
  username   = "invoicing"
}

data "ionoscloud_mongo_cluster" "sessions" {
  display_name = "sessions"
}
