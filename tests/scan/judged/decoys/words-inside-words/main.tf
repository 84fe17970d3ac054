resource "visionoscloud_pg_cluster" "x" {
  ram = 4096
}

module "ionoscloud_pg_cluster" {
  source = "./empty"
}
