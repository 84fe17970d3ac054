variable "user" {}
variable "password" {
  sensitive = true
}
variable "zone_id" {}
