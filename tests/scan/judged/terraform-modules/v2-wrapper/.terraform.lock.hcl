provider "registry.terraform.io/ionos-cloud/ionoscloud" {
  version     = "6.7.34"
  constraints = ">= 6.7.34"
}
