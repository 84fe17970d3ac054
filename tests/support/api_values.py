"""Values that the tests of the client send and answer: new clusters, a user, both APIs as one."""

from dataclasses import replace
from datetime import UTC, datetime

import httpx
from api_fakes import FakeCloud, failure, page
from pydantic import SecretStr

from bot.domain.cluster import Api, Connection, MaintenanceWindow
from bot.domain.cluster_spec import Credentials, NewCluster

LAN = Connection(datacenter_id="03a8fdf1-fbc4-43f6-91ce-0506444e17dd", lan_id="2", address="192.168.1.4/24")
WINDOW = MaintenanceWindow(day="Sunday", time="16:30:59")
PASSWORD = "Canary-9!long"
USER = Credentials(username="orders", password=SecretStr(PASSWORD), database="orders")
AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
NEW_V1 = NewCluster(
    api=Api.V1,
    contract="main",
    region="de/txl",
    name="Orders (prod)",
    postgres_version="16",
    instances=3,
    cores=4,
    ram_mb=8192,
    storage_mb=30480,
    connection=LAN,
)
NEW_V2 = replace(
    NEW_V1,
    api=Api.V2,
    name="orders-prod",
    storage_mb=30720,
    maintenance=WINDOW,
    backup_location="eu-central-3",
    backup_retention_days=7,
)


def is_v1(request: httpx.Request) -> bool:
    """Return whether the request went to v1."""
    return request.url.path.startswith("/databases/postgresql")


def both_apis(v1=None, v2=None, region: str = "de-txl") -> FakeCloud:
    """Answer lists and single reads with these clusters; a callable answers in their place."""

    def answer(request):
        source = v1 if is_v1(request) else v2 if request.url.path.startswith(f"/{region}/") else []
        if callable(source):
            return source(request)
        if request.url.path.endswith("/clusters"):
            return page(source or [])
        found = [each for each in source or [] if request.url.path.endswith(f"/clusters/{each['id']}")]
        return httpx.Response(200, json=found[0]) if found else failure(404)

    return FakeCloud(answer)
