"""What v2 is sent, within its published limits. Sources: ionos-v2.openapi.yaml; notes 3, 5, 9 and 10."""

from collections.abc import Mapping
from typing import Any

from bot.domain.api_capabilities import Operation, require
from bot.domain.cluster import Api, Connection
from bot.domain.cluster_spec import Credentials, NewCluster, RestoreTo
from bot.domain.errors import BadArgument, ConfigError
from bot.ionos.strict_models import as_text, check_address, check_pooler, check_user_name, checked
from bot.ionos.units import is_whole_gb, mb_to_gb_up
from bot.ionos.v1.requests import window
from bot.ionos.v2.request_parts import (
    V2BackupSpec,
    V2ClusterSpec,
    V2NetworkSpec,
    V2SizesSpec,
    V2SourceSpec,
    V2UserSpec,
)

FORBIDDEN_RANGES = ("10.208.0.0/12",)
"""Schema text of PostgresClusterConnection.primaryInstanceAddress."""


def create_cluster(new: NewCluster, credentials: Credentials) -> Mapping[str, Any]:
    """The body of POST /clusters. Raises BadArgument, or NotOffered for what only v1 has."""
    if new.storage_type is not None:
        require(Operation.STORAGE_TYPE, Api.V2)
    if new.maintenance is None:
        raise BadArgument("A cluster on v2 needs a maintenance window.", "Name a day and a time in UTC.")
    if new.replication == "STRICTLY_SYNCHRONOUS" and new.instances < 3:
        raise BadArgument("STRICTLY_SYNCHRONOUS needs at least 3 instances (v2).")
    properties = checked(
        V2ClusterSpec,
        name=new.name,
        version=new.postgres_version,
        replication_mode=new.replication,
        instances=_sizes(new),
        connection=network(new.connection),
        maintenance_window=window(new.maintenance),
        backup=checked(V2BackupSpec, location=new.backup_location, retention_days=new.backup_retention_days),
        credentials=user(credentials),
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
    user(credentials)
    return credentials


def _sizes(new: NewCluster) -> V2SizesSpec:
    return checked(
        V2SizesSpec,
        count=new.instances,
        cores=new.cores,
        ram=ram_gb(new.ram_mb),
        storage_size=storage_gb(new.storage_mb),
    )


def ram_gb(megabytes: int | None) -> int | None:
    """RAM per instance in GB. Raises BadArgument for what is no whole number of them."""
    if megabytes is not None and not is_whole_gb(megabytes):
        raise BadArgument("RAM per instance is a whole number of GB (v2).")
    return mb_to_gb_up(megabytes) if megabytes is not None else None


def storage_gb(megabytes: int | None) -> int | None:
    """Storage per instance in GB. Raises BadArgument for what is no whole number of them."""
    if megabytes is not None and not is_whole_gb(megabytes):
        raise BadArgument(
            "Storage per instance is a whole number of GB (v2).", "Round it up: it cannot shrink."
        )
    return mb_to_gb_up(megabytes) if megabytes is not None else None


def network(connection: Connection) -> V2NetworkSpec:
    """The private network. Raises BadArgument."""
    address = check_address(connection.address, FORBIDDEN_RANGES)
    return checked(
        V2NetworkSpec,
        datacenter_id=connection.datacenter_id,
        lan_id=connection.lan_id,
        primary_instance_address=address,
    )


def user(credentials: Credentials) -> V2UserSpec:
    """The primary user with password and database. Raises BadArgument, which never shows the password."""
    check_user_name(credentials.username)
    return checked(
        V2UserSpec,
        username=credentials.username,
        password=credentials.password,
        database=credentials.database,
    )


def _source(target: RestoreTo) -> V2SourceSpec:
    at = as_text(target.target) if target.target is not None else None
    return checked(V2SourceSpec, source_backup_id=target.backup_id, recovery_target_datetime=at)
