"""Clusters and what belongs to them. Frozen, and free of Slack, HTTP and SQL.

Amounts of memory and storage are in MB, where 1 GB is 1024 MB, as IONOS's own tools count; the two APIs'
units (v1 MB, v2 GB) are converted in `bot.ionos` and nowhere else. Times are aware and UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar


class Api(StrEnum):
    """The generation of the IONOS DBaaS PostgreSQL API that a thing was read from."""

    V1 = "v1"
    V2 = "v2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The private network a cluster hangs in; `address` is the primary's, with prefix length."""

    datacenter_id: str | None
    lan_id: str | None
    address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceWindow:
    """Start of the weekly four hours in which IONOS may work on the cluster, UTC."""

    day: str | None
    time: str | None

    def __str__(self) -> str:
        return f"{self.day or 'unknown day'} {self.time or 'unknown time'} UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSwitches:
    """Properties that are on or off. None: the answer does not say it, or the request leaves it as it is."""

    logs_enabled: bool | None = None
    metrics_enabled: bool | None = None


GONE = "GONE"
"""The state of a deleted cluster that left something, such as backups; no API has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster(ClusterSwitches):
    """One PostgreSQL cluster, whichever API it was read from. None means that the answer did not say.

    `state`, `replication`, `pooler` and `storage_type` keep the API's own words, unknown ones included.
    `primary_user` is the database user of v2's credentials, where the answer names it.
    `oddities` names what the answer held in a form that we do not know, for people to see.
    """

    id: str
    api: Api
    contract: str
    region: str
    name: str
    state: str
    postgres_version: str | None = None
    instances: int | None = None
    cores: int | None = None
    ram_mb: int | None = None
    storage_mb: int | None = None
    storage_type: str | None = None
    connections: tuple[Connection, ...] = ()
    dns_name: str | None = None
    maintenance: MaintenanceWindow | None = None
    replication: str | None = None
    pooler: str | None = None
    backup_location: str | None = None
    backup_retention_days: int | None = None
    primary_user: str | None = None
    description: str | None = None
    created_at: datetime | None = None
    created_by: str | None = None
    modified_at: datetime | None = None
    modified_by: str | None = None
    status_message: str | None = None
    oddities: tuple[str, ...] = ()
    also_in: tuple[Api, ...] = ()
    """The other generation that shows a cluster of this id. Being visible there is not being migrated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRef:
    """A cluster that something is about. `id` is empty for one that does not exist yet."""

    id: str
    name: str
    api: Api
    contract: str
    region: str

    @classmethod
    def of(cls, cluster: Cluster) -> "ClusterRef":
        return cls(
            id=cluster.id,
            name=cluster.name,
            api=cluster.api,
            contract=cluster.contract,
            region=cluster.region,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A span of time that a cluster can be restored to. It stays for a while after its cluster is gone.

    `earliest_target` is None until the first base backup is complete: it cannot be restored before.
    `latest_target` None means up to now. `region` is None on v1, which does not say it. `size_mb` is v1 only.
    """

    id: str
    api: Api
    contract: str
    cluster_id: str | None
    region: str | None = None
    postgres_version: str | None = None
    is_active: bool | None = None
    earliest_target: datetime | None = None
    latest_target: datetime | None = None
    location: str | None = None
    size_mb: int | None = None
    state: str | None = None
    created_at: datetime | None = None
    oddities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DbUser:
    """A role of a cluster, as the v1 users API shows it. Its password is never part of an answer."""

    name: str
    cluster_id: str
    is_system: bool | None = None
    created_by: str | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None
    oddities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterDatabase:
    """A database of a cluster, as the v1 databases API shows it."""

    name: str
    cluster_id: str
    owner: str | None = None
    created_by: str | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None
    oddities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of a cluster's PostgreSQL log. `text` is untrusted and may hold secrets typed as SQL."""

    instance: str
    at: datetime | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupLocation:
    """An Object Storage location that a region of v2 can keep backups in."""

    id: str
    contract: str
    region: str
    name: str
    oddities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresVersion:
    """A PostgreSQL major that one API offers in one place. v1 tells the name only."""

    api: Api
    contract: str
    region: str | None
    name: str
    status: str | None = None
    can_upgrade_to: tuple[str, ...] = ()
    oddities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Somewhere we should have looked and could not: what, and why, in words for a person.

    `api`, `contract` and `region` say the same for code; None there means all of them.
    """

    where: str
    why: str
    api: Api | None = None
    contract: str | None = None
    region: str | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.why}"


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """Items, and gaps for what could not be read. An empty listing with gaps is not "there is none"."""

    items: tuple[T, ...]
    gaps: tuple[Gap, ...] = ()


def major_version(version: str | None) -> int:
    """Return the number of a PostgreSQL version, to compare by; 0 where it has none."""
    digits = (version or "").partition(".")[0]
    return int(digits) if digits.isdecimal() else 0


def host_region(region: str) -> str:
    """Return the region whose host serves this one: de/fra/2 shares that of de/fra (notes section 1)."""
    return "/".join(region.lower().replace("-", "/").split("/")[:2])


def region_in_dns(dns_name: str | None) -> str | None:
    """Return the region in a cluster's DNS name: pg-<16 characters>.postgresql.<region>.ionos.com (notes
    section 10)."""
    parts = (dns_name or "").split(".")
    return parts[2].replace("-", "/") if len(parts) >= 4 and parts[1] == "postgresql" else None


def same_region(left: str, right: str) -> bool:
    """Return whether these spell one region, as `de/fra` and `DE-FRA` do (ionos-api-notes, section 1)."""
    return left.replace("/", "-").casefold() == right.replace("/", "-").casefold()


BY_SQL = "SQL, not the API"
BY_PLATFORM = "the platform"

_ENDINGS = (("_unmanaged_", BY_SQL), ("_system_", BY_PLATFORM))
"""Source: ionos-api-notes, section 9."""


def made_by(created_by: str | None, *, is_system: bool | None = None) -> str | None:
    """Return SQL, the platform, or the last part of the creator's name; None where the API did not say."""
    for ending, words in _ENDINGS:
        if (created_by or "").endswith(ending):
            return words
    if is_system:
        return BY_PLATFORM
    return (created_by or "").rpartition("/")[2] or created_by or None
