import {
  to = ionoscloud_pg_cluster_v2.billing
  id = "de/txl:7b2e4a90-1c3d-4e5f-8a9b-2d4c6e8f0a02"
}
