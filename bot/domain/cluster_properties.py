"""A cluster's properties as plain values: what plans observe and show, and what is read back afterwards."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.domain.byte_sizes import gigabytes
from bot.domain.cluster import Cluster, Connection
from bot.domain.plan import Plan, Value

LABELS = {
    "name": "name",
    "postgres_version": "PostgreSQL version",
    "instances": "instances",
    "cores": "cores per instance",
    "ram_mb": "RAM per instance",
    "storage_mb": "storage per instance",
    "replication": "replication",
    "pooler": "connection pooler",
    "maintenance": "maintenance window",
    "connections": "network",
    "backup_location": "backup location",
    "backup_retention_days": "days that backups are kept",
    "description": "description",
    "logs_enabled": "logs shipped",
    "metrics_enabled": "metrics shipped",
}
"""What each reading is called in the middle of a sentence."""

_AMOUNTS = frozenset({"ram_mb", "storage_mb"})


def readings(cluster: Cluster) -> dict[str, Value]:
    """Everything about a cluster that a change can touch. The pooler in small letters: v2 shouts it."""
    plain: dict[str, Value] = {name: getattr(cluster, name) for name in LABELS}
    return plain | {
        "pooler": cluster.pooler.casefold() if cluster.pooler is not None else None,
        "maintenance": str(cluster.maintenance) if cluster.maintenance else None,
        "connections": [_network(each) for each in cluster.connections],
    }


def differences(expected: Mapping[str, Value], cluster: Cluster) -> list[str]:
    """What does not read as expected, each as a clause: `RAM per instance is 8 GB, not 16 GB`."""
    found = readings(cluster)
    return [
        f"{LABELS.get(name, name.replace('_', ' '))} is {said(name, now)}, not {said(name, wanted)}"
        for name, wanted in expected.items()
        if (now := found[name] if name in found else getattr(cluster, name)) != wanted
    ]


def as_observed(plan: Plan) -> Cluster:
    """The cluster right before the request of a plan: at rest, or nothing is sent, and last modified when
    the plan says, or its digest would be another. What else it was is not told."""
    modified = plan.observed.get("modified_at")
    return replace(
        plan.target.as_cluster(),
        state="AVAILABLE",
        modified_at=datetime.fromisoformat(str(modified)) if modified else None,
    )


def said(name: str, value: Value) -> str:
    """A reading in words."""
    if value is None:
        return "not stated"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if name in _AMOUNTS and isinstance(value, int):
        return gigabytes(value) or ""
    return str(value)


def heading(name: str) -> str:
    """What a reading is called at the beginning of a line."""
    label = LABELS[name]
    return label[0].upper() + label[1:]


def _network(connection: Connection) -> str:
    return (
        f"{connection.address or 'unknown address'}, LAN {connection.lan_id or '?'} "
        f"of data centre {connection.datacenter_id or '?'}"
    )
