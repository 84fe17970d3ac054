variable "ionos_token" {
  type      = string
  sensitive = true
}
