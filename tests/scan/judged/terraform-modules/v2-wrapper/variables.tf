variable "ram" {
  description = "GB. Was MB as long as this wrapped ionoscloud_pg_cluster."
  type        = number
  default     = 8
}

variable "storage" {
  default = 100
}

variable "legacy_ram" {
  default = 8192
}
