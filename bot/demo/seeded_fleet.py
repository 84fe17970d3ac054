"""The initial fleet of every demo and most tests: the same seed gives the same clusters."""

import random
from datetime import datetime, timedelta

from bot.demo.cloud.access import CONTRACT_A, PEOPLE
from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.fixed_clusters import BREAKING, ROWS, SeedCluster
from bot.demo.cloud.places import REGIONS
from bot.demo.cloud.records import (
    BackupRecord,
    ClusterNetwork,
    ClusterRecord,
    DatabaseEntry,
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


def seed_cloud(clock: Clock, clusters: int = 44, seed: int = 1, *, oddities: bool = True) -> Cloud:
    """Return a cloud with a fleet: first the rows of `fleet`, then generated ones in contract A.

    `oddities=False` leaves out what breaks the specifications (an unknown state, times without a zone, an
    empty `poolMode`, v2 clusters below v2's 4 GB), for tests that check answers against them. Oddities that
    the specifications allow stay.
    """
    cloud = Cloud(clock, seed=seed)
    builder = _RecordBuilder(cloud, random.Random(seed), oddities=oddities)  # noqa: S311 - repeatable on purpose
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

    def __init__(self, cloud: Cloud, rng: random.Random, *, oddities: bool) -> None:
        self._cloud = cloud
        self._rng = rng
        self._oddities = oddities
        self._now = cloud.clock.now()
        self._datacenters = {
            (contract, region.label): cloud.new_id() for contract in range(3) for region in REGIONS
        }

    def add(self, row: SeedCluster) -> None:
        """Add the cluster of a row to the cloud."""
        record = self._record(row)
        self._populate(record, row)
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
            ram_mb=self._ram_mb(row),
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
            pool_mode=self._pool_mode(row),
            description=row.description,
            switches={each: row.api == "v2" and rng.random() < 0.5 for each in _DRAWN_SWITCHES},
            phase=self._phase(row),
            status_message=row.status_message,
            quirks=row.quirks if self._oddities else row.quirks - BREAKING,
        )
        self._place(record, row)
        self._date(record, row, person)
        return record

    def _ram_mb(self, row: SeedCluster) -> int:
        if row.ram_mb == 0:
            return 1024 * self._rng.choice((4, 4, 8, 8, 16, 32))
        # IONOS's own v2 client also checks answers against the limits for requests.
        return max(row.ram_mb, 4096) if row.api == "v2" and not self._oddities else row.ram_mb

    def _pool_mode(self, row: SeedCluster) -> str:
        breaking = row.pooler == "" and not self._oddities
        return "transaction" if row.pooler is None or breaking else row.pooler

    def _phase(self, row: SeedCluster) -> str:
        known = row.phase in list(Phase)
        return row.phase if known or self._oddities else Phase.AVAILABLE

    def _place(self, record: ClusterRecord, row: SeedCluster) -> None:
        region = record.region
        v2_location = region.v2_backup_locations[0]
        record.backup_location = region.v1_backup_location if row.api == "v1" else v2_location
        if row.attached:
            net = self._rng.randrange(1, 250)
            datacenter = self._datacenters[record.contract % 10 - 1, region.label]
            address = row.address or f"192.168.{net if net != 230 else 231}.{self._rng.randrange(3, 11)}/24"
            record.network = ClusterNetwork(datacenter, str(self._rng.randrange(1, 9)), address)

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
        return [
            BackupRecord(
                record.id,
                self._cloud.new_suffix(),
                record.version,
                made,
                made + base,
                record.backup_location,
                size,
            )
        ]


def _origin(name: str) -> str:
    """Mark names that a person would have created by SQL, without the API."""
    return "unmanaged" if name.endswith("_sql") else ""
