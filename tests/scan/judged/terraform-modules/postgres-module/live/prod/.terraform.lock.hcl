# This file is maintained automatically by "terraform init".
provider "registry.terraform.io/ionos-cloud/ionoscloud" {
  version     = "6.6.9"
  constraints = ">= 6.4.0, < 6.7.0"
}

provider "registry.terraform.io/hashicorp/random" {
  version = "3.6.2"
}
