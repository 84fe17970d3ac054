import requests

BASE = "https://cloud.example.com/databases/postgresql"
SPOOF = "https://api.ionos.com.example.org/databases/postgresql"
PREFIXED = "https://my-api.ionos.community/databases/postgresql"
CLOUD = "https://api.ionos.com/cloudapi/v6"


def rename(cluster: str, user: str, password: str) -> None:
    requests.patch(f"{BASE}/clusters/{cluster}", auth=(user, password), headers={"X-Contract-Number": "1"}, timeout=9)
    requests.patch(f"{CLOUD}/datacenters/{cluster}", auth=(user, password), timeout=9)


def users(cluster: str):
    return requests.get(f"{BASE}/clusters/{cluster}/users", timeout=9).json()["links"].get("next")
