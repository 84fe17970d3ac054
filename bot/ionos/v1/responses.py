"""Models of v1's answers, field by field. Source: ionos-v1.openapi.yaml and the notes, sections 4 to 13."""

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from bot.domain.cluster import Api, Connection, MaintenanceWindow
from bot.ionos.cluster_fields import DomainPart, with_properties
from bot.ionos.tolerant_models import ReadModel

DAYS = frozenset({"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"})
STATES = frozenset({"AVAILABLE", "BUSY", "DESTROYING", "DEGRADED", "FAILED", "UNKNOWN"})


class Resource(ReadModel):
    """A resource in its envelope."""

    expected: ClassVar[tuple[str, ...]] = ("id", "properties")

    type: str | None = None
    id: str | None = None
    href: str | None = None


class V1Window(DomainPart):
    """A maintenance window, the same in both APIs."""

    known: ClassVar = {"day_of_the_week": DAYS}

    time: str | None = None
    day_of_the_week: str | None = None

    def domain(self) -> MaintenanceWindow:
        """Return the window in the domain's words."""
        return MaintenanceWindow(day=self.day_of_the_week, time=self.time)


class V1Connection(DomainPart):
    """A private network of a cluster."""

    expected: ClassVar = ("datacenter_id", "lan_id", "cidr")

    datacenter_id: str | None = None
    lan_id: str | None = None
    cidr: str | None = None

    def domain(self) -> Connection:
        """Return the network in the domain's words."""
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
    """A cluster's server side."""

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


class V1Cluster(Resource):
    """A cluster, in its envelope."""

    expected: ClassVar = ("id", "metadata", "properties")

    metadata: V1ClusterMetadata | None = None
    properties: V1ClusterProperties | None = None


class V1BackupMetadata(ReadModel):
    """A backup's server side."""

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


class V1Backup(Resource):
    """A backup, in its envelope."""

    metadata: V1BackupMetadata | None = None
    properties: V1BackupProperties | None = None


class UserProperties(ReadModel):
    """A role."""

    expected: ClassVar = ("username",)

    username: str | None = None
    system: bool | None = None


class WireUser(Resource):
    """A role, in its envelope."""

    expected: ClassVar = ("properties",)

    metadata: V1ChangeMetadata | None = None
    properties: UserProperties | None = None


class DatabaseProperties(ReadModel):
    """A database."""

    expected: ClassVar = ("name", "owner")

    name: str | None = None
    owner: str | None = None


class WireDatabase(Resource):
    """A database, in its envelope."""

    expected: ClassVar = ("properties",)

    metadata: V1ChangeMetadata | None = None
    properties: DatabaseProperties | None = None


class VersionName(ReadModel):
    """A PostgreSQL major, as text."""

    expected: ClassVar = ("name",)

    name: str | None = None


class VersionNames(ReadModel):
    """Names only: v1 says nothing else about a version."""

    data: list[VersionName | None] | None = None


class LogMessage(ReadModel):
    """A line of a log."""

    expected: ClassVar = ("time", "message")

    time: datetime | None = None
    message: str | None = None


class LogInstance(ReadModel):
    """The lines of one instance."""

    expected: ClassVar = ("name", "messages")

    name: str | None = None
    messages: list[LogMessage | None] | None = None


class Logs(ReadModel):
    """Lines by instance."""

    instances: list[LogInstance | None] | None = None
