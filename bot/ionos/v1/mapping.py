"""Mapping of v1's answers to the domain; amounts stay in MB, which v1 speaks."""

from collections.abc import Sequence
from typing import Any

from bot.domain.cluster import (
    Api,
    Backup,
    Cluster,
    ClusterDatabase,
    DbUser,
    Gap,
    Listing,
    LogLine,
    PostgresVersion,
    region_in_dns,
)
from bot.ionos.cluster_fields import read_properties
from bot.ionos.endpoint import Endpoint
from bot.ionos.tolerant_models import TolerantAnswer, as_utc
from bot.ionos.v1 import responses as wire

NOT_STATED = "NOT STATED"
"""The state of a cluster whose answer held none; no word of either API."""

UNREADABLE = "(an unreadable line)"
"""The text of a log line whose own text the answer does not give in a form that we know."""

_MOST_ODD = 5


def to_cluster(reading: TolerantAnswer[wire.V1Cluster], place: Endpoint) -> Cluster | None:
    """Return the domain's cluster; None when the answer has no id to address it by."""
    seen = reading.value
    if not seen.id:
        return None
    is_, has = seen.properties or wire.V1ClusterProperties(), seen.metadata or wire.V1ClusterMetadata()
    return Cluster(
        **read_properties(Api.V1, is_),
        id=seen.id,
        api=Api.V1,
        contract=place.contract,
        region=is_.location.lower() if is_.location else region_in_dns(is_.dns_name) or "not stated",
        state=has.state or NOT_STATED,
        dns_name=is_.dns_name,
        **changes_of(has),
        oddities=reading.odd,
    )


def changes_of(metadata: wire.V1ChangeMetadata) -> dict[str, Any]:
    """Return who made and changed a cluster, and when, by the domain's fields; the same on both APIs."""
    return {
        "created_at": as_utc(metadata.created_date),
        "created_by": metadata.created_by,
        "modified_at": as_utc(metadata.last_modified_date),
        "modified_by": metadata.last_modified_by,
    }


def to_backup(reading: TolerantAnswer[wire.V1Backup], place: Endpoint) -> Backup | None:
    """Return the domain's backup; None without an id. v1 does not say in which region it is."""
    seen = reading.value
    if not seen.id:
        return None
    is_, has = seen.properties or wire.V1BackupProperties(), seen.metadata or wire.V1BackupMetadata()
    return Backup(
        id=seen.id,
        api=Api.V1,
        contract=place.contract,
        cluster_id=is_.cluster_id,
        postgres_version=is_.version,
        is_active=is_.is_active,
        earliest_target=as_utc(is_.earliest_recovery_target_time),
        location=is_.location,
        size_mb=is_.size,
        state=has.state,
        created_at=as_utc(has.created_date),
        oddities=reading.odd,
    )


def find_other_cluster(about: str | None, asked: str | None) -> str:
    """Return the cluster that a backup names in place of the one that was asked for; "" for none."""
    is_other = about and asked is not None and about.lower() != asked.lower()
    return f"cluster {about}" if is_other else ""


def to_user(reading: TolerantAnswer[wire.WireUser], cluster_id: str) -> DbUser | None:
    """Return the domain's user; None without a name."""
    is_, has = reading.value.properties, reading.value.metadata or wire.V1ChangeMetadata()
    if is_ is None or not is_.username:
        return None
    return DbUser(
        name=is_.username,
        cluster_id=cluster_id,
        is_system=is_.system,
        created_by=has.created_by,
        created_at=as_utc(has.created_date),
        modified_at=as_utc(has.last_modified_date),
        oddities=reading.odd,
    )


def to_database(reading: TolerantAnswer[wire.WireDatabase], cluster_id: str) -> ClusterDatabase | None:
    """Return the domain's database; None without a name."""
    is_, has = reading.value.properties, reading.value.metadata or wire.V1ChangeMetadata()
    if is_ is None or not is_.name:
        return None
    return ClusterDatabase(
        name=is_.name,
        cluster_id=cluster_id,
        owner=is_.owner,
        created_by=has.created_by,
        created_at=as_utc(has.created_date),
        modified_at=as_utc(has.last_modified_date),
        oddities=reading.odd,
    )


def to_versions(reading: TolerantAnswer[wire.VersionNames], place: Endpoint) -> Listing[PostgresVersion]:
    """Return the domain's versions; v1 tells their names and nothing else."""
    names = [entry.name for entry in reading.value.data or () if entry is not None and entry.name]
    found = (PostgresVersion(api=Api.V1, contract=place.contract, region=None, name=name) for name in names)
    return Listing(tuple(found), odd_gap(reading.odd, place))


def to_log_lines(reading: TolerantAnswer[wire.Logs], place: Endpoint) -> Listing[LogLine]:
    """Return every line, by instance, in the order of the answer; one that cannot be read says so."""
    lines = (
        _to_line(instance.name or "", line)
        for instance in reading.value.instances or ()
        if instance is not None
        for line in instance.messages or ()
    )
    return Listing(tuple(lines), odd_gap(reading.odd, place))


def odd_gap(odd: Sequence[str], place: Endpoint) -> tuple[Gap, ...]:
    """Return a gap for what was odd about things that have no place for it themselves; none for nothing."""
    if not odd:
        return ()
    more = f"; and {len(odd) - _MOST_ODD} more" if len(odd) > _MOST_ODD else ""
    why = f"sent an answer with unknown parts: {'; '.join(odd[:_MOST_ODD])}{more}"
    return (Gap(where=str(place), why=why, api=place.api, contract=place.contract, region=place.region),)


def _to_line(instance: str, seen: wire.LogMessage | None) -> LogLine:
    if seen is None or seen.message is None:
        return LogLine(instance=instance, at=as_utc(seen.time) if seen else None, text=UNREADABLE)
    return LogLine(instance=instance, at=as_utc(seen.time), text=seen.message)
