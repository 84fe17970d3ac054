"""Bodies of v2's requests, within its limits. Sources: ionos-v2.openapi.yaml; notes 3, 5, 9 and 10."""

from collections.abc import Mapping
from typing import Any

from bot.domain.cluster import Api, Connection
from bot.domain.cluster_spec import ClusterChange, Credentials, NewCluster, RestoreTo
from bot.domain.errors import BadArgument, ConfigError
from bot.ionos.cluster_fields import Spellers, requested_properties
from bot.ionos.strict_models import build_checked, check_pooler, check_user_name, format_time
from bot.ionos.units import is_whole_gb, mb_to_gb_up
from bot.ionos.v1.requests import spell_network, spell_window
from bot.ionos.v2.request_parts import V2Limits, V2SourceSpec, V2UserSpec

FORBIDDEN_RANGES = ("10.208.0.0/12",)
"""Schema text of PostgresClusterConnection.primaryInstanceAddress."""


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


def _ram_gb(megabytes: int) -> int:
    if not is_whole_gb(megabytes):
        raise BadArgument("RAM per instance is a whole number of GB (v2).")
    return mb_to_gb_up(megabytes)


def _storage_gb(megabytes: int) -> int:
    if not is_whole_gb(megabytes):
        raise BadArgument(
            "Storage per instance is a whole number of GB (v2).", "Round it up; storage can't shrink."
        )
    return mb_to_gb_up(megabytes)


def _spell_network(connection: Connection) -> dict[str, Any]:
    return spell_network(connection, FORBIDDEN_RANGES, "primaryInstanceAddress")


def _spell_pooler(word: str) -> str:
    return check_pooler(word).upper()


_SPELLERS: Spellers = {
    "ram_mb": _ram_gb,
    "storage_mb": _storage_gb,
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
