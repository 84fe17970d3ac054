from __future__ import annotations

import requests

ROOT = "https://api.ionos.com"
PG = ROOT + "/databases/postgresql"
VM = ROOT + "/cloudapi/v6"


class Session(requests.Session):
    def __init__(self, user, password):
        super().__init__()
        self.auth = (user, password)


def databases(session: Session, cluster: str) -> list:
    return session.get("/".join([PG, "clusters", cluster, "databases"]), timeout=5).json()["items"]


def set_window(session: Session, cluster: str, window: dict) -> None:
    session.request("PATCH", f"{PG}/clusters/{cluster}", json={"properties": {"maintenanceWindow": window}})


def rename_vm(session, vm: str) -> None:
    session.request("PATCH", f"{VM}/datacenters/{vm}", json={"properties": {"name": "x"}})
