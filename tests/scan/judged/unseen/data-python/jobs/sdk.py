from ionoscloud_dbaas_postgres import ApiClient, Configuration
from ionoscloud_dbaas_postgres.api.clusters_api import ClustersApi
from ionoscloud_dbaas_postgres.api import databases_api as dbs


def make(token: str, name: str):
    with ApiClient(Configuration(token=token)) as client:
        body = {"properties": {"displayName": name, "ram": 4096, "storageSize": 20480, "cores": 2}}
        made = ClustersApi(client).clusters_post(body)
        while ClustersApi(client).clusters_find_by_id(made.id).metadata.state == "BUSY":
            pass
        return dbs.DatabasesApi(client).databases_post(made.id, {"properties": {"name": "app", "owner": "app"}})
