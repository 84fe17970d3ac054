resource "ionoscloud_dns_record" "billing" {
  zone_id = var.zone_id
  name    = "billing-db"
  type    = "CNAME"
  content = data.ionoscloud_pg_cluster.billing.dns_name
  ttl     = 300
}
