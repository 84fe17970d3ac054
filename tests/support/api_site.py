"""The simulator in this process, the client on it, and one call for every operation of both APIs."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import httpx
from api_fakes import API_URL, REGION_URL, StepClock
from pydantic import SecretStr

from bot.demo.cloud.app import create_app
from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.oddities import FLEETS, Oddity
from bot.demo.cloud.records import ClusterRecord
from bot.demo.seeded_fleet import seed_cloud
from bot.domain.cluster import Api, Cluster, Connection, Listing, MaintenanceWindow
from bot.domain.cluster_spec import ClusterChange, Credentials, LogWindow, NewCluster, RestoreTo
from bot.ionos.credentials import REGIONS, ContractAccess, resolve_addresses
from bot.ionos.fleet import Fleet, open_fleet
from bot.ionos.transport import RetryLimits, TransportOptions
from bot.ionos.v1.client import V1Client
from bot.ionos.v2.client import V2Client

PASSWORD = "Canary-9!long"
PRIMARY = Credentials(username="orders", password=SecretStr(PASSWORD), database="orders")
PAYMENTS = Credentials(username="payments", password=SecretStr(PASSWORD), database="payments")
BOB = Credentials(username="bob", password=SecretStr(PASSWORD))


@dataclass(frozen=True, slots=True)
class Site:
    """The simulator, its clock, and the ways in. `orders` lives on v1, `payments` on v2, both in de/txl."""

    cloud: Cloud
    clock: StepClock
    fleet: Fleet
    v1: V1Client
    v2: V2Client

    def record(self, name: str) -> ClusterRecord:
        """Return the simulator's record of a cluster."""
        return next(record for record in self.cloud.everything() if record.name == name)

    @property
    def orders(self) -> str:
        return self.record("orders-prod").id

    @property
    def payments(self) -> str:
        return self.record("payments-prod").id

    async def named(self, name: str) -> Cluster:
        """Return a cluster as the fleet lists it."""
        return next(each for each in (await self.fleet.clusters()).items if each.name == name)


def open_site(
    *accesses: ContractAccess,
    oddities: frozenset[Oddity] = FLEETS["plain"],
    clusters: int = 44,
    regions: Iterable[str] = REGIONS,
    **limits: Any,
) -> Site:
    """Open a fresh simulator, whose clock moves when anybody on it sleeps.

    The client reads v2 in these `regions`.
    """
    clock = StepClock()
    cloud = seed_cloud(clock, clusters, oddities=oddities)
    app = create_app(cloud)
    wiring = TransportOptions(http=lambda: httpx.ASGITransport(app), retries=RetryLimits(**limits))
    main = accesses or (ContractAccess(name="main", token=SecretStr("demo-token")),)
    addresses = resolve_addresses(API_URL, REGION_URL)
    read = replace(addresses, regions={region: addresses.regions[region] for region in regions})
    fleet = open_fleet(main, read, clock=clock, wiring=wiring)
    contract = fleet.require_contract("main")
    return Site(cloud, clock, fleet, contract.need_v1(), contract.need_v2("de/txl"))


def new_cluster(api: Api, site: Site) -> NewCluster:
    """Return a cluster that either API accepts."""
    network = site.record("orders-prod").network
    only_v2 = {"backup_location": "eu-central-3", "backup_retention_days": 7} if api is Api.V2 else {}
    return NewCluster(
        api=api,
        contract="main",
        region="de/txl",
        name="brand-new",
        postgres_version="16",
        instances=1,
        cores=2,
        ram_mb=4096,
        storage_mb=20480,
        connection=Connection(datacenter_id=network.datacenter_id, lan_id="77", address="192.168.77.4/24"),
        maintenance=MaintenanceWindow(day="Sunday", time="04:00:00"),
        **only_v2,
    )


def backup_id(site: Site, name: str) -> str:
    """Return the id of a cluster's newest backup, as its API spells it."""
    record = site.record(name)
    return record.backups[-1].v1_id if record.api == "v1" else record.backups[-1].v2_id


def some_target(site: Site) -> RestoreTo:
    """Return a target time within the recovery window of `payments`."""
    return RestoreTo(target=site.clock.now().replace(hour=8))


async def in_one_answer(read: Awaitable[Listing[Any]]) -> tuple[Any, ...]:
    """Return the whole of a list that has no pages, and assert that nothing in it was odd."""
    listing = await read
    assert listing.gaps == ()
    return listing.items


Operation = Callable[[Site], Awaitable[Any]]

V1_READS: dict[str, Operation] = {
    "clustersGet": lambda on: on.v1.clusters(),
    "clustersFindById": lambda on: on.v1.cluster(on.orders),
    "clustersVersionsGet": lambda on: in_one_answer(on.v1.cluster_versions(on.orders)),
    "versionsGet": lambda on: in_one_answer(on.v1.versions()),
    "clusterLogsGet": lambda on: in_one_answer(on.v1.logs(on.orders, LogWindow())),
    "clusterBackupsGet": lambda on: on.v1.backups(on.orders),
    "clustersBackupsGet": lambda on: on.v1.backups(),
    "usersList": lambda on: on.v1.users(on.orders),
    "usersGet": lambda on: on.v1.user(on.orders, "orders"),
    "databasesList": lambda on: on.v1.databases(on.orders),
    "databasesGet": lambda on: on.v1.database(on.orders, "orders"),
}

V1_WRITES: dict[str, tuple[str, Operation]] = {
    "clustersPost": ("POST", lambda on: on.v1.create_cluster(new_cluster(Api.V1, on), BOB)),
    "clustersPatch": ("PATCH", lambda on: on.v1.change_cluster(on.orders, ClusterChange(ram_mb=16384))),
    "clustersDelete": ("DELETE", lambda on: on.v1.delete_cluster(on.orders)),
    "clusterRestorePost": (
        "POST",
        lambda on: on.v1.restore(on.orders, RestoreTo(backup_id=backup_id(on, "orders-prod"))),
    ),
    "usersPost": ("POST", lambda on: on.v1.create_user(on.orders, BOB)),
    "usersPatch": (
        "PATCH",
        lambda on: on.v1.change_password(
            on.orders, Credentials(username="orders", password=SecretStr(PASSWORD))
        ),
    ),
    "usersDelete": ("DELETE", lambda on: on.v1.delete_user(on.orders, "orders_readonly")),
    "databasesPost": ("POST", lambda on: on.v1.create_database(on.orders, "fresh", "orders")),
    "databasesDelete": ("DELETE", lambda on: on.v1.delete_database(on.orders, "orders_archive")),
}

V2_READS: dict[str, Operation] = {
    "clustersGet": lambda on: on.v2.clusters(),
    "clustersFindById": lambda on: on.v2.cluster(on.payments),
    "backupsGet": lambda on: on.v2.backups(),
    "backuplocationsGet": lambda on: on.v2.backup_locations(),
    "versionsGet": lambda on: on.v2.versions(),
}

V2_WRITES: dict[str, tuple[str, Operation]] = {
    "clustersPost": ("POST", lambda on: on.v2.create_cluster(new_cluster(Api.V2, on), PRIMARY)),
    "clustersPut": ("PUT", lambda on: on.v2.change_cluster(on.payments, ClusterChange(cores=8), PAYMENTS)),
    "clustersPut, restoring": ("PUT", lambda on: on.v2.restore(on.payments, some_target(on), PAYMENTS)),
    "clustersDelete": ("DELETE", lambda on: on.v2.delete_cluster(on.payments)),
}


READS = {f"v1 {name}": call for name, call in V1_READS.items()} | {
    f"v2 {name}": call for name, call in V2_READS.items()
}
WRITES = {f"v1 {name}": call for name, call in V1_WRITES.items()} | {
    f"v2 {name}": call for name, call in V2_WRITES.items()
}
