"""A small client. See https://api.ionos.com/databases/postgresql for v1."""

import os

import httpx
import requests
from requests.auth import HTTPBasicAuth

BASE = os.environ.get("IONOS_API", "https://api.ionos.com/databases/postgresql")
OLD = "https://api.ionos.com/cloudapi/databases/postgres/clusters"
COMPUTE = "https://api.ionos.com/cloudapi/v6"
V2 = "https://postgresql.de-fra.ionos.com"
HEADERS = {"X-Contract-Number": "31800001"}


def create(user, password):
    body = {"properties": {"displayName": "orders-prod", "ram": 4096, "storageSize": 20480}}
    answer = requests.post(f"{BASE}/clusters", json=body, auth=HTTPBasicAuth(user, password), timeout=30)
    if answer.status_code != 200:
        raise RuntimeError("not created")
    return answer.json()["id"]


def scale(cluster_id, cores):
    return requests.patch(BASE + "/clusters/" + cluster_id, json={"properties": {"cores": cores}}, timeout=30)


def delete(cluster_id):
    return requests.delete(f"{BASE}/clusters/{cluster_id}", timeout=30).json()["metadata"]["state"]


def pages():
    url = f"{BASE}/clusters"
    while url:
        page = httpx.get(url, auth=("user", "Canary-Password-6")).json()
        yield from page["items"]
        url = page.get("_links", {}).get("next")


def users(cluster_id):
    return httpx.get(f"{BASE}/clusters/{cluster_id}/users").json()


def logs():
    return httpx.get(f"{BASE}/clusters/46c151c7-55f8-42a4-86c3-06ad6b4b91ea/logs").json()


def restore(cluster_id, backup_id):
    return httpx.post(f"{BASE}/clusters/{cluster_id}/restore", json={"backupId": backup_id})


def servers(user, password):
    """Another product: PATCH and Basic authentication are fine there."""
    requests.patch(f"{COMPUTE}/datacenters/1", auth=(user, password), timeout=30)
    return httpx.delete(f"{COMPUTE}/datacenters/1").json()


def new_clusters():
    created = httpx.post(f"{V2}/clusters", json={})
    return created.status_code == 200
