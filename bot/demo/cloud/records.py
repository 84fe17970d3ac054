"""Records of the simulator: clusters with their backups, users, databases and hidden truth; data centers."""

import itertools
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Network
from typing import ClassVar

from bot.demo.cloud.oddities import Oddity
from bot.demo.cloud.places import REGION_BY_LOCATION, Region, derived_id

_PRIVATE = IPv4Network("10.7.0.0/16")
"""The range of the blocks of new LANs, one /24 each; no API reserves it."""


class Phase(StrEnum):
    """The phase of a cluster's life, in neither API's words. A record may hold any other word too."""

    CREATING = "CREATING"
    AVAILABLE = "AVAILABLE"
    CHANGING = "CHANGING"
    DESTROYING = "DESTROYING"
    FAILED = "FAILED"
    DEGRADED = "DEGRADED"
    UNKNOWN = "UNKNOWN"
    GONE = "GONE"


@dataclass(frozen=True, slots=True)
class TokenOwner:
    """The person behind a token: what `createdBy` shows."""

    name: str
    id: str


@dataclass(frozen=True, slots=True)
class ClusterNetwork:
    """The LAN of a cluster; `address` is the primary's, with prefix length."""

    datacenter_id: str
    lan_id: str
    address: str


@dataclass(frozen=True, slots=True)
class WindowRecord:
    """Start of the weekly maintenance, UTC."""

    time: str
    day: str


@dataclass(frozen=True, slots=True)
class PrimaryUserRecord:
    """The primary user of a cluster, as last sent."""

    username: str
    password: str = field(repr=False)
    database: str | None = None


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A database user. `origin` is "" (the API), "unmanaged" (SQL) or "system"."""

    username: str
    password: str = field(repr=False)
    created_at: datetime
    created_by: TokenOwner
    origin: str = ""
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DatabaseEntry:
    """A database. `shown_from` is when the list first has it; `origin` as for users."""

    name: str
    owner: str
    created_at: datetime
    created_by: TokenOwner
    origin: str = ""
    shown_from: datetime | None = None


@dataclass(slots=True)
class BackupRecord:
    """A backup: a range of times, from the end of its base backup until it was superseded.

    Times may lie in the future: a backup exists once `created_at` has passed, and can be restored once
    `recoverable_at` has.
    """

    cluster_id: str
    suffix: str
    version: str
    created_at: datetime
    recoverable_at: datetime
    location: str
    size_mb: int
    ended_at: datetime | None = None

    @property
    def v1_id(self) -> str:
        """`<clusterId>-<suffix>-<major>` (section 6 of the notes)."""
        return f"{self.cluster_id}-{self.suffix}-{self.version}"

    @property
    def v2_id(self) -> str:
        """A version-5 UUID."""
        return derived_id(self.cluster_id, self.suffix)

    def exists(self, now: datetime, kept: timedelta) -> bool:
        """Return whether it has begun, and not been superseded for longer than backups are kept."""
        return self.created_at <= now and (self.ended_at is None or now < self.ended_at + kept)

    def is_active(self, now: datetime) -> bool:
        return self.created_at <= now and (self.ended_at is None or now < self.ended_at)

    def earliest(self, now: datetime, kept: timedelta) -> datetime | None:
        """Return the earliest time to restore to; it moves along with `now`. None before the base backup."""
        return max(self.recoverable_at, now - kept) if self.recoverable_at <= now else None

    def covers(self, target: datetime, now: datetime, kept: timedelta) -> bool:
        """Return whether a cluster can be brought back to `target`, seen from `now`."""
        earliest = self.earliest(now, kept)
        latest = now if self.ended_at is None else min(now, self.ended_at)
        return earliest is not None and earliest <= target <= latest


@dataclass(frozen=True, slots=True)
class RestoreRecord:
    """A restore that was done, whatever trace it left."""

    at: datetime
    backup_suffix: str
    source_cluster_id: str
    target: datetime | None


@dataclass(frozen=True, slots=True, order=True)
class ScheduledStep:
    """An event of a cluster at `due`: a phase begins, or a modification becomes visible."""

    due: datetime
    phase: str = ""
    modified_by: TokenOwner | None = field(default=None, compare=False)


@dataclass(slots=True, kw_only=True)
class ClusterRecord:
    """One cluster: the sum of what both APIs know, and what neither tells. Amounts in MB."""

    id: str
    contract: int
    api: str
    location: str
    name: str
    version: str
    instances: int
    cores: int
    ram_mb: int
    storage_mb: int
    backup_location: str
    created_at: datetime
    created_by: TokenOwner
    credentials: PrimaryUserRecord | None
    storage_type: str = "SSD Premium"
    network: ClusterNetwork | None = None
    window: WindowRecord | None = None
    replication: str = "ASYNCHRONOUS"
    pooler_enabled: bool = False
    pool_mode: str = "transaction"
    retention_days: int = 7
    description: str | None = None
    switches: dict[str, bool] = field(default_factory=dict)
    """Those that are on or off, by the domain's fields; what is not named is off."""
    modified_at: datetime | None = None
    modified_by: TokenOwner | None = None
    phase: str = Phase.AVAILABLE
    status_message: str | None = None
    oddities: frozenset[Oddity] = frozenset()
    steps: list[ScheduledStep] = field(default_factory=list)
    users: dict[str, UserRecord] = field(default_factory=dict)
    databases: dict[str, DatabaseEntry] = field(default_factory=dict)
    backups: list[BackupRecord] = field(default_factory=list)
    restores: list[RestoreRecord] = field(default_factory=list)
    last_deletion_at: datetime | None = None
    fail_next: bool = False
    idle_since: datetime | None = None
    """The last commit in the database; None for one that is written to all the time."""

    @property
    def region(self) -> Region:
        return REGION_BY_LOCATION[self.location]

    @property
    def kept(self) -> timedelta:
        """Return for how long its backups reach back."""
        return timedelta(days=self.retention_days)

    @property
    def is_busy(self) -> bool:
        return self.phase in (Phase.CREATING, Phase.CHANGING)

    @property
    def dns_name(self) -> str:
        """The primary's; v1 names end in the v2 host, too (notes, section 10)."""
        return f"pg-{_dns_token(self.id)}.postgresql.{self.region.label}.ionos.com"


@lru_cache(maxsize=4_096)
def _dns_token(cluster_id: str) -> str:
    return derived_id(cluster_id, "dns").replace("-", "")[:16]


@dataclass(slots=True, kw_only=True)
class VirtualResource(ABC):
    """A data center or a LAN. It is busy until `ready_at`, and gone from `gone_at` on."""

    kind: ClassVar[str]
    id: str
    name: str | None
    created_at: datetime
    created_by: TokenOwner
    ready_at: datetime
    modified_at: datetime | None = None
    gone_at: datetime | None = None

    @property
    @abstractmethod
    def path(self) -> str:
        """Below the API's base."""

    def exists(self, now: datetime) -> bool:
        return self.gone_at is None or now < self.gone_at

    def is_busy(self, now: datetime) -> bool:
        return now < self.ready_at or self.gone_at is not None


@dataclass(slots=True, kw_only=True)
class LanRecord(VirtualResource):
    """A LAN. A public one has no block of private addresses."""

    kind = "lan"
    datacenter_id: str
    is_public: bool = False
    block: str | None = None

    @property
    def path(self) -> str:
        return f"datacenters/{self.datacenter_id}/lans/{self.id}"


@dataclass(slots=True, kw_only=True)
class DatacenterRecord(VirtualResource):
    """A data center with its LANs by number. `version` grows with each change."""

    kind = "datacenter"
    contract: int
    location: str
    description: str | None = None
    version: int = 1
    lans: dict[str, LanRecord] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"datacenters/{self.id}"

    def next_lan_id(self) -> str:
        return next(str(number) for number in itertools.count(1) if str(number) not in self.lans)

    def free_block(self) -> str:
        taken = {lan.block for lan in self.lans.values()}
        return next(str(block) for block in _PRIVATE.subnets(new_prefix=24) if str(block) not in taken)


@dataclass(frozen=True, slots=True)
class ProvisioningRequest:
    """An accepted change of a data center or LAN, which is done at `done_at`; `path` is its target's."""

    id: str
    contract: int
    kind: str
    target_id: str
    path: str
    done_at: datetime
