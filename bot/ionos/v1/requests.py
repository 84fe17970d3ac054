"""What v1 is sent, within its published limits. Sources: ionos-v1.openapi.yaml; notes 3, 4, 8 to 10."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.api_capabilities import Operation, require
from bot.domain.cluster import Api, Connection, MaintenanceWindow
from bot.domain.cluster_spec import ClusterChange, Credentials, LogWindow, NewCluster, RestoreTo
from bot.domain.errors import BadArgument
from bot.ionos.strict_models import as_text, check_address, check_pooler, check_user_name, checked
from bot.ionos.v1.request_parts import (
    InitialUser,
    LogQuery,
    Password,
    PoolerSetting,
    V1ClusterPatch,
    V1ClusterSpec,
    V1DatabaseSpec,
    V1NetworkSpec,
    V1RestoreSpec,
    V1UserSpec,
    V1WindowSpec,
)

FORBIDDEN_RANGES = ("10.233.64.0/18", "10.233.0.0/18")
"""Schema text of Connection.cidr; its third range, 10.233.114.0/24, lies inside the first."""

LOGS_KEPT = timedelta(days=30)
"""How far back logs go (notes section 8)."""

EDGE = timedelta(minutes=1)
"""How far two clocks, and the way to the API, may make us differ about where that is."""


def create_cluster(new: NewCluster, credentials: Credentials) -> Mapping[str, Any]:
    """The body of POST /clusters. Raises BadArgument, or NotOffered for what only v2 has."""
    _refuse_v2_only(new)
    properties = checked(
        V1ClusterSpec,
        postgres_version=new.postgres_version,
        instances=new.instances,
        cores=new.cores,
        ram=new.ram_mb,
        storage_size=new.storage_mb,
        storage_type="SSD Premium" if new.storage_type is None else new.storage_type,
        connections=[_network(new.connection)],
        location=new.region,
        display_name=new.name,
        credentials=_initial_user(credentials),
        synchronization_mode=new.replication,
        backup_location=new.backup_location,
        maintenance_window=window(new.maintenance),
        from_backup=_restore(new.from_backup) if new.from_backup else None,
        connection_pooler=_pooler(new.pooler),
    )
    return {"properties": properties.body()}


def change_cluster(change: ClusterChange) -> Mapping[str, Any]:
    """The body of PATCH /clusters/{id}. Raises BadArgument, or NotOffered for what only v2 has."""
    _refuse_v2_only(change)
    if change.detach and change.connection is not None:
        raise BadArgument("A cluster cannot be detached and attached in the same change.")
    connections = [_network(change.connection)] if change.connection else [] if change.detach else None
    properties = checked(
        V1ClusterPatch,
        display_name=change.name,
        postgres_version=change.postgres_version,
        instances=change.instances,
        cores=change.cores,
        ram=change.ram_mb,
        storage_size=change.storage_mb,
        connections=connections,
        maintenance_window=window(change.maintenance),
        synchronization_mode=change.replication,
        connection_pooler=_pooler(change.pooler),
    ).body()
    if not properties:
        raise BadArgument("The change names nothing to change.")
    return {"properties": properties}


def restore(target: RestoreTo) -> Mapping[str, Any]:
    """The body of POST /clusters/{id}/restore. Raises BadArgument."""
    return _restore(target).body()


def create_user(user: Credentials) -> Mapping[str, Any]:
    """The body of POST users. Raises BadArgument."""
    fields = checked(V1UserSpec, username=check_user_name(user.username), password=user.password)
    return {"properties": fields.body()}


def change_password(user: Credentials) -> Mapping[str, Any]:
    """The body of PATCH users/{username}. Raises BadArgument."""
    return {"properties": checked(Password, password=user.password).body()}


def create_database(name: str, owner: str) -> Mapping[str, Any]:
    """The body of POST databases. Raises BadArgument."""
    return {"properties": checked(V1DatabaseSpec, name=name, owner=owner).body()}


def fitted(wanted: LogWindow, now: datetime) -> LogWindow:
    """The window as the logs have it: an end at its very edge is left to the API's own default.

    Logs reach back 30 days before the moment at which the API looks, which is later than ours: asked for
    exactly that, it would refuse. Raises BadArgument for what it has not, and for a time without zone.
    """
    log_query(wanted)
    oldest = now - LOGS_KEPT
    start, end = wanted.start, wanted.end
    if start is not None and start < oldest - EDGE:
        raise BadArgument("Logs are kept for 30 days (v1).", "Choose a later start.")
    if end is not None and end > now:
        raise BadArgument("The logs' end lies in the future.", "Leave it out for now.")
    if end is not None and end <= oldest + EDGE:
        raise BadArgument("Logs are kept for 30 days (v1).", "Choose a later end.")
    at_the_edge = start is not None and start < oldest + EDGE
    return replace(wanted, start=None if at_the_edge else start, end=None if end == now else end)


def log_query(wanted: LogWindow) -> Mapping[str, str]:
    """The query of GET logs. Raises BadArgument."""
    start, end = _time(wanted.start), _time(wanted.end)
    if wanted.start and wanted.end and wanted.start >= wanted.end:
        raise BadArgument("The logs' start must lie before their end.")
    query = checked(
        LogQuery,
        start=start,
        end=end,
        direction=wanted.direction,
        limit=wanted.limit,
    )
    return {name: str(value) for name, value in query.body().items()}


def window(wanted: MaintenanceWindow | None) -> V1WindowSpec | None:
    """A maintenance window for either API. Raises BadArgument."""
    return checked(V1WindowSpec, time=wanted.time, day_of_the_week=wanted.day) if wanted else None


def _network(connection: Connection) -> V1NetworkSpec:
    address = check_address(connection.address, FORBIDDEN_RANGES)
    return checked(
        V1NetworkSpec, datacenter_id=connection.datacenter_id, lan_id=connection.lan_id, cidr=address
    )


def _initial_user(user: Credentials) -> InitialUser:
    return checked(InitialUser, username=check_user_name(user.username), password=user.password)


def _restore(target: RestoreTo) -> V1RestoreSpec:
    return checked(V1RestoreSpec, backup_id=target.backup_id, recovery_target_time=_time(target.target))


def _pooler(word: str | None) -> PoolerSetting | None:
    if word is None:
        return None
    mode = check_pooler(word)
    return (
        PoolerSetting(enabled=False)
        if mode == "disabled"
        else checked(PoolerSetting, enabled=True, pool_mode=mode)
    )


def _time(at: datetime | None) -> str | None:
    return as_text(at) if at is not None else None


def _refuse_v2_only(wanted: NewCluster | ClusterChange) -> None:
    fields = {
        Operation.DESCRIPTION: wanted.description,
        Operation.BACKUP_RETENTION: wanted.backup_retention_days,
        Operation.SHIPPED_LOGS: wanted.logs_enabled,
    }
    for operation, value in (*fields.items(), (Operation.SHIPPED_LOGS, wanted.metrics_enabled)):
        if value is not None:
            require(operation, Api.V1)
