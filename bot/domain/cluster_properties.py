"""The properties of a cluster: one table of what they are called, where each API has them, and how they read.

Sources of the paths: ionos-v1.openapi.yaml, ionos-v2.openapi.yaml; v1-v2-mapping, section 3.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, replace
from datetime import datetime
from functools import cache
from typing import get_args, get_type_hints

from bot.domain.api_capabilities import Operation, require_operation
from bot.domain.byte_sizes import format_gigabytes
from bot.domain.cluster import Api, Cluster, Connection
from bot.domain.cluster_spec import NewCluster
from bot.domain.errors import NotOffered
from bot.domain.phrases import capitalize_first
from bot.domain.plan import Plan, Value


@dataclass(frozen=True, slots=True)
class ClusterProperty:
    """A row of the table: a field of Cluster. Fields that end with `_mb` are in MB, and v2 counts GB.

    `label` is what plans call it in the middle of a sentence; plans leave out what has none. `v1` and `v2`
    are paths in an API's `properties`, of answers and of requests; empty where it lacks the property. Where
    one does, `lacking` names what it cannot do, and `one_sided` says so of the two views of one cluster.
    `always` are the APIs whose answers and new clusters must have it.
    """

    field: str
    label: str = ""
    v1: str = ""
    v2: str = ""
    _: KW_ONLY
    always: tuple[Api, ...] = ()
    lacking: Operation | None = None
    one_sided: str = ""

    @property
    def kind(self) -> type:
        """The type of its value, or of each of several."""
        return _KINDS[self.field]

    @property
    def is_amount(self) -> bool:
        return self.field.endswith("_mb")

    @property
    def word(self) -> str:
        """The argument name of a switch in commands: `logs` for `logs_enabled`."""
        return self.field.removesuffix("_enabled")

    @property
    def flag(self) -> str:
        """The flag of a switch in ionosctl: `--logs-enabled`."""
        return f"--{self.field.replace('_', '-')}"

    def path(self, api: Api) -> tuple[str, ...]:
        """Return its place in the properties of this API, empty where there is none."""
        path = {Api.V1: self.v1, Api.V2: self.v2}[api]
        return tuple(path.split(".")) if path else ()

    def requested(self, request: object) -> object:
        """Return what a NewCluster or a ClusterChange says of it: those know one network alone."""
        return getattr(request, "connection" if self.field == "connections" else self.field, None)

    def require(self, api: Api) -> None:
        """Let pass an API that has it. Raises NotOffered."""
        if self.path(api):
            return
        if self.lacking is not None:
            require_operation(self.lacking, api)
        raise NotOffered(f"The {api} API does not support “{self.label or self.field}”.", "Leave it out.")


_KINDS: dict[str, type] = {
    name: (get_args(hint) or (hint,))[0] for name, hint in get_type_hints(Cluster).items()
}
_BOTH, _V2 = tuple(Api), (Api.V2,)

PROPERTIES = (
    ClusterProperty("name", "name", "displayName", "name", always=_BOTH),
    ClusterProperty("postgres_version", "PostgreSQL version", "postgresVersion", "version", always=_BOTH),
    ClusterProperty("instances", "instances", "instances", "instances.count", always=_BOTH),
    ClusterProperty("cores", "cores per instance", "cores", "instances.cores", always=_BOTH),
    ClusterProperty("ram_mb", "RAM per instance", "ram", "instances.ram", always=_BOTH),
    ClusterProperty(
        "storage_mb", "storage per instance", "storageSize", "instances.storageSize", always=_BOTH
    ),
    ClusterProperty("replication", "replication", "synchronizationMode", "replicationMode", always=_V2),
    ClusterProperty("pooler", "connection pooler", "connectionPooler", "connectionPooler"),
    ClusterProperty(
        "maintenance", "maintenance window", "maintenanceWindow", "maintenanceWindow", always=_V2
    ),
    ClusterProperty("connections", "network", "connections", "connection", always=_BOTH),
    ClusterProperty("backup_location", "backup location", "backupLocation", "backup.location", always=_V2),
    ClusterProperty(
        "backup_retention_days",
        "backup retention (days)",
        v2="backup.retentionDays",
        always=_V2,
        lacking=Operation.BACKUP_RETENTION,
    ),
    ClusterProperty(
        "description",
        "description",
        v2="description",
        lacking=Operation.DESCRIPTION,
        one_sided="v1 has no description",
    ),
    ClusterProperty(
        "logs_enabled",
        "logs shipped",
        v2="logsEnabled",
        lacking=Operation.SHIPPED_LOGS,
        one_sided="v1 has no switch for logs: its logs endpoint is always there",
    ),
    ClusterProperty(
        "metrics_enabled",
        "metrics shipped",
        v2="metricsEnabled",
        lacking=Operation.SHIPPED_LOGS,
        one_sided="v1 has no switch for metrics",
    ),
    ClusterProperty(
        "storage_type",
        v1="storageType",
        lacking=Operation.STORAGE_TYPE,
        one_sided="v2 has no storage type: which medium it uses is not known",
    ),
)

SWITCHES = tuple(each for each in PROPERTIES if each.kind is bool)
"""The properties that are on or off; v2, Terraform and ionosctl spell the field's name each in its way."""

LABELS = {each.field: each.label for each in PROPERTIES if each.label}
"""What each reading is called in the middle of a sentence."""

AMOUNTS = frozenset(each.field for each in PROPERTIES if each.is_amount)
"""The fields that are in MB."""


@cache
def offered_by(api: Api) -> tuple[tuple[ClusterProperty, tuple[str, ...]], ...]:
    """Return the properties that an API has, each with its path there."""
    return tuple((each, path) for each in PROPERTIES if (path := each.path(api)))


def one_sided_properties(lacking: Api) -> dict[str, str]:
    """Return the fields that this API lacks and has nothing like, each with the clause that says so."""
    return {each.field: each.one_sided for each in PROPERTIES if each.one_sided and not each.path(lacking)}


def read_properties(cluster: Cluster) -> dict[str, Value]:
    """Return everything of a cluster that a change can touch. The pooler in small letters: v2 shouts it."""
    plain: dict[str, Value] = {name: getattr(cluster, name) for name in LABELS}
    return plain | {
        "pooler": cluster.pooler.casefold() if cluster.pooler is not None else None,
        "maintenance": str(cluster.maintenance) if cluster.maintenance else None,
        "connections": [_format_network(each) for each in cluster.connections],
    }


def describe_differences(expected: Mapping[str, Value], cluster: Cluster) -> list[str]:
    """Return what does not read as expected, each as a clause: `RAM per instance is 8 GB, not 16 GB`."""
    found = read_properties(cluster)
    return [
        f"{LABELS.get(name, name.replace('_', ' '))} is {format_value(name, now)}, "
        f"not {format_value(name, requested)}"
        for name, requested in expected.items()
        if (now := found[name] if name in found else getattr(cluster, name)) != requested
    ]


def as_observed(plan: Plan) -> Cluster:
    """Return the cluster right before the request of a plan: at rest, or nothing is sent, and last modified
    when the plan says, or its digest would be another. What else it was is not told."""
    modified = plan.observed.get("modified_at")
    return replace(
        plan.target.as_cluster(),
        state="AVAILABLE",
        modified_at=datetime.fromisoformat(str(modified)) if modified else None,
    )


def format_value(name: str, value: Value) -> str:
    """Return a reading in words."""
    if value is None:
        return "not stated"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if name in AMOUNTS and isinstance(value, int):
        return format_gigabytes(value) or ""
    return str(value)


def property_heading(name: str) -> str:
    """Return what a reading is called at the beginning of a line."""
    return capitalize_first(LABELS[name])


def _format_network(connection: Connection) -> str:
    return (
        f"{connection.address or 'unknown address'}, LAN {connection.lan_id or '?'} "
        f"of data centre {connection.datacenter_id or '?'}"
    )


def mark_creation(new: NewCluster, change: str) -> NewCluster:
    """Return the request with the mark of its change, where the API has a description to keep it in."""
    if not change or all(each.field != "description" for each, _ in offered_by(new.api)):
        return new
    return replace(new, description=" ".join(filter(None, (new.description, _mark(change)))))


def is_marked(cluster: Cluster, change: str) -> bool:
    """Return whether a cluster was made for this change."""
    return (cluster.description or "").endswith(_mark(change))


def without_mark(cluster: Cluster, change: str) -> Cluster:
    """Return the cluster with the description that was asked for."""
    text = (cluster.description or "").removesuffix(_mark(change)).rstrip()
    return replace(cluster, description=text or None)


def _mark(change: str) -> str:
    return f"[pgbot {change}]"
