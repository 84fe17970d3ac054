# Used by two stacks that are not yet ours.
data "ionoscloud_pg_cluster" "legacy" {
  display_name = var.legacy_name
}
