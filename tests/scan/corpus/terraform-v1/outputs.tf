# The v1 address was https://api.ionos.com/databases/postgresql before the move.
output "dns_name" {
  description = "Where ionoscloud_pg_cluster orders listens"
  value       = ionoscloud_pg_cluster.orders.dns_name
}
