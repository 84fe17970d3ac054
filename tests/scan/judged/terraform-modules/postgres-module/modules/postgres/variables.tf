variable "name" {
  type = string
}

variable "ram" {
  description = "Memory of one instance in MB"
  type        = number
  default     = 4096
}

variable "storage_size" {
  type    = number
  default = 20480
}

variable "cores" {
  type    = number
  default = 2
}

variable "instances" {
  type    = number
  default = 1
}

variable "databases" {
  type    = list(string)
  default = []
}
