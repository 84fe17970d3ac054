"""Bodies of v1's requests, within its limits. Sources: ionos-v1.openapi.yaml; notes 3, 4, 8 to 10."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.cluster import Api, Connection, MaintenanceWindow
from bot.domain.cluster_spec import ClusterChange, Credentials, LogWindow, NewCluster, RestoreTo
from bot.domain.errors import BadArgument
from bot.domain.psql.identifiers import check_length
from bot.ionos.cluster_fields import Spellers, requested_properties
from bot.ionos.strict_models import build_checked, check_address, check_pooler, check_user_name, format_time
from bot.ionos.v1.request_parts import (
    InitialUser,
    LogQuery,
    NetworkSpec,
    Password,
    V1ChangeLimits,
    V1DatabaseSpec,
    V1NewClusterLimits,
    V1PlaceSpec,
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
    """Return the body of POST /clusters. Raises BadArgument, or NotOffered for what only v2 has."""
    typed = replace(new, storage_type="SSD Premium" if new.storage_type is None else new.storage_type)
    properties = {
        **requested_properties(Api.V1, typed, V1NewClusterLimits, _SPELLERS),
        **build_checked(V1PlaceSpec, location=new.region).body(),
        "credentials": _initial_user(credentials).body(),
    }
    if new.from_backup:
        properties["fromBackup"] = _make_restore(new.from_backup).body()
    return {"properties": properties}


def change_cluster(change: ClusterChange) -> Mapping[str, Any]:
    """Return the body of PATCH /clusters/{id}. Raises BadArgument, or NotOffered for what only v2 has."""
    if change.detach and change.connection is not None:
        raise BadArgument("A cluster cannot be detached and attached in the same change.")
    properties = requested_properties(Api.V1, change, V1ChangeLimits, _SPELLERS)
    if change.detach:
        properties["connections"] = []
    if not properties:
        raise BadArgument("The change names nothing to change.")
    return {"properties": properties}


def restore_cluster(target: RestoreTo) -> Mapping[str, Any]:
    """Return the body of POST /clusters/{id}/restore. Raises BadArgument."""
    return _make_restore(target).body()


def create_user(user: Credentials) -> Mapping[str, Any]:
    """Return the body of POST users. Raises BadArgument."""
    check_length("user", user.username)
    fields = build_checked(V1UserSpec, username=check_user_name(user.username), password=user.password)
    return {"properties": fields.body()}


def change_password(user: Credentials) -> Mapping[str, Any]:
    """Return the body of PATCH users/{username}. Raises BadArgument."""
    return {"properties": build_checked(Password, password=user.password).body()}


def create_database(name: str, owner: str) -> Mapping[str, Any]:
    """Return the body of POST databases. Raises BadArgument."""
    check_length("database", name)
    check_length("user", owner)
    return {"properties": build_checked(V1DatabaseSpec, name=name, owner=owner).body()}


def fit_window(window: LogWindow, now: datetime) -> LogWindow:
    """Return the window as the logs have it: an end at its very edge is left to the API's own default.

    Logs reach back 30 days before the moment at which the API looks, which is later than ours: asked for
    exactly that, it would refuse. Raises BadArgument for what it has not, and for a time without zone.
    """
    log_query(window)
    oldest = now - LOGS_KEPT
    start, end = window.start, window.end
    if start is not None and start < oldest - EDGE:
        raise BadArgument("Logs are kept for 30 days (v1).", "Choose a later start.")
    if end is not None and end > now:
        raise BadArgument("The end of the log window is in the future.", "Leave it out to read until now.")
    if end is not None and end <= oldest + EDGE:
        raise BadArgument("Logs are kept for 30 days (v1).", "Choose a later end.")
    at_the_edge = start is not None and start < oldest + EDGE
    return replace(window, start=None if at_the_edge else start, end=None if end == now else end)


def log_query(window: LogWindow) -> Mapping[str, str]:
    """Return the query of GET logs. Raises BadArgument."""
    start, end = _spell_time(window.start), _spell_time(window.end)
    if window.start and window.end and window.start >= window.end:
        raise BadArgument("The start of the log window must be before its end.")
    query = build_checked(LogQuery, start=start, end=end, direction=window.direction, limit=window.limit)
    return {name: str(value) for name, value in query.body().items()}


def spell_window(window: MaintenanceWindow) -> dict[str, Any]:
    """Return a maintenance window for either API. Raises BadArgument."""
    return build_checked(V1WindowSpec, time=window.time, day_of_the_week=window.day).body()


def spell_network(connection: Connection, forbidden: Sequence[str], address: str) -> dict[str, Any]:
    """Return a network for either API, which calls its address so. Raises BadArgument."""
    its = {address: check_address(connection.address, forbidden)}
    ids = build_checked(NetworkSpec, datacenter_id=connection.datacenter_id, lan_id=connection.lan_id)
    return ids.body() | its


def _spell_networks(connection: Connection) -> list[dict[str, Any]]:
    return [spell_network(connection, FORBIDDEN_RANGES, "cidr")]


def _initial_user(user: Credentials) -> InitialUser:
    check_length("user", user.username)
    return build_checked(InitialUser, username=check_user_name(user.username), password=user.password)


def _make_restore(target: RestoreTo) -> V1RestoreSpec:
    return build_checked(
        V1RestoreSpec, backup_id=target.backup_id, recovery_target_time=_spell_time(target.target)
    )


def _spell_pooler(word: str) -> dict[str, Any]:
    mode = check_pooler(word)
    return {"enabled": False} if mode == "disabled" else {"enabled": True, "poolMode": mode}


def _spell_time(at: datetime | None) -> str | None:
    return format_time(at) if at is not None else None


_SPELLERS: Spellers = {"connections": _spell_networks, "maintenance": spell_window, "pooler": _spell_pooler}
