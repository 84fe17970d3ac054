"""Fakes for the tests of the client: a clock that does not wait, and a cloud of one function."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
from pydantic import SecretStr

from bot.domain.cluster import Api
from bot.ionos.credentials import ContractAccess, resolve_addresses
from bot.ionos.endpoint import Endpoint
from bot.ionos.fleet import Fleet, open_fleet
from bot.ionos.transport import RetryLimits, Transport, TransportOptions

TOKEN = "canary-token-1f6b"
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
API_URL = "http://127.0.0.1:9/databases/postgresql"
REGION_URL = "http://127.0.0.1:9/{region}"
V1_PLACE = Endpoint(api=Api.V1, contract="main", base=API_URL)
V2_PLACE = Endpoint(api=Api.V2, contract="main", base="http://127.0.0.1:9/de-txl", region="de/txl")


class StepClock:
    """A clock that moves only when somebody sleeps, and then at once. `slept` keeps every wait, in
    seconds."""

    doubt = None

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.passed = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.passed += seconds


class FakeCloud:
    """A cloud that answers each request with the result of a function, and keeps the requests."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self.requests: list[httpx.Request] = []
        self._answer = answer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._answer(request)

    def sent(self, method: str) -> list[httpx.Request]:
        """Return the requests of one method."""
        return [request for request in self.requests if request.method == method]


def in_turn(*answers: httpx.Response | Exception) -> FakeCloud:
    """Return a cloud that gives these answers one after the other, and repeats the last one."""
    left = list(answers)

    def answer(_request: httpx.Request) -> httpx.Response:
        now = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(now, Exception):
            raise now
        return httpx.Response(now.status_code, headers=dict(now.headers), content=now.content)

    return FakeCloud(answer)


def bearer(name: str = "main", number: str | None = None) -> ContractAccess:
    """Return a contract with the canary token."""
    return ContractAccess(name=name, number=number, token=SecretStr(TOKEN))


def wiring(cloud: Callable, **limits) -> TransportOptions:
    """Return a transport into the fake cloud, with seeded chance."""
    chance = random.Random(7)  # noqa: S311  jitter is no secret, and a seeded one repeats
    return TransportOptions(
        http=lambda: httpx.MockTransport(cloud), chance=chance, retries=RetryLimits(**limits)
    )


def transport(
    cloud: Callable, clock: StepClock | None = None, access: ContractAccess | None = None, **limits
):
    """Return a transport of the contract "main"."""
    return Transport(access or bearer(), clock or StepClock(), wiring(cloud, **limits))


def fleet(cloud: Callable, clock: StepClock | None = None, *accesses: ContractAccess, **limits) -> Fleet:
    """Return a fleet over v1 and nine regions of the fake cloud."""
    addresses = resolve_addresses(API_URL, REGION_URL)
    return open_fleet(
        accesses or (bearer(),), addresses, clock=clock or StepClock(), wiring=wiring(cloud, **limits)
    )


def v1_cluster(number: int = 1, **properties) -> dict:
    """Return a complete v1 cluster, as the API answers."""
    return {
        "type": "cluster",
        "id": f"00000000-0000-4000-8000-{number:012d}",
        "metadata": {
            "createdDate": "2023-05-30T14:35:40.000Z",
            "createdBy": "someone@example.com",
            "createdByUserId": "87f9a82e-b28d-49ed-9d04-fba2c0459cd3",
            "lastModifiedDate": None,
            "lastModifiedBy": None,
            "lastModifiedByUserId": None,
            "state": "AVAILABLE",
        },
        "properties": {
            "displayName": f"cluster {number}",
            "postgresVersion": "15",
            "location": "de/txl",
            "dnsName": "pg-3euh45am6idkppu3.postgresql.de-txl.ionos.com",
            "backupLocation": "de",
            "instances": 2,
            "ram": 4096,
            "cores": 4,
            "storageSize": 30480,
            "storageType": "SSD Premium",
            "connections": [{"datacenterId": "03a8fdf1", "lanId": "2", "cidr": "192.168.1.100/24"}],
            "maintenanceWindow": {"time": "12:15:19", "dayOfTheWeek": "Monday"},
            "synchronizationMode": "ASYNCHRONOUS",
            "connectionPooler": {"enabled": True, "poolMode": "transaction"},
            **properties,
        },
    }


def v2_cluster(number: int = 1, **properties) -> dict:
    """Return a complete v2 cluster, as the API answers."""
    return {
        "id": f"00000000-0000-4000-8000-{number:012d}",
        "type": "cluster",
        "href": "/clusters/x",
        "metadata": {
            "createdDate": "2026-05-30T14:35:40Z",
            "createdBy": "someone@example.com",
            "createdByUserId": "87f9a82e",
            "resourceURN": "urn",
            "state": "AVAILABLE",
            "statusMessage": "fine",
            "dnsName": "pg-x.postgresql.de-txl.ionos.com",
        },
        "properties": {
            "name": f"cluster-{number}",
            "description": "Orders",
            "version": "16",
            "instances": {"count": 1, "cores": 2, "ram": 4, "storageSize": 20},
            "connection": {"datacenterId": "d", "lanId": "2", "primaryInstanceAddress": "192.168.1.4/24"},
            "maintenanceWindow": {"time": "16:30:59", "dayOfTheWeek": "Sunday"},
            "replicationMode": "ASYNCHRONOUS",
            "connectionPooler": "DISABLED",
            "credentials": {"username": "orders", "database": "orders"},
            "logsEnabled": False,
            "metricsEnabled": True,
            "backup": {"location": "eu-central-3", "retentionDays": 7},
            **properties,
        },
    }


def page(items: list | None, *, limit: int = 1000, offset: int = 0) -> httpx.Response:
    """Return one page of a list whose `next` link is always set, as seen on v2."""
    body = {
        "id": "x",
        "type": "collection",
        "href": "/x",
        "offset": offset,
        "limit": limit,
        "_links": {"next": "/x"},
    }
    return httpx.Response(200, json=body if items is None else {**body, "items": items})


def failure(status: int, message: str = "no", headers: dict | None = None) -> httpx.Response:
    """Return an error in the form of both APIs, in v1's media type."""
    body = {"httpStatus": status, "messages": [{"errorCode": "dbaas-err-1", "message": message}]}
    kind = {"content-type": "application/problem+json", **(headers or {})}
    return httpx.Response(status, headers=kind, content=json.dumps(body).encode())
