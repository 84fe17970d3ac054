import ionoscloud_dbaas_mariadb as mariadb
import ionoscloud_dbaas_mongo as mongo


def patch(api: mongo.ClustersApi, cluster_id: str) -> None:
    api.clusters_patch(cluster_id, {"properties": {"ram": 4096}})


def users(api: mongo.UsersApi, cluster_id: str):
    return api.clusters_users_get(cluster_id)


def busy(cluster: mariadb.ClusterResponse) -> bool:
    return cluster.metadata.state == "BUSY"
