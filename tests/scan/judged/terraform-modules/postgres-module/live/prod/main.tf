module "billing" {
  source       = "../../modules/postgres"
  name         = "billing-prod"
  ram          = 8192
  storage_size = 51200
}

module "cache" {
  source = "../../modules/redis"
  ram    = 8192
}
