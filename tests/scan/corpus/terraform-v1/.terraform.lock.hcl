# This file is maintained automatically by "terraform init".
provider "registry.terraform.io/ionos-cloud/ionoscloud" {
  version     = "6.4.19"
  constraints = "~> 6.4.10"
  hashes = [
    "h1:0000000000000000000000000000000000000000000=",
  ]
}
