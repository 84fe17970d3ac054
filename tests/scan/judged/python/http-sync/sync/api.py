import os
from urllib.parse import urljoin

import httpx

DEFAULT_BASE = "https://api.ionos.com/databases/postgresql/"


class Api:
    def __init__(self, token: str, base: str = DEFAULT_BASE) -> None:
        self.base = base
        self.http = httpx.Client(
            base_url=base,
            headers={"Authorization": f"Bearer {token}", "X-Contract-Number": os.environ["CONTRACT"]},
        )

    def cluster(self, cluster_id: str) -> dict:
        return self.http.get(f"clusters/{cluster_id}").json()

    def resize(self, cluster_id: str, ram_gb: int) -> None:
        body = {"properties": {"ram": ram_gb * 1024}}
        self.http.patch(f"clusters/{cluster_id}", json=body).raise_for_status()

    def users(self, cluster_id: str) -> list[dict]:
        return self.http.get(urljoin(self.base, f"clusters/{cluster_id}/users")).json()["items"]

    def every_cluster(self):
        url = "clusters"
        while url:
            page = self.http.get(url).json()
            yield from page["items"]
            url = page["links"].get("next")

    def remove(self, cluster_id: str) -> str:
        gone = self.http.delete(f"clusters/{cluster_id}")
        return gone.json()["metadata"]["state"]
