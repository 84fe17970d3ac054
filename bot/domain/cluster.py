"""What exists: clusters, people and what they ask for. Frozen, and free of Slack, HTTP and SQL.

Amounts of memory and storage are in MB, where 1 GB is 1024 MB, as IONOS's own tools count; the two APIs'
units (v1 MB, v2 GB) are converted in `bot.ionos.units` and nowhere else. Times are aware and UTC.
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


GONE = "GONE"
"""The state of a cluster that is there no more, of which something was left; no API says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One PostgreSQL cluster, whichever API it was read from. None means that the answer did not say.

    `state`, `replication`, `pooler` and `storage_type` keep the API's own words, unknown ones included.
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
    description: str | None = None
    logs_enabled: bool | None = None
    metrics_enabled: bool | None = None
    created_at: datetime | None = None
    created_by: str | None = None
    modified_at: datetime | None = None
    modified_by: str | None = None
    status_message: str | None = None
    oddities: tuple[str, ...] = ()
    also_in: tuple[Api, ...] = ()
    """The other generation that shows a cluster of this id. Being visible there is not being migrated."""


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
class Database:
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
    comment: str | None = None
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
    """What was found, and where we could not look. An empty listing with gaps is not "there is none"."""

    items: tuple[T, ...]
    gaps: tuple[Gap, ...] = ()


class Origin(StrEnum):
    """Where an invocation came from."""

    SLACK = "slack"
    TERMINAL = "os"
    SCHEDULE = "schedule"


class Standing(StrEnum):
    """What Slack says of an account. Only a member may ever write."""

    MEMBER = "member"
    GUEST = "guest"
    BOT = "bot"
    DEACTIVATED = "deactivated"
    STRANGER = "stranger"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks. `id` is Slack's user id, the operating system's user name, or the report's name.

    `groups` are the ids of the Slack user groups that the person is in, as far as the settings ask.
    `person` is the Slack user id that somebody at the terminal acts as; empty there: nobody, who only reads.
    """

    origin: Origin
    id: str
    name: str = ""
    team: str = ""
    standing: Standing = Standing.MEMBER
    groups: frozenset[str] = frozenset()
    time_zone: str = "UTC"
    person: str = ""

    def __str__(self) -> str:
        """As the audit has it: `slack:U0BOB`, or `os:root as slack:U0BOB` of somebody at the terminal."""
        if self.origin is not Origin.TERMINAL or not self.person:
            return f"{self.origin}:{self.id}"
        # A user's name with blanks could pass for somebody who acts as another.
        return f"{self.origin}:{'_'.join(self.id.split())} as {Origin.SLACK}:{self.person}"

    @property
    def member(self) -> str:
        """The Slack user id whose rights and votes these are; empty for nobody."""
        return self.id if self.origin is Origin.SLACK else self.person


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One thing somebody asked for: the words after the slash command, who said them, and where.

    `key` is what makes two deliveries of the same request the same (`trigger_id`, `event_id`, …).
    `line` is how the person starts a command here (`/pg`, `pgbot run`), for hints that can be copied.
    `external_channel` says whether another company reads along; None: Slack did not say.
    """

    key: str
    trace: str
    actor: Actor
    channel: str
    text: str
    at: datetime
    line: str = "/pg"
    external_channel: bool | None = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """One request that left for the cloud, for the audit. `status` is None when no answer came; `said` is
    the API's own code and message where it refused, without secrets."""

    method: str
    url: str
    status: int | None
    milliseconds: float
    request_id: str | None = None
    attempt: int = 1
    said: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What policy says, and the rules that made it say so, first to last."""

    allowed: bool
    trace: tuple[str, ...] = ()

    @classmethod
    def yes(cls, *trace: str) -> "Decision":
        """Allowed, by these rules."""
        return cls(allowed=True, trace=trace)

    @classmethod
    def no(cls, *trace: str) -> "Decision":
        """Not allowed, for these reasons."""
        return cls(allowed=False, trace=trace)
