"""Speaks v2."""

import ionoscloud_dbaas_postgres
from ionoscloud_dbaas_postgres import ClustersApi

HOST = "https://postgresql.de-txl.ionos.com"
BUSY = "BUSY"


def settings():
    return {"ram": 4, "storageSize": 20, "host": HOST}


def state(client: ionoscloud_dbaas_postgres.ApiClient, cluster_id):
    return ClustersApi(client).clusters_find_by_id(cluster_id).metadata.state == BUSY
