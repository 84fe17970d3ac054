terraform {
  required_providers {
    ionoscloud = {
      source  = "ionos-cloud/ionoscloud"
      version = ">= 6.7.34"
    }
  }
}

variable "lans" {
  type = list(string)
}

variable "datacenter_id" {
  type = string
}
