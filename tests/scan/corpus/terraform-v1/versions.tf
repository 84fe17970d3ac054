terraform {
  required_version = ">= 1.6"
  required_providers {
    ionoscloud = {
      source  = "ionos-cloud/ionoscloud"
      version = "~> 6.4.10"
    }
    random = {
      source  = "hashicorp/random"
      version = "3.6.0"
    }
  }
}

provider "ionoscloud" {
  username        = var.ionos_username
  password        = var.ionos_password
  contract_number = "31800001"
}
