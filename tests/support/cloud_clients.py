"""Callers of the cloud simulator, in process; every answer is checked against its specification."""

import contextlib
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx
from cloud_specs import check_answer
from go_decoding import go_faults

from bot.demo.cloud import v1, v2
from bot.demo.cloud.app import create_app
from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.oddities import FLEETS
from bot.demo.cloud.request_pipeline import Routes
from bot.demo.seeded_fleet import seed_cloud
from bot.demo.virtual_clock import VirtualClock

DATACENTER = "03a8fdf1-fbc4-43f6-91ce-0506444e17dd"
PASSWORD = "Example-1@x"
BASES = {"v1": "/databases/postgresql", "v2": "/de-txl"}
_ROUTES = {"v1": Routes(v1.OPERATIONS), "v2": Routes(v2.OPERATIONS)}


@dataclass
class Caller:
    """A caller with one token on one API. Each answer is held to its specification and to the rules of
    IONOS's Go clients; `checked=False` for those that break them on purpose."""

    http: httpx.AsyncClient
    api: str
    base: str
    headers: dict
    checked: bool = True

    async def __call__(self, method, path, **more):
        headers = self.headers | more.pop("headers", {})
        response = await self.http.request(method, f"{self.base}{path}", headers=headers, **more)
        match = _ROUTES[self.api].match(method, path.partition("?")[0].strip("/").split("/"))
        if self.checked and match.operation is not None:
            check_answer(self.api, match.path, response)
            # That the alternatives of `restoreFromBackup` are ambiguous is the fault of one client alone.
            faults = go_faults(self.api, match.path, response)
            assert [fault for fault in faults if fault.rule != "alternatives"] == []
        return response

    async def get(self, path, **more):
        return await self("GET", path, **more)

    async def named(self, name):
        """Return the cluster of that name from the list, which is checked elsewhere."""
        key = "displayName" if self.api == "v1" else "name"
        unchecked = replace(self, checked=False)
        items = (await unchecked.get("/clusters?limit=1000")).json().get("items", [])
        return next(one for one in items if one["properties"][key] == name)

    async def state(self, cluster_id):
        """Return the state, or the HTTP status without a cluster."""
        response = await self.get(f"/clusters/{cluster_id}")
        return response.json()["metadata"]["state"] if response.status_code == 200 else response.status_code


@dataclass
class CloudSite:
    """A cloud with its clock and callers."""

    cloud: Cloud
    clock: VirtualClock
    http: httpx.AsyncClient

    def v1(self, token="demo-token", **more):
        return Caller(self.http, "v1", BASES["v1"], {"authorization": f"Bearer {token}"}, **more)

    def v2(self, token="demo-token", region="de-txl", **more):
        return Caller(self.http, "v2", f"/{region}", {"authorization": f"Bearer {token}"}, **more)

    async def admin(self, method, path, **more):
        return await self.http.request(method, f"/_cloud{path}", **more)

    async def true_state(self, cluster_id):
        return (await self.admin("GET", f"/clusters/{cluster_id}")).json()

    def pass_time(self, seconds):
        self.clock.advance(timedelta(seconds=seconds))


@contextlib.asynccontextmanager
async def cloud_site(*, oddities=FLEETS["plain"], clusters=44, **switches):
    """Open a seeded cloud with a clock that stands still, called in process."""
    clock = VirtualClock()
    cloud = seed_cloud(clock, clusters, oddities=oddities)
    cloud.switches = replace(cloud.switches, **switches)
    transport = httpx.ASGITransport(create_app(cloud))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        yield CloudSite(cloud, clock, http)


def v1_cluster(**properties):
    """Return a body for v1's POST /clusters."""
    return {
        "properties": {
            "displayName": "new-prod",
            "postgresVersion": "15",
            "location": "de/txl",
            "instances": 1,
            "ram": 4096,
            "cores": 2,
            "storageSize": 20480,
            "storageType": "SSD Premium",
            "connections": [{"datacenterId": DATACENTER, "lanId": "2", "cidr": "192.168.1.5/24"}],
            "credentials": {"username": "owner", "password": "long enough 1"},
            "synchronizationMode": "ASYNCHRONOUS",
        }
        | properties
    }


def v2_cluster(**properties):
    """Return a body for v2's POST /clusters; PUT needs an `id` beside it."""
    return {
        "properties": {
            "name": "new-prod",
            "version": "16",
            "instances": {"count": 1, "cores": 2, "ram": 4, "storageSize": 20},
            "connection": {
                "datacenterId": DATACENTER,
                "lanId": "2",
                "primaryInstanceAddress": "192.168.1.5/24",
            },
            "maintenanceWindow": {"time": "16:30:59", "dayOfTheWeek": "Sunday"},
            "replicationMode": "ASYNCHRONOUS",
            "backup": {"location": "eu-central-3", "retentionDays": 7},
            "credentials": {"username": "owner", "password": PASSWORD, "database": "orders"},
        }
        | properties
    }


async def put_back(caller, cluster_id, **changes):
    """PUT the answer of GET, with credentials and `changes`, as a v2 client must."""
    read = (await caller.get(f"/clusters/{cluster_id}")).json()
    properties = read["properties"] | {
        "credentials": {"username": "owner", "password": PASSWORD, "database": "orders"}
    }
    properties = {key: value for key, value in (properties | changes).items() if value is not None}
    return await caller("PUT", f"/clusters/{cluster_id}", json={"id": cluster_id, "properties": properties})
