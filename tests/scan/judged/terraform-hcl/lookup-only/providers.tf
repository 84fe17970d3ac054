provider "ionoscloud" {
  username        = var.user
  password        = var.password
  contract_number = "31990001"
}
