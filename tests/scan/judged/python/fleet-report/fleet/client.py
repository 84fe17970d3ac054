"""Thin client of the managed databases."""

import ionoscloud_dbaas_postgres as pg

from fleet.settings import Settings


class Fleet:
    def __init__(self, settings: Settings) -> None:
        configuration = pg.Configuration(username=settings.user, password=settings.password)
        self._api = pg.ApiClient(configuration)
        self.clusters = pg.ClustersApi(self._api)
        self.users = pg.UsersApi(self._api)
        self._logs = pg.LogsApi(self._api)

    def all(self):
        return self.clusters.clusters_get(limit=100).items

    def grow(self, cluster_id: str, gigabytes: int) -> None:
        properties = pg.PatchClusterProperties(storage_size=gigabytes * 1024)
        self.clusters.clusters_patch(cluster_id, pg.PatchClusterRequest(properties=properties))

    def lines(self, cluster_id: str):
        return self._logs.cluster_logs_get(cluster_id, limit=1000)

    def add_reader(self, cluster_id: str, name: str) -> None:
        self.users.users_post(cluster_id, {"properties": {"username": name}})
