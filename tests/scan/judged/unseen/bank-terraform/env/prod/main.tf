module "ledger" {
  source = "../../modules/db"

  display_name = "billing-prod"
  memory_mb    = 16384
  disk         = 200
}

moved {
  from = ionoscloud_pg_cluster.ledger
  to   = module.ledger.ionoscloud_pg_cluster.main
}
