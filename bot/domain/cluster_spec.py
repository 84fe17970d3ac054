"""Requests in the domain's words and units; each API's limits are checked on sending."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import SecretStr

from bot.domain.cluster import Api, ClusterSwitches, Connection, MaintenanceWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A database user and its password; `database` is v2's initial database. The password shows as stars."""

    username: str
    password: SecretStr
    database: str | None = None

    def secret(self) -> str:
        """Return the password, for the request body and nothing else."""
        return self.password.get_secret_value()


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreTo:
    """A point to restore to. v1 needs `backup_id`; its `target` None means all of it. v2 needs `target`."""

    backup_id: str | None = None
    target: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCluster(ClusterSwitches):
    """A cluster to create. MB; `region` is spelt "de/fra"; `pooler` is disabled, transaction or session.

    `storage_type` is v1's alone; `description`, `backup_retention_days` and the switches are v2's alone.
    """

    api: Api
    contract: str
    region: str
    name: str
    postgres_version: str
    instances: int
    cores: int
    ram_mb: int
    storage_mb: int
    connection: Connection
    replication: str = "ASYNCHRONOUS"
    storage_type: str | None = None
    maintenance: MaintenanceWindow | None = None
    pooler: str | None = None
    backup_location: str | None = None
    backup_retention_days: int | None = None
    description: str | None = None
    from_backup: RestoreTo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterChange(ClusterSwitches):
    """A change; None leaves a property as it is. MB. `detach` takes it off its network, v1 only."""

    name: str | None = None
    postgres_version: str | None = None
    instances: int | None = None
    cores: int | None = None
    ram_mb: int | None = None
    storage_mb: int | None = None
    connection: Connection | None = None
    detach: bool = False
    maintenance: MaintenanceWindow | None = None
    replication: str | None = None
    pooler: str | None = None
    description: str | None = None
    backup_retention_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogWindow:
    """At most `limit` log lines from `start` (default 30 days ago) to `end` (default now), UTC.

    The surplus is cut at the end of the scan: BACKWARD keeps the newest lines, FORWARD the oldest.
    """

    start: datetime | None = None
    end: datetime | None = None
    direction: Literal["BACKWARD", "FORWARD"] = "BACKWARD"
    limit: int = 100
