"""Looks after clusters at https://api.ionos.com/databases/postgresql; users_post is in rotate.py."""

import os
import time

import ionoscloud_dbaas_postgres as psql
from ionoscloud_dbaas_postgres import ClustersApi, LogsApi, PatchClusterProperties, RestoresApi, UsersApi

configuration = psql.Configuration(username=os.environ["IONOS_USERNAME"], password=os.environ["PASSWORD"])
client = psql.ApiClient(configuration)
clusters = ClustersApi(client)


def everything():
    page = clusters.clusters_get()
    yield from page.items
    while page.links.next:
        page = clusters.clusters_get(offset=page.offset + page.limit)
        yield from page.items


def resize(cluster_id):
    """Uses clusters_patch and waits while BUSY."""
    clusters.clusters_patch(cluster_id, {"properties": PatchClusterProperties(ram=8 * 1024, cores=4)})
    while clusters.clusters_find_by_id(cluster_id).metadata.state in ("BUSY", "DEGRADED"):
        time.sleep(10)


def remove(cluster_id):
    gone = clusters.clusters_delete(cluster_id)
    return gone.properties.display_name


def rotate(password):
    UsersApi(client).users_patch("46c151c7-55f8-42a4-86c3-06ad6b4b91ea", "app", {"password": password})


def logs(cluster_id):
    return LogsApi(client).cluster_logs_get(cluster_id)


def rewind(cluster_id, backup_id):
    # RestoresApi.cluster_restore_post takes a backup id
    RestoresApi(client).cluster_restore_post(cluster_id, {"backupId": backup_id})
