"""Bodies of v1's requests, within its limits: each part with its rule in words.

Sources: ionos-v1.openapi.yaml; notes 3, 4, 8 to 10.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from shlex import quote
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, StringConstraints

from bot.domain.cluster import Api, Connection, MaintenanceWindow
from bot.domain.cluster_spec import ClusterChange, Credentials, LogWindow, NewCluster, RestoreTo
from bot.domain.errors import BadArgument
from bot.domain.plan import PlanTarget
from bot.domain.psql.identifiers import check_length
from bot.domain.stored_values import adapter_of
from bot.ionos.cluster_fields import Spellers, requested_properties
from bot.ionos.credentials import DEFAULT_API_URL
from bot.ionos.strict_models import (
    SendModel,
    build_checked,
    check_address,
    check_pooler,
    check_user_name,
    format_time,
)

FORBIDDEN_RANGES = ("10.233.64.0/18", "10.233.0.0/18")
"""Schema text of Connection.cidr; its third range, 10.233.114.0/24, lies inside the first."""

LOGS_KEPT = timedelta(days=30)
"""How far back logs go (notes section 8)."""

EDGE = timedelta(minutes=1)
"""How far two clocks, and the way to the API, may make us differ about where that is."""

_FIELDS = frozenset(each.name for each in fields(ClusterChange))

Name = Annotated[str, StringConstraints(min_length=1, max_length=63)]
Major = Annotated[
    str,
    StringConstraints(pattern=r"\A[0-9]{1,3}\z"),
    Field(description='The PostgreSQL version is a major, such as "16"'),
]
UserPassword = Annotated[
    SecretStr, Field(min_length=10, max_length=63, description="A password has 10 to 63 characters (v1)")
]
ReplicationMode = Literal["ASYNCHRONOUS", "STRICTLY_SYNCHRONOUS"]
Day = Literal["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]


class V1WindowSpec(SendModel):
    """Start of the weekly four hours, UTC; the same in both APIs."""

    time: Annotated[
        str,
        StringConstraints(pattern=r"\A([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\z"),
        Field(description="The maintenance time is HH:MM:SS in UTC"),
    ]
    day_of_the_week: Annotated[
        Day, Field(description="The maintenance day is an English day name, such as Sunday")
    ]


class NetworkSpec(SendModel):
    """The private network of a cluster, without the address, which each API names in its own way."""

    datacenter_id: Annotated[
        str,
        StringConstraints(pattern=r"\A[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\z"),
        Field(
            description="A network needs its data centre's id, such as 03a8fdf1-fbc4-43f6-91ce-0506444e17dd"
        ),
    ]
    lan_id: Annotated[
        str,
        StringConstraints(pattern=r"\A[0-9]{1,10}\z"),
        Field(description="A network needs the number of its LAN, such as 2"),
    ]


class InitialUser(SendModel):
    """The first user of a cluster."""

    username: Annotated[
        str, Field(min_length=1, max_length=63, description="A user name has 1 to 63 characters")
    ]
    password: Annotated[
        SecretStr, Field(min_length=10, description="A password has at least 10 characters (v1)")
    ]


class V1UserSpec(SendModel):
    username: Annotated[Name, Field(description="A user name has 1 to 63 characters")]
    password: UserPassword


class Password(SendModel):
    password: UserPassword


class V1DatabaseSpec(SendModel):
    name: Annotated[Name, Field(description="A database name has 1 to 63 characters")]
    owner: Annotated[Name, Field(description="An owner's name has 1 to 63 characters")]


class V1RestoreSpec(SendModel):
    """A backup, and the time before which its data end."""

    backup_id: Annotated[str, Field(min_length=1, description="A restore on v1 needs the id of a backup")]
    recovery_target_time: str | None = None


UNSET: Any = None
"""The default of a field that is looked at only where it is given."""


class V1ChangeLimits(SendModel):
    """Limits of what a PATCH takes, by the domain's fields. MB."""

    name: Annotated[str, Field(min_length=1, description="A cluster needs a name")] = UNSET
    postgres_version: Major = UNSET
    instances: Annotated[int, Field(ge=1, le=5, description="A cluster has 1 to 5 instances")] = UNSET
    cores: Annotated[int, Field(ge=1, description="An instance has at least 1 core")] = UNSET
    ram_mb: Annotated[
        int,
        Field(
            ge=4096, multiple_of=1024, description="RAM per instance is a whole number of GB, 4 or more (v1)"
        ),
    ] = UNSET
    storage_mb: Annotated[
        int, Field(ge=10_240, le=2_097_152, description="Storage per instance is 10 GB to 2048 GB (v1)")
    ] = UNSET
    replication: Annotated[
        ReplicationMode, Field(description="The replication is ASYNCHRONOUS or STRICTLY_SYNCHRONOUS")
    ] = UNSET


class V1NewClusterLimits(V1ChangeLimits):
    """Limits of what a POST takes, by the domain's fields. MB."""

    replication: Annotated[
        ReplicationMode,
        Field(description="A new cluster's replication is ASYNCHRONOUS or STRICTLY_SYNCHRONOUS"),
    ] = UNSET
    storage_type: Annotated[
        Literal["HDD", "SSD", "SSD Standard", "SSD Premium"],
        Field(description="The storage type is one of: HDD, SSD Standard, SSD Premium"),
    ] = UNSET
    backup_location: Annotated[
        str, Field(min_length=1, description="A backup location must not be empty")
    ] = UNSET


class V1PlaceSpec(SendModel):
    location: Annotated[
        Literal[
            "de/fra",
            "de/fra/2",
            "de/txl",
            "es/vit",
            "fr/par",
            "gb/bhx",
            "gb/lhr",
            "us/ewr",
            "us/las",
            "us/mci",
        ],
        Field(description="The location is one of the ten of v1, such as de/txl"),
    ]


class LogQuery(SendModel):
    start: str | None = None
    end: str | None = None
    direction: Annotated[
        Literal["BACKWARD", "FORWARD"], Field(description="Logs are read BACKWARD or FORWARD")
    ]
    limit: Annotated[int, Field(ge=1, le=5000, description="At most 5000 log lines at a time")]


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


def format_change_request(target: PlanTarget, order: Mapping[str, Any]) -> str | None:
    """Return the line of curl for a plan's order, in v1's own words and units; the shell has the token.

    Return None for an order that changes no property of a cluster, and for v2, whose PUT needs all of them.
    """
    if target.api is not Api.V1 or not target.id or not order or not order.keys() <= _FIELDS:
        return None
    body = json.dumps(change_cluster(adapter_of(ClusterChange).validate_python(order)), separators=(",", ":"))
    return (
        f"curl --request PATCH {quote(f'{DEFAULT_API_URL}/clusters/{target.id}')} "
        '--header "Authorization: Bearer $IONOS_TOKEN" --header "Content-Type: application/json" '
        f"--data {quote(body)}"
    )


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
