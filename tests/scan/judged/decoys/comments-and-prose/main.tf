# resource "ionoscloud_pg_cluster" "x" {
#   ram = 4096
# }
// data "ionoscloud_pg_backups" "x" {}
/*
provider "ionoscloud" {
  username = "x"
}
resource "ionoscloud_pg_user" "x" {}
*/
