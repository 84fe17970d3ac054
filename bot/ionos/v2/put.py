"""Changing and restoring by PUT on v2: everything that was read goes back, with the change on top.

Sources: ionos-v2.openapi.yaml, operation clustersPut; notes sections 5, 9 and 10.
"""

from collections.abc import Mapping
from typing import Any

from bot.domain.api_capabilities import Operation, require
from bot.domain.cluster import Api
from bot.domain.cluster_spec import ClusterChange, Credentials, RestoreTo
from bot.domain.errors import BadArgument, ConfigError
from bot.ionos.cluster_lookup import quoted
from bot.ionos.strict_models import SendModel, as_text, check_pooler, checked
from bot.ionos.v1.requests import window
from bot.ionos.v2.request_parts import V2BackupSpec, V2NameSpec, V2SizesSpec
from bot.ionos.v2.requests import network, ram_gb, storage_gb, user

NEEDED: Mapping[str, type | Mapping[str, type]] = {
    "name": str,
    "version": str,
    "replicationMode": str,
    "instances": {"count": int, "ram": int, "cores": int, "storageSize": int},
    "connection": {"datacenterId": str, "lanId": str, "primaryInstanceAddress": str},
    "maintenanceWindow": {"time": str, "dayOfTheWeek": str},
    "backup": {"location": str, "retentionDays": int},
}
"""Required by the schema of PUT; the older `backupLocation` will do for `backup` (notes section 13.8)."""


def check_change(change: ClusterChange) -> None:
    """Whether v2 could take it at all. Raises BadArgument, or NotOffered for what only v1 has."""
    if change.detach:
        require(Operation.DETACH, Api.V2)
    if change == ClusterChange():
        raise BadArgument("The change names nothing to change.")
    _plain_changes(change)
    _part_changes(change)


def check_restore(target: RestoreTo) -> None:
    """Whether v2 could restore to this in place. Raises BadArgument or NotOffered."""
    if target.backup_id is not None:
        require(Operation.RESTORE_FROM_BACKUP, Api.V2)
    if target.target is None:
        raise BadArgument("A restore in place on v2 needs the time to restore to.")
    as_text(target.target)


def changed(read: Mapping[str, Any], change: ClusterChange, credentials: Credentials) -> Mapping[str, Any]:
    """The properties for PUT: everything that was read, with the (checked) change on top.

    Raises BadArgument when the change does not go with what was read, ConfigError for another user's
    credentials.
    """
    properties = _as_read(read, credentials)
    properties.update(_plain_changes(change))
    parts = _part_changes(change)
    if "backup" in parts and not _part(properties, "backup").get("location"):
        # The older form of the setting names the place alone; it has no room for the number of days.
        parts["backup"] = {"location": properties.pop("backupLocation", None), **parts["backup"]}
    for name, part in parts.items():
        properties[name] = {**_part(properties, name), **part}
    _check_replication(properties)
    return properties


def restored(read: Mapping[str, Any], target: RestoreTo, credentials: Credentials) -> Mapping[str, Any]:
    """The properties for a PUT that restores in place to a (checked) target. Raises ConfigError."""
    properties = _as_read(read, credentials)
    if target.target is not None:
        properties["restoreFromBackup"] = {"recoveryTargetDatetime": as_text(target.target)}
    return properties


def lacking(properties: Mapping[str, Any]) -> tuple[str, ...]:
    """What is missing, or of the wrong type, of what PUT must send: a PUT without it would reset it."""
    older = properties.get("backup") is None and _is(properties.get("backupLocation"), str)
    missing: list[str] = []
    for name, wanted in NEEDED.items():
        if name == "backup" and older:
            continue
        if isinstance(wanted, Mapping):
            part = _part(properties, name)
            inner = [f"{name}.{key}" for key, kind in wanted.items() if not _is(part.get(key), kind)]
            missing += [name] if len(inner) == len(wanted) else inner
        elif not _is(properties.get(name), wanted):
            missing.append(name)
    return tuple(missing)


def _is(value: object, kind: type) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool) and value != ""


def _part(properties: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = properties.get(name)
    return part if isinstance(part, dict) else {}


def _as_read(read: Mapping[str, Any], credentials: Credentials) -> dict[str, Any]:
    # `restoreFromBackup` never goes back, or the cluster would be restored a second time.
    properties = {name: _stated(value) for name, value in read.items() if name != "restoreFromBackup"}
    properties = {name: value for name, value in properties.items() if value is not None}
    _check_own(_part(properties, "credentials"), credentials)
    properties["credentials"] = {**_part(properties, "credentials"), **user(credentials).body()}
    return properties


def _stated(value: Any) -> Any:
    """Without nulls: an answer may say so that a thing is not set, and a request must not (v2 spec)."""
    if isinstance(value, Mapping):
        return {name: _stated(part) for name, part in value.items() if part is not None}
    return [_stated(each) for each in value] if isinstance(value, list) else value


def _check_own(shown: Mapping[str, Any], credentials: Credentials) -> None:
    """A PUT makes the user and database that it names where there are none (notes section 5).

    v2 may show neither (notes section 9): then nobody can tell.
    """
    own = {"username": credentials.username, "database": credentials.database}
    seen = {key: shown[key] for key in own if _is(shown.get(key), str)}
    if all(own[key] == value for key, value in seen.items()):
        return
    raise ConfigError(
        f"The credentials configured for this cluster are of {_named(own)}, and its primary user is "
        f"{_named(seen)}: a change would silently create another user or database.",
        "Mend `credentials` for it under `clusters` in app.yaml.",
    )


def _named(login: Mapping[str, str | None]) -> str:
    words = {"username": "user", "database": "database"}
    return ", ".join(f"{words[key]} {quoted(value or '')}" for key, value in login.items())


def _plain_changes(change: ClusterChange) -> dict[str, Any]:
    values = {
        "name": _one(V2NameSpec, "name", change.name),
        "version": _one(V2NameSpec, "version", change.postgres_version),
        "replicationMode": _one(V2NameSpec, "replication_mode", change.replication),
        "connectionPooler": check_pooler(change.pooler).upper() if change.pooler is not None else None,
        "description": change.description,
        "logsEnabled": change.logs_enabled,
        "metricsEnabled": change.metrics_enabled,
    }
    return {name: value for name, value in values.items() if value is not None}


def _part_changes(change: ClusterChange) -> dict[str, dict[str, Any]]:
    """What changes inside the parts; what else they hold, known or not, stays."""
    sizes = {
        "count": _one(V2SizesSpec, "count", change.instances),
        "cores": _one(V2SizesSpec, "cores", change.cores),
        "ram": _one(V2SizesSpec, "ram", ram_gb(change.ram_mb)),
        "storageSize": _one(V2SizesSpec, "storage_size", storage_gb(change.storage_mb)),
    }
    maintenance = window(change.maintenance)
    parts = {
        "instances": {name: value for name, value in sizes.items() if value is not None},
        "connection": network(change.connection).body() if change.connection is not None else {},
        "maintenanceWindow": maintenance.body() if maintenance is not None else {},
        "backup": {"retentionDays": _one(V2BackupSpec, "retention_days", change.backup_retention_days)}
        if change.backup_retention_days is not None
        else {},
    }
    return {name: part for name, part in parts.items() if part}


_FITTING: Mapping[type[SendModel], Mapping[str, Any]] = {
    V2NameSpec: {"name": "ok", "version": "1", "replication_mode": "ASYNCHRONOUS"},
    V2SizesSpec: {"count": 1, "ram": 4, "cores": 1, "storage_size": 10},
    V2BackupSpec: {"location": "any", "retention_days": 1},
}


def _one(model: type[SendModel], field: str, value: Any) -> Any:
    # Only what changes is checked: a cluster that was moved from v1 may well be outside v2's own limits.
    if value is None:
        return None
    return getattr(checked(model, **{**_FITTING[model], field: value}), field)


def _check_replication(properties: Mapping[str, Any]) -> None:
    count = _part(properties, "instances").get("count")
    strict = properties.get("replicationMode") == "STRICTLY_SYNCHRONOUS"
    if strict and isinstance(count, int) and count < 3:
        raise BadArgument("STRICTLY_SYNCHRONOUS needs at least 3 instances (v2).", "Scale to 3 first.")
