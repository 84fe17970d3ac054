terraform {
  required_providers {
    ionos = {
      source  = "registry.terraform.io/ionos-cloud/ionoscloud"
      version = "= 6.4.18"
    }
    vault = {
      source  = "hashicorp/vault"
      version = "6.4.18"
    }
  }
}
