"""Changes and restores by PUT on v2: everything that was read goes back, with the change on top.

Sources: ionos-v2.openapi.yaml, operation clustersPut; notes sections 5, 9 and 10.
"""

from collections.abc import Mapping
from typing import Any

from bot.domain.api_capabilities import Operation, require_operation
from bot.domain.cluster import Api
from bot.domain.cluster_properties import ClusterProperty, offered_by
from bot.domain.cluster_spec import ClusterChange, Credentials, RestoreTo
from bot.domain.errors import BadArgument, ConfigError
from bot.ionos.cluster_fields import nest_paths
from bot.ionos.cluster_lookup import quote_name
from bot.ionos.strict_models import format_time
from bot.ionos.tolerant_models import ReadModel
from bot.ionos.v1.responses import V1Window
from bot.ionos.v2.requests import properties_of, spell_user
from bot.ionos.v2.responses import V2Connection

_PARTS: Mapping[str, type[ReadModel]] = {"maintenance": V1Window, "connections": V2Connection}


def _find_kind(its: ClusterProperty) -> type | dict[str, type]:
    part = _PARTS.get(its.field)
    return {str(each.alias): str for each in part.model_fields.values()} if part else its.kind


NEEDED: Mapping[str, Any] = nest_paths(
    (path, _find_kind(each)) for each, path in offered_by(Api.V2) if Api.V2 in each.always
)
"""Required by the schema of PUT; the older `backupLocation` will do for `backup` (notes section 13.8)."""


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
