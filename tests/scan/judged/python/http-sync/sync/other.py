"""Other vendors' things that look alike."""

import httpx

CONSOLE = "https://console.example.com/databases/postgresql"
V2 = "https://postgresql.us-las.ionos.com"
DNS = "https://dns.de-fra.ionos.com"


def tag(server_id: str) -> None:
    with httpx.Client(base_url="https://api.ionos.com/cloudapi/v6", auth=("a", "b")) as client:
        client.patch(f"/servers/{server_id}", json={"ram": 4096})


def queue_is_busy(queue) -> bool:
    return queue.state == "BUSY"


def v2_cluster(cluster_id: str) -> dict:
    return httpx.get(f"{V2}/clusters/{cluster_id}").json()
