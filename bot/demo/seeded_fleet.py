"""The initial fleet of every demo and most tests: the same seed gives the same clusters."""

import random
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import IPv4Interface

from bot.demo.cloud.access import CONTRACT_A, PEOPLE
from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.fixed_clusters import ROWS, SeedCluster
from bot.demo.cloud.oddities import FLEETS, Oddity, switches_of
from bot.demo.cloud.places import REGIONS, derived_id
from bot.demo.cloud.records import (
    BackupRecord,
    ClusterNetwork,
    ClusterRecord,
    DatabaseEntry,
    DatacenterRecord,
    LanRecord,
    Phase,
    PrimaryUserRecord,
    ScheduledStep,
    TokenOwner,
    UserRecord,
    WindowRecord,
)
from bot.runtime.clock import Clock

SEED_PASSWORD = "Seeded-Passw0rd!"  # noqa: S105 - a public password of the simulator

_DRAWN_SWITCHES = ("logs_enabled", "metrics_enabled")
"""Further ones are off: another draw would make another fleet of the same seed."""

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_TEAMS = (
    "accounting",
    "audit",
    "basket",
    "catalog",
    "checkout",
    "claims",
    "content",
    "delivery",
    "fraud",
    "identity",
    "invoices",
    "loyalty",
    "mail",
    "media",
    "metering",
    "notifications",
    "offers",
    "partners",
    "pricing",
    "profiles",
    "ratings",
    "refunds",
    "returns",
    "routing",
    "searching",
    "sessions",
    "shipping",
    "stock",
    "subscriptions",
    "support",
    "surveys",
    "tickets",
    "tracking",
    "vouchers",
    "warehouse",
    "wishlist",
)
_STAGES = ("prod", "staging", "test", "dev", "qa", "reporting")


def seed_cloud(
    clock: Clock, clusters: int = 44, seed: int = 1, *, oddities: frozenset[Oddity] = FLEETS["odd"]
) -> Cloud:
    """Return a cloud with a fleet: first the rows of `fixed_clusters`, then generated ones in contract A.

    `oddities` are those that it shows. The same seed gives the same clusters in every fleet; only what an
    oddity changes is different.
    """
    cloud = Cloud(clock, switches=switches_of(oddities), seed=seed)
    builder = _RecordBuilder(cloud, random.Random(seed), oddities)  # noqa: S311 - repeatable on purpose
    for row in ROWS[:clusters]:
        builder.add(row)
    for number in range(clusters - len(ROWS)):
        builder.add(_generated_row(number))
    return cloud


def _generated_row(number: int) -> SeedCluster:
    """Return a row: APIs alternate, regions take turns."""
    team = _TEAMS[number % len(_TEAMS)]
    stage = _STAGES[number // len(_TEAMS) % len(_STAGES)]
    round_ = number // (len(_TEAMS) * len(_STAGES))
    name = f"{team}-{stage}" if round_ == 0 else f"{team}-{stage}-{round_ + 1:02d}"
    region = REGIONS[number // 2 % len(REGIONS)]
    return SeedCluster(name, "v2" if number % 2 else "v1", region.locations[0], CONTRACT_A)


class _RecordBuilder:
    """A builder of records from rows, with one seeded random source for what a row leaves open."""

    def __init__(self, cloud: Cloud, rng: random.Random, oddities: frozenset[Oddity]) -> None:
        self._cloud = cloud
        self._rng = rng
        self._oddities = oddities
        self._now = cloud.clock.now()
        self._datacenter_ids = {
            (contract, region.locations[0]): cloud.new_id() for contract in range(3) for region in REGIONS
        }

    def add(self, row: SeedCluster) -> None:
        record = self._record(row)
        self._leave_out(record, row)
        self._populate(record, row)
        self._connect(record)
        self._cloud.add(record)

    def _record(self, row: SeedCluster) -> ClusterRecord:
        rng = self._rng
        created = self._now - timedelta(seconds=rng.randrange(40 * 86400, 900 * 86400))
        if row.age is not None:
            created = self._now - row.age
        person = PEOPLE[row.contract % 10 - 1]
        record = ClusterRecord(
            id=self._cloud.new_id(),
            contract=row.contract,
            api=row.api,
            location=row.location,
            name=row.name,
            version=row.version or rng.choice(("14", "15", "16") if row.api == "v1" else ("15", "16", "17")),
            instances=row.instances,
            cores=row.cores or rng.choice((2, 2, 4, 4, 8)),
            ram_mb=row.ram_mb or 1024 * rng.choice((4, 4, 8, 8, 16, 32)),
            storage_mb=row.storage_mb or 1024 * rng.choice((10, 20, 50, 100, 250, 500)),
            storage_type=row.storage_type,
            backup_location="",
            created_at=created,
            created_by=person,
            credentials=None,
            window=WindowRecord(
                f"{rng.randrange(24):02d}:{rng.choice((0, 15, 30, 45)):02d}:00", rng.choice(_DAYS)
            ),
            replication=row.replication,
            pooler_enabled=row.pooler is not None,
            pool_mode="transaction" if row.pooler is None else row.pooler,
            description=row.description,
            switches={each: row.api == "v2" and rng.random() < 0.5 for each in _DRAWN_SWITCHES},
            phase=row.phase,
            status_message=row.status_message,
            oddities=self._oddities & row.odd.keys(),
        )
        self._place(record, row)
        self._date(record, row, person)
        return record

    def _leave_out(self, record: ClusterRecord, row: SeedCluster) -> None:
        """Put plain values in the place of the row's oddities that this fleet does not show.

        They replace what was drawn, so that the clusters after this one are the same in every fleet.
        """
        for oddity, plain in row.odd.items():
            if oddity in self._oddities:
                continue
            for name, value in plain.items():
                if name == "address":
                    lan = record.network.lan_id if record.network else "1"
                    record.network = ClusterNetwork(self._datacenter_of(record), lan, value)
                else:
                    setattr(record, name, value)

    def _datacenter_of(self, record: ClusterRecord) -> str:
        """Return the id of the contract's data center in the cluster's location."""
        contract = record.contract % 10 - 1
        known = self._datacenter_ids.get((contract, record.location))
        return known or derived_id("datacenter", str(contract), record.location)

    def _connect(self, record: ClusterRecord) -> None:
        """Add the data center and the LAN of a cluster's network, unless they exist."""
        made, person = self._now - timedelta(days=1000), record.created_by
        datacenter = DatacenterRecord(
            id=self._datacenter_of(record),
            name=f"vdc-{record.location.replace('/', '-')}",
            created_at=made,
            created_by=person,
            ready_at=self._now,
            contract=record.contract,
            location=record.location,
        )
        datacenter = self._cloud.datacenters.setdefault(datacenter.id, datacenter)
        if record.network is None or record.network.lan_id in datacenter.lans:
            return
        lan_id = record.network.lan_id
        datacenter.lans[lan_id] = LanRecord(
            id=lan_id,
            datacenter_id=datacenter.id,
            name=f"lan-{lan_id}",
            created_at=made,
            created_by=person,
            ready_at=made,
            block=_network_of(record.network.address),
        )

    def _place(self, record: ClusterRecord, row: SeedCluster) -> None:
        region = record.region
        v2_location = region.v2_backup_locations[0]
        record.backup_location = region.v1_backup_location if row.api == "v1" else v2_location
        if row.attached:
            net = self._rng.randrange(1, 250)
            address = row.address or f"192.168.{net if net != 230 else 231}.{self._rng.randrange(3, 11)}/24"
            lan = str(self._rng.randrange(1, 9))
            record.network = ClusterNetwork(self._datacenter_of(record), lan, address)

    def _date(self, record: ClusterRecord, row: SeedCluster, person: TokenOwner) -> None:
        if row.changed:
            record.modified_at = record.created_at + (self._now - record.created_at) * self._rng.random()
            record.modified_by = person
        if row.ends is not None:
            final = Phase.GONE if record.phase == Phase.DESTROYING else Phase.AVAILABLE
            record.steps = [ScheduledStep(self._now + row.ends, final)]

    def _populate(self, record: ClusterRecord, row: SeedCluster) -> None:
        person, made = record.created_by, record.created_at + timedelta(minutes=3)
        owner = row.users[0] if row.users else row.default_user
        record.credentials = PrimaryUserRecord(
            owner, SEED_PASSWORD, row.databases[0] if row.databases else owner
        )
        for name in row.users or (owner,):
            record.users[name] = UserRecord(name, SEED_PASSWORD, made, person, _origin(name))
        for name in row.databases or (owner,):
            record.databases[name] = DatabaseEntry(name, owner, made, person, _origin(name))
        record.backups = self._backups(record, made)

    def _backups(self, record: ClusterRecord, made: datetime) -> list[BackupRecord]:
        """Return one backup since creation; a cluster in creation gets its backup at the end."""
        if record.phase == Phase.CREATING and record.steps:
            made = record.steps[0].due
        base = timedelta(seconds=self._cloud.durations.base_backup)
        size = 2048 + 16 * self._rng.randrange(1, 400)
        suffix, place = self._cloud.new_suffix(), record.backup_location
        return [BackupRecord(record.id, suffix, record.version, made, made + base, place, size)]


@lru_cache(maxsize=512)
def _network_of(address: str) -> str:
    """Return the network of an address: the same seed has the same ones, and each takes a while."""
    return str(IPv4Interface(address).network)


def _origin(name: str) -> str:
    """Mark names that a person would have created by SQL, without the API."""
    return "unmanaged" if name.endswith("_sql") else ""
