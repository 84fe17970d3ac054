resource "ionoscloud_mariadb_cluster" "blog" {
  display_name = "blog"
  ram          = 4096
  storage_size = 10240
}

resource "ionoscloud_mongo_cluster" "sessions" {
  display_name = "sessions"
}

resource "ionoscloud_mongo_user" "app" {
  cluster_id = ionoscloud_mongo_cluster.sessions.id
}

resource "ionoscloud_inmemorydb_replicaset" "cache" {
  display_name = "cache"
}
