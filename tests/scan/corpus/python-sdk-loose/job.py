from ionoscloud_dbaas_postgres.api.databases_api import DatabasesApi


def databases(client, cluster_id):
    return DatabasesApi(client).databases_list(cluster_id).items
