output "orders_host" {
  value = ionoscloud_pg_cluster.orders.dns_name
}
