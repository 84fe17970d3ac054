"""What v2 is sent, within its published limits. Sources: ionos-v2.openapi.yaml; notes 3, 5, 9 and 10."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from bot.api.operations import Operation, require
from bot.api.send import SendModel, as_text, check_address, check_pooler, check_user_name, checked
from bot.api.units import is_whole_gb, mb_to_gb_up
from bot.api.v1_send import window
from bot.api.v2_bodies import Kept, Named, Network, NewProperties, Sizes, Source, User
from bot.domain import Api, Connection
from bot.errors import BadArgument, ConfigError
from bot.wanted import ClusterChange, Credentials, NewCluster, RestoreTo

FORBIDDEN_RANGES = ("10.208.0.0/12",)
"""Schema text of PostgresClusterConnection.primaryInstanceAddress."""

NEEDED_TO_REPLACE = ("name", "version", "instances", "connection", "maintenanceWindow", "replicationMode")
"""Required by the schema of PUT, next to one of the two forms of the backup setting."""


def create_cluster(new: NewCluster, credentials: Credentials) -> Mapping[str, Any]:
    """The body of POST /clusters. Raises BadArgument, or NotOffered for what only v1 has."""
    if new.storage_type is not None:
        require(Operation.STORAGE_TYPE, Api.V2)
    if new.maintenance is None:
        raise BadArgument("A cluster on v2 needs a maintenance window.", "Name a day and a time in UTC.")
    if new.replication == "STRICTLY_SYNCHRONOUS" and new.instances < 3:
        raise BadArgument("STRICTLY_SYNCHRONOUS needs at least 3 instances (v2).")
    properties = checked(
        NewProperties,
        name=new.name,
        version=new.postgres_version,
        replication_mode=new.replication,
        instances=_sizes(new),
        connection=_network(new.connection),
        maintenance_window=window(new.maintenance),
        backup=checked(Kept, location=new.backup_location, retention_days=new.backup_retention_days),
        credentials=_user(credentials),
        description=new.description,
        connection_pooler=check_pooler(new.pooler).upper() if new.pooler is not None else None,
        logs_enabled=new.logs_enabled,
        metrics_enabled=new.metrics_enabled,
        restore_from_backup=_source(new.from_backup) if new.from_backup else None,
    )
    return {"properties": properties.body()}


def check_credentials(credentials: Credentials | None) -> Credentials:
    """What every PUT needs. Raises ConfigError when there are none, BadArgument when v2 would refuse them."""
    if credentials is None:
        raise ConfigError(
            "A change on v2 sends the whole cluster, the primary user's credentials included, and there are "
            "none for this cluster.",
            "Set `credentials` for it under `clusters` in app.yaml, as a reference to user name, password "
            "and database.",
        )
    _user(credentials)
    return credentials


def check_change(change: ClusterChange) -> None:
    """Whether v2 could take it at all. Raises BadArgument, or NotOffered for what only v1 has."""
    if change.detach:
        require(Operation.DETACH, Api.V2)
    if not change.named():
        raise BadArgument("The change names nothing to change.")
    _plain_changes(change)
    _size_changes(change)
    if change.connection is not None:
        _network(change.connection)
    if change.backup_retention_days is not None:
        checked(Kept, location="any", retention_days=change.backup_retention_days)


def check_restore(target: RestoreTo) -> None:
    """Whether v2 could restore to this in place. Raises BadArgument or NotOffered."""
    if target.backup_id is not None:
        require(Operation.RESTORE_FROM_BACKUP, Api.V2)
    if target.target is None:
        raise BadArgument("A restore in place on v2 needs the time to restore to.")
    as_text(target.target)


def changed(read: Mapping[str, Any], change: ClusterChange, credentials: Credentials) -> Mapping[str, Any]:
    """The properties for PUT: everything that was read, with the (checked) change on top.

    `restoreFromBackup` is left out, or the cluster could be restored a second time. Raises BadArgument when
    the change does not go with what was read.
    """
    properties = _as_read(read, credentials)
    properties.update(_plain_changes(change))
    properties["instances"] = {**properties["instances"], **_size_changes(change)}
    if change.connection is not None:
        properties["connection"] = _network(change.connection).body()
    if change.backup_retention_days is not None:
        location = (properties.get("backup") or {}).get("location") or properties.pop("backupLocation", None)
        kept = checked(Kept, location=location, retention_days=change.backup_retention_days)
        properties["backup"] = kept.body()
    _check_replication(properties)
    return properties


def restored(read: Mapping[str, Any], target: RestoreTo, credentials: Credentials) -> Mapping[str, Any]:
    """The properties for a PUT that restores in place to a (checked) target."""
    properties = _as_read(read, credentials)
    if target.target is not None:
        properties["restoreFromBackup"] = {"recoveryTargetDatetime": as_text(target.target)}
    return properties


def lacking(read: Mapping[str, Any]) -> tuple[str, ...]:
    """What a read lacks of what PUT must send; with anything missing, a PUT would reset it."""
    missing = [name for name in NEEDED_TO_REPLACE if not isinstance(read.get(name) or None, (str, dict))]
    missing += [] if isinstance(read.get("instances"), dict) else ["instances"]
    missing += [] if read.get("backup") or read.get("backupLocation") else ["backup"]
    return tuple(dict.fromkeys(missing))


def _as_read(read: Mapping[str, Any], credentials: Credentials) -> dict[str, Any]:
    properties = {name: deepcopy(value) for name, value in read.items() if name != "restoreFromBackup"}
    properties["credentials"] = _user(credentials).body()
    return properties


def _plain_changes(change: ClusterChange) -> dict[str, Any]:
    values = {
        "name": change.name and _one(Named, "name", change.name),
        "version": change.postgres_version and _one(Named, "version", change.postgres_version),
        "replicationMode": change.replication and _one(Named, "replication_mode", change.replication),
        "connectionPooler": check_pooler(change.pooler).upper() if change.pooler is not None else None,
        "maintenanceWindow": window(change.maintenance).body() if change.maintenance else None,  # type: ignore[union-attr]
        "description": change.description,
        "logsEnabled": change.logs_enabled,
        "metricsEnabled": change.metrics_enabled,
    }
    return {name: value for name, value in values.items() if value is not None}


_FITTING: dict[str, Any] = {"name": "ok", "version": "1", "replication_mode": "ASYNCHRONOUS"}
_FITTING_SIZES: dict[str, Any] = {"count": 1, "ram": 4, "cores": 1, "storage_size": 10}


def _one(model: type[SendModel], field: str, value: Any) -> Any:
    # Only what changes is checked: a cluster that was moved from v1 may well be outside v2's own limits.
    fitting = _FITTING if model is Named else _FITTING_SIZES
    return getattr(checked(model, **{**fitting, field: value}), field)


def _size_changes(change: ClusterChange) -> dict[str, int]:
    sizes = {
        "count": ("count", change.instances),
        "cores": ("cores", change.cores),
        "ram": ("ram", _ram_gb(change.ram_mb)),
        "storageSize": ("storage_size", _storage_gb(change.storage_mb)),
    }
    return {name: _one(Sizes, field, value) for name, (field, value) in sizes.items() if value is not None}


def _check_replication(properties: Mapping[str, Any]) -> None:
    count = properties["instances"].get("count")
    strict = properties.get("replicationMode") == "STRICTLY_SYNCHRONOUS"
    if strict and isinstance(count, int) and count < 3:
        raise BadArgument("STRICTLY_SYNCHRONOUS needs at least 3 instances (v2).", "Scale to 3 first.")


def _sizes(new: NewCluster) -> Sizes:
    return checked(
        Sizes,
        count=new.instances,
        cores=new.cores,
        ram=_ram_gb(new.ram_mb),
        storage_size=_storage_gb(new.storage_mb),
    )


def _ram_gb(megabytes: int | None) -> int | None:
    if megabytes is not None and not is_whole_gb(megabytes):
        raise BadArgument("RAM per instance is a whole number of GB (v2).")
    return mb_to_gb_up(megabytes) if megabytes is not None else None


def _storage_gb(megabytes: int | None) -> int | None:
    if megabytes is not None and not is_whole_gb(megabytes):
        raise BadArgument(
            "Storage per instance is a whole number of GB (v2).", "Round it up: it cannot shrink."
        )
    return mb_to_gb_up(megabytes) if megabytes is not None else None


def _network(connection: Connection) -> Network:
    address = check_address(connection.address, FORBIDDEN_RANGES)
    return checked(
        Network,
        datacenter_id=connection.datacenter_id,
        lan_id=connection.lan_id,
        primary_instance_address=address,
    )


def _user(credentials: Credentials) -> User:
    check_user_name(credentials.username)
    return checked(
        User,
        username=credentials.username,
        password=credentials.password,
        database=credentials.database,
    )


def _source(target: RestoreTo) -> Source:
    at = as_text(target.target) if target.target is not None else None
    return checked(Source, source_backup_id=target.backup_id, recovery_target_datetime=at)
