"""Bodies of v2's requests, within its limits: each part with its rule in words.

A change or restore is a PUT: everything that was read goes back, with the change on top. Sources:
ionos-v2.openapi.yaml, also operation clustersPut; notes 3, 5, 9 and 10.
"""

import re
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from bot.domain.api_capabilities import Operation, require_operation
from bot.domain.byte_sizes import MB_PER_GB
from bot.domain.cluster import Api, Connection
from bot.domain.cluster_properties import ClusterProperty, offered_by
from bot.domain.cluster_spec import ClusterChange, Credentials, NewCluster, RestoreTo
from bot.domain.errors import BadArgument, ConfigError
from bot.ionos.cluster_fields import Spellers, nest_paths, requested_properties
from bot.ionos.cluster_lookup import quote_name
from bot.ionos.strict_models import SendModel, build_checked, check_pooler, check_user_name, format_time
from bot.ionos.tolerant_models import ReadModel
from bot.ionos.v1.requests import UNSET, Major, ReplicationMode, spell_network, spell_window
from bot.ionos.v1.responses import V1Window
from bot.ionos.v2.responses import V2Connection

FORBIDDEN_RANGES = ("10.208.0.0/12",)
"""Schema text of PostgresClusterConnection.primaryInstanceAddress."""

_KINDS = tuple(map(re.compile, ("[a-z]", "[A-Z]", "[0-9]", "[@$!%*?&]")))


def _has_four_kinds(password: SecretStr) -> SecretStr:
    secret = password.get_secret_value()
    if not all(kind.search(secret) for kind in _KINDS):
        raise ValueError("too simple")
    return password


class V2UserSpec(SendModel):
    """The primary user, its password and the initial database."""

    username: Annotated[
        str,
        StringConstraints(min_length=2, max_length=16, pattern=r"\A[A-Za-z0-9_]+\z"),
        Field(description="A user name on v2 has 2 to 16 letters, digits or underscores"),
    ]
    password: Annotated[
        SecretStr,
        AfterValidator(_has_four_kinds),
        Field(
            min_length=8,
            max_length=63,
            description="A password on v2 has 8 to 63 characters, with a lower-case letter, an upper-case "
            "letter, a digit and one of @$!%*?&",
        ),
    ]
    database: Annotated[
        str,
        StringConstraints(min_length=2, max_length=63, pattern=r"\A[A-Za-z0-9_]+\z"),
        Field(description="The database in the credentials has 2 to 63 letters, digits or underscores"),
    ]


class V2SourceSpec(SendModel):
    """The backup that a new cluster is filled from."""

    source_backup_id: Annotated[str, Field(min_length=1, description="A backup is named by its id")]
    recovery_target_datetime: str | None = None


class V2Limits(SendModel):
    """Limits of what a POST or a PUT takes, by the domain's fields; RAM and storage in GB."""

    name: Annotated[
        str,
        StringConstraints(min_length=2, max_length=63, pattern=r"\A[A-Za-z0-9][-A-Za-z0-9_.]*[A-Za-z0-9]\z"),
        Field(
            description="A cluster name on v2 has 2 to 63 letters, digits, - _ and ., the ends alphanumeric"
        ),
    ] = UNSET
    postgres_version: Major = UNSET
    instances: Annotated[int, Field(ge=1, le=5, description="A cluster has 1 to 5 instances")] = UNSET
    cores: Annotated[int, Field(ge=1, le=62, description="An instance has 1 to 62 cores (v2)")] = UNSET
    ram_mb: Annotated[int, Field(ge=4, le=240, description="RAM per instance is 4 GB to 240 GB (v2)")] = UNSET
    storage_mb: Annotated[int, Field(ge=10, le=4096, description="Storage is 10 GB to 4096 GB (v2)")] = UNSET
    replication: Annotated[
        ReplicationMode, Field(description="The replication is ASYNCHRONOUS or STRICTLY_SYNCHRONOUS")
    ] = UNSET
    backup_location: Annotated[
        str, Field(min_length=1, description="A cluster on v2 needs a backup location")
    ] = UNSET
    backup_retention_days: Annotated[
        int, Field(ge=1, le=365, description="Backups are kept for 1 to 365 days")
    ] = UNSET


_PARTS: Mapping[str, type[ReadModel]] = {"maintenance": V1Window, "connections": V2Connection}


def _find_kind(its: ClusterProperty) -> type | dict[str, type]:
    part = _PARTS.get(its.field)
    return {str(each.alias): str for each in part.model_fields.values()} if part else its.kind


NEEDED: Mapping[str, Any] = nest_paths(
    (path, _find_kind(each)) for each, path in offered_by(Api.V2) if Api.V2 in each.always
)
"""Required by the schema of PUT; the older `backupLocation` will do for `backup` (notes section 13.8)."""


def create_cluster(new: NewCluster, credentials: Credentials) -> Mapping[str, Any]:
    """Return the body of POST /clusters. Raises BadArgument, or NotOffered for what only v1 has."""
    if new.maintenance is None:
        raise BadArgument("A cluster on v2 needs a maintenance window.", "Name a day and a time in UTC.")
    if new.replication == "STRICTLY_SYNCHRONOUS" and new.instances < 3:
        raise BadArgument("STRICTLY_SYNCHRONOUS needs at least 3 instances (v2).")
    properties = properties_of(new)
    properties["credentials"] = spell_user(credentials).body()
    if new.from_backup:
        properties["restoreFromBackup"] = _make_source(new.from_backup).body()
    return {"properties": properties}


def properties_of(request: NewCluster | ClusterChange) -> dict[str, Any]:
    """Return the properties that a request sets. Raises BadArgument, or NotOffered for what only v1 has."""
    return requested_properties(Api.V2, request, V2Limits, _SPELLERS)


def check_credentials(credentials: Credentials | None) -> Credentials:
    """Return what every PUT needs. Raises ConfigError for none, BadArgument for what v2 would refuse."""
    if credentials is None:
        raise ConfigError(
            "A change on v2 sends the whole cluster, the primary user's credentials included, and there are "
            "none for this cluster.",
            "Set `credentials` for it under `clusters` in app.yaml, as a reference to user name, password "
            "and database.",
        )
    spell_user(credentials)
    return credentials


def _whole_gb(megabytes: int, *, what: str, hint: str = "") -> int:
    gigabytes, more = divmod(megabytes, MB_PER_GB)
    if more:
        raise BadArgument(f"{what} per instance is a whole number of GB (v2).", hint)
    return gigabytes


def _spell_network(connection: Connection) -> dict[str, Any]:
    return spell_network(connection, FORBIDDEN_RANGES, "primaryInstanceAddress")


def _spell_pooler(word: str) -> str:
    return check_pooler(word).upper()


_SPELLERS: Spellers = {
    "ram_mb": partial(_whole_gb, what="RAM"),
    "storage_mb": partial(_whole_gb, what="Storage", hint="Round it up; storage can't shrink."),
    "pooler": _spell_pooler,
    "maintenance": spell_window,
    "connections": _spell_network,
}


def spell_user(credentials: Credentials) -> V2UserSpec:
    """Return the primary user with password and database. Raises BadArgument, without the password."""
    check_user_name(credentials.username)
    return build_checked(
        V2UserSpec,
        username=credentials.username,
        password=credentials.password,
        database=credentials.database,
    )


def _make_source(target: RestoreTo) -> V2SourceSpec:
    at = format_time(target.target) if target.target is not None else None
    return build_checked(V2SourceSpec, source_backup_id=target.backup_id, recovery_target_datetime=at)


def check_change(change: ClusterChange) -> None:
    """Check that v2 could take the change at all. Raises BadArgument, or NotOffered for what only v1 has."""
    if change.detach:
        require_operation(Operation.DETACH, Api.V2)
    if change == ClusterChange():
        raise BadArgument("The change names nothing to change.")
    properties_of(change)


def check_restore(target: RestoreTo) -> None:
    """Check that v2 could restore to this in place. Raises BadArgument or NotOffered."""
    if target.backup_id is not None:
        require_operation(Operation.RESTORE_FROM_BACKUP, Api.V2)
    if target.target is None:
        raise BadArgument("A restore in place on v2 needs a target time.")
    format_time(target.target)


def apply_change(
    read: Mapping[str, Any], change: ClusterChange, credentials: Credentials
) -> Mapping[str, Any]:
    """Return the properties for PUT: everything that was read, with the (checked) change on top.

    Raises BadArgument when the change does not go with what was read, ConfigError for another user's
    credentials.
    """
    properties = _copy_read(read, credentials)
    changes = properties_of(change)
    if "backup" in changes and not _find_part(properties, "backup").get("location"):
        # The older form of the setting names the place alone; it has no room for the number of days.
        changes["backup"] = {"location": properties.pop("backupLocation", None), **changes["backup"]}
    for name, value in changes.items():
        properties[name] = {**_find_part(properties, name), **value} if isinstance(value, dict) else value
    _check_replication(properties)
    return properties


def apply_restore(read: Mapping[str, Any], target: RestoreTo, credentials: Credentials) -> Mapping[str, Any]:
    """Return the properties for a PUT that restores in place to a (checked) target. Raises ConfigError."""
    properties = _copy_read(read, credentials)
    if target.target is not None:
        properties["restoreFromBackup"] = {"recoveryTargetDatetime": format_time(target.target)}
    return properties


def find_missing(properties: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the required properties that are missing, or of the wrong type: a PUT would reset them."""
    older = properties.get("backup") is None and _is_kind(properties.get("backupLocation"), str)
    missing: list[str] = []
    for name, kinds in NEEDED.items():
        if name == "backup" and older:
            continue
        if isinstance(kinds, Mapping):
            part = _find_part(properties, name)
            inner = [f"{name}.{key}" for key, kind in kinds.items() if not _is_kind(part.get(key), kind)]
            missing += [name] if len(inner) == len(kinds) else inner
        elif not _is_kind(properties.get(name), kinds):
            missing.append(name)
    return tuple(missing)


def _is_kind(value: object, kind: type) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool) and value != ""


def _find_part(properties: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = properties.get(name)
    return part if isinstance(part, dict) else {}


def _copy_read(read: Mapping[str, Any], credentials: Credentials) -> dict[str, Any]:
    # `restoreFromBackup` never goes back, or the cluster would be restored a second time.
    properties = {name: _drop_nulls(value) for name, value in read.items() if name != "restoreFromBackup"}
    properties = {name: value for name, value in properties.items() if value is not None}
    _check_login(_find_part(properties, "credentials"), credentials)
    properties["credentials"] = {**_find_part(properties, "credentials"), **spell_user(credentials).body()}
    return properties


def _drop_nulls(value: Any) -> Any:
    """Return the value without nulls, which only an answer may have for what is not set (v2 spec)."""
    if isinstance(value, Mapping):
        return {name: _drop_nulls(part) for name, part in value.items() if part is not None}
    return [_drop_nulls(each) for each in value] if isinstance(value, list) else value


def _check_login(shown: Mapping[str, Any], credentials: Credentials) -> None:
    """Refuse other credentials: a PUT makes a user and database where there are none (notes section 5).

    v2 may show neither (notes section 9): then nobody can tell.
    """
    own = {"username": credentials.username, "database": credentials.database}
    seen = {key: shown[key] for key in own if _is_kind(shown.get(key), str)}
    if all(own[key] == value for key, value in seen.items()):
        return
    raise ConfigError(
        f"The credentials configured for this cluster are of {_describe_login(own)}, and its primary user is "
        f"{_describe_login(seen)}: a change would silently create another user or database.",
        "Correct `credentials` for it under `clusters` in app.yaml.",
    )


def _describe_login(login: Mapping[str, str | None]) -> str:
    words = {"username": "user", "database": "database"}
    return ", ".join(f"{words[key]} {quote_name(value or '')}" for key, value in login.items())


def _check_replication(properties: Mapping[str, Any]) -> None:
    count = _find_part(properties, "instances").get("count")
    strict = properties.get("replicationMode") == "STRICTLY_SYNCHRONOUS"
    if strict and isinstance(count, int) and count < 3:
        raise BadArgument("STRICTLY_SYNCHRONOUS needs at least 3 instances (v2).", "Scale to 3 first.")
