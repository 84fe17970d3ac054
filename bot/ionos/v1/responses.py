"""v1's answers: their models, field by field, and what they are in the domain, with amounts in MB.

Source: ionos-v1.openapi.yaml and the notes, sections 4 to 13.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import Field

from bot.domain.cluster import (
    Api,
    Backup,
    Cluster,
    ClusterDatabase,
    Connection,
    DbUser,
    Gap,
    Listing,
    LogLine,
    MaintenanceWindow,
    PostgresVersion,
    region_in_dns,
)
from bot.ionos.cluster_fields import DomainPart, read_properties, with_properties
from bot.ionos.endpoint import Endpoint
from bot.ionos.tolerant_models import ReadModel, TolerantAnswer, as_utc

NOT_STATED = "NOT STATED"
"""The state of a cluster whose answer held none; no word of either API."""

UNREADABLE = "(an unreadable line)"
"""The text of a log line whose own text the answer does not give in a form that we know."""

_MOST_ODD = 5

DAYS = frozenset({"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"})
STATES = frozenset({"AVAILABLE", "BUSY", "DESTROYING", "DEGRADED", "FAILED", "UNKNOWN"})


Properties = TypeVar("Properties", bound=ReadModel)
Metadata = TypeVar("Metadata")


class Resource(ReadModel, Generic[Properties, Metadata]):
    """Anything in its envelope."""

    expected: ClassVar[tuple[str, ...]] = ("id", "properties")

    type: str | None = None
    id: str | None = None
    href: str | None = None
    metadata: Metadata | None = None
    properties: Properties | None = None


class V1Window(DomainPart):
    """A maintenance window, the same in both APIs."""

    known: ClassVar = {"day_of_the_week": DAYS}

    time: str | None = None
    day_of_the_week: str | None = None

    def domain(self) -> MaintenanceWindow:
        return MaintenanceWindow(day=self.day_of_the_week, time=self.time)


class V1Connection(DomainPart):
    expected: ClassVar = ("datacenter_id", "lan_id", "cidr")

    datacenter_id: str | None = None
    lan_id: str | None = None
    cidr: str | None = None

    def domain(self) -> Connection:
        return Connection(datacenter_id=self.datacenter_id, lan_id=self.lan_id, address=self.cidr)


class Pooler(DomainPart):
    """A connection pooler. Old clusters have been seen with an empty poolMode (notes section 10)."""

    expected: ClassVar = ("enabled",)
    known: ClassVar = {"pool_mode": frozenset({"transaction", "session"})}

    enabled: bool | None = None
    pool_mode: str | None = None

    def domain(self) -> str | None:
        """Return "disabled" when switched off, else the mode as it stands, which may be empty."""
        if self.enabled is False:
            return "disabled"
        return self.pool_mode if self.pool_mode is not None or self.enabled is None else ""


class V1ChangeMetadata(ReadModel):
    """Authors and times of a resource's creation and last change."""

    created_date: datetime | None = None
    created_by: str | None = None
    created_by_user_id: str | None = None
    last_modified_date: datetime | None = None
    last_modified_by: str | None = None
    last_modified_by_user_id: str | None = None
    resource_urn: str | None = Field(default=None, alias="resourceURN")


class V1ClusterMetadata(V1ChangeMetadata):
    expected: ClassVar = ("state", "created_date")
    known: ClassVar = {"state": STATES}

    state: str | None = None


@with_properties(Api.V1, maintenance=V1Window, pooler=Pooler, connections=list[V1Connection | None])
class V1ClusterProperties(ReadModel):
    """A cluster's properties on v1, with what the table of properties does not have. MB."""

    expected: ClassVar = ("location",)
    known: ClassVar = {
        "storage_type": frozenset({"HDD", "SSD", "SSD Standard", "SSD Premium"}),
        "replication": frozenset({"ASYNCHRONOUS", "SYNCHRONOUS", "STRICTLY_SYNCHRONOUS"}),
    }

    location: str | None = None
    dns_name: str | None = None


class V1Cluster(Resource[V1ClusterProperties, V1ClusterMetadata]):
    expected: ClassVar = ("id", "metadata", "properties")


class V1BackupMetadata(ReadModel):
    known: ClassVar = {"state": STATES}

    created_date: datetime | None = None
    state: str | None = None


class V1BackupProperties(ReadModel):
    """A backup; its size is in MB, WAL included. Its own `id` is null: the envelope's counts."""

    expected: ClassVar = ("cluster_id", "version", "is_active")

    id: str | None = None
    cluster_id: str | None = None
    version: str | None = None
    is_active: bool | None = None
    earliest_recovery_target_time: datetime | None = None
    size: int | None = None
    location: str | None = None


V1Backup = Resource[V1BackupProperties, V1BackupMetadata]


class UserProperties(ReadModel):
    expected: ClassVar = ("username",)

    username: str | None = None
    system: bool | None = None


class WireUser(Resource[UserProperties, V1ChangeMetadata]):
    expected: ClassVar = ("properties",)


class DatabaseProperties(ReadModel):
    expected: ClassVar = ("name", "owner")

    name: str | None = None
    owner: str | None = None


class WireDatabase(Resource[DatabaseProperties, V1ChangeMetadata]):
    expected: ClassVar = ("properties",)


class VersionName(ReadModel):
    expected: ClassVar = ("name",)

    name: str | None = None


class VersionNames(ReadModel):
    """Names only: v1 says nothing else about a version."""

    data: list[VersionName | None] | None = None


class LogMessage(ReadModel):
    expected: ClassVar = ("time", "message")

    time: datetime | None = None
    message: str | None = None


class LogInstance(ReadModel):
    expected: ClassVar = ("name", "messages")

    name: str | None = None
    messages: list[LogMessage | None] | None = None


class Logs(ReadModel):
    instances: list[LogInstance | None] | None = None


def to_cluster(reading: TolerantAnswer[V1Cluster], place: Endpoint) -> Cluster | None:
    """Return the domain's cluster; None when the answer has no id to address it by."""
    seen = reading.value
    if not seen.id:
        return None
    is_, has = seen.properties or V1ClusterProperties(), seen.metadata or V1ClusterMetadata()
    return Cluster(
        **read_properties(Api.V1, is_),
        id=seen.id,
        api=Api.V1,
        contract=place.contract,
        region=is_.location.lower() if is_.location else region_in_dns(is_.dns_name) or "not stated",
        state=has.state or NOT_STATED,
        dns_name=is_.dns_name,
        **changes_of(has),
        oddities=reading.odd,
    )


def changes_of(metadata: V1ChangeMetadata) -> dict[str, Any]:
    """Return who made and changed a cluster, and when, by the domain's fields; the same on both APIs."""
    return {
        "created_at": as_utc(metadata.created_date),
        "created_by": metadata.created_by,
        "modified_at": as_utc(metadata.last_modified_date),
        "modified_by": metadata.last_modified_by,
    }


def to_backup(reading: TolerantAnswer[V1Backup], place: Endpoint) -> Backup | None:
    """Return the domain's backup; None without an id. v1 does not say in which region it is."""
    seen = reading.value
    if not seen.id:
        return None
    is_, has = seen.properties or V1BackupProperties(), seen.metadata or V1BackupMetadata()
    return Backup(
        id=seen.id,
        api=Api.V1,
        contract=place.contract,
        cluster_id=is_.cluster_id,
        postgres_version=is_.version,
        is_active=is_.is_active,
        earliest_target=as_utc(is_.earliest_recovery_target_time),
        location=is_.location,
        size_mb=is_.size,
        state=has.state,
        created_at=as_utc(has.created_date),
        oddities=reading.odd,
    )


def find_other_cluster(about: str | None, asked: str | None) -> str:
    """Return the cluster that a backup names in place of the one that was asked for; "" for none."""
    is_other = about and asked is not None and about.lower() != asked.lower()
    return f"cluster {about}" if is_other else ""


def to_user(reading: TolerantAnswer[WireUser], cluster_id: str) -> DbUser | None:
    """Return the domain's user; None without a name."""
    is_ = reading.value.properties
    if is_ is None or not is_.username:
        return None
    made = _account_changes(reading.value.metadata)
    return DbUser(
        name=is_.username, cluster_id=cluster_id, is_system=is_.system, **made, oddities=reading.odd
    )


def to_database(reading: TolerantAnswer[WireDatabase], cluster_id: str) -> ClusterDatabase | None:
    """Return the domain's database; None without a name."""
    is_ = reading.value.properties
    if is_ is None or not is_.name:
        return None
    made = _account_changes(reading.value.metadata)
    return ClusterDatabase(
        name=is_.name, cluster_id=cluster_id, owner=is_.owner, **made, oddities=reading.odd
    )


def _account_changes(metadata: V1ChangeMetadata | None) -> dict[str, Any]:
    changes = changes_of(metadata or V1ChangeMetadata())
    return {name: changes[name] for name in ("created_by", "created_at", "modified_at")}


def to_versions(reading: TolerantAnswer[VersionNames], place: Endpoint) -> Listing[PostgresVersion]:
    """Return the domain's versions; v1 tells their names and nothing else."""
    names = [entry.name for entry in reading.value.data or () if entry is not None and entry.name]
    found = (PostgresVersion(api=Api.V1, contract=place.contract, region=None, name=name) for name in names)
    return Listing(tuple(found), odd_gap(reading.odd, place))


def to_log_lines(reading: TolerantAnswer[Logs], place: Endpoint) -> Listing[LogLine]:
    """Return every line, by instance, in the order of the answer; one that cannot be read says so."""
    lines = (
        _to_line(instance.name or "", line)
        for instance in reading.value.instances or ()
        if instance is not None
        for line in instance.messages or ()
    )
    return Listing(tuple(lines), odd_gap(reading.odd, place))


def odd_gap(odd: Sequence[str], place: Endpoint) -> tuple[Gap, ...]:
    """Return a gap for what was odd about things that have no place for it themselves; none for nothing."""
    if not odd:
        return ()
    more = f"; and {len(odd) - _MOST_ODD} more" if len(odd) > _MOST_ODD else ""
    return (place.gap(f"sent an answer with unknown parts: {'; '.join(odd[:_MOST_ODD])}{more}"),)


def _to_line(instance: str, seen: LogMessage | None) -> LogLine:
    if seen is None or seen.message is None:
        return LogLine(instance=instance, at=as_utc(seen.time) if seen else None, text=UNREADABLE)
    return LogLine(instance=instance, at=as_utc(seen.time), text=seen.message)
