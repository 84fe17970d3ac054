"""What v2's answers mean in the domain's words; GB become MB here and nowhere else."""

from bot.domain.cluster import Api, Backup, BackupLocation, Cluster, Connection, Listing, PostgresVersion
from bot.ionos.endpoint import Endpoint
from bot.ionos.tolerant_models import TolerantAnswer, as_utc
from bot.ionos.units import gb_to_mb
from bot.ionos.v1.mapping import NOT_STATED, odd_gap
from bot.ionos.v2 import responses as wire


def cluster(reading: TolerantAnswer[wire.V2Cluster], place: Endpoint) -> Cluster | None:
    """The domain's cluster; None when the answer has no id. Its region is that of the host that answered."""
    seen = reading.value
    if not seen.id:
        return None
    is_, has = seen.properties or wire.V2ClusterProperties(), seen.metadata or wire.V2ClusterMetadata()
    sizes, kept = is_.instances or wire.Instances(), is_.backup or wire.BackupSetting()
    return Cluster(
        id=seen.id,
        api=Api.V2,
        contract=place.contract,
        region=place.region or "",
        name=is_.name or "",
        state=has.state or NOT_STATED,
        postgres_version=is_.version,
        instances=sizes.count,
        cores=sizes.cores,
        ram_mb=_mb(sizes.ram),
        storage_mb=_mb(sizes.storage_size),
        connections=(_connection(is_.connection),) if is_.connection else (),
        dns_name=has.dns_name,
        maintenance=is_.maintenance_window.domain() if is_.maintenance_window else None,
        replication=is_.replication_mode,
        pooler=is_.connection_pooler,
        backup_location=kept.location or is_.backup_location,
        backup_retention_days=kept.retention_days,
        description=is_.description,
        logs_enabled=is_.logs_enabled,
        metrics_enabled=is_.metrics_enabled,
        created_at=as_utc(has.created_date),
        created_by=has.created_by,
        modified_at=as_utc(has.last_modified_date),
        modified_by=has.last_modified_by,
        status_message=has.status_message,
        oddities=_cluster_oddities(reading, is_),
    )


def backup(reading: TolerantAnswer[wire.V2Backup], place: Endpoint) -> Backup | None:
    """The domain's backup; None without an id."""
    seen = reading.value
    if not seen.id:
        return None
    is_, has = seen.properties or wire.V2BackupProperties(), seen.metadata or wire.V2BackupMetadata()
    return Backup(
        id=seen.id,
        api=Api.V2,
        contract=place.contract,
        cluster_id=is_.cluster_id,
        region=place.region,
        postgres_version=is_.postgres_cluster_version,
        is_active=is_.is_active,
        earliest_target=as_utc(is_.earliest_recovery_target_time),
        latest_target=as_utc(is_.latest_recovery_target_time),
        location=is_.location,
        state=has.state,
        created_at=as_utc(has.created_date),
        oddities=reading.odd,
    )


def location(reading: TolerantAnswer[wire.WireLocation], place: Endpoint) -> BackupLocation | None:
    """The domain's backup location; None without an id or name."""
    seen = reading.value
    if not seen.id or seen.properties is None or not seen.properties.location:
        return None
    return BackupLocation(
        id=seen.id,
        contract=place.contract,
        region=place.region or "",
        name=seen.properties.location,
        oddities=reading.odd,
    )


def version(reading: TolerantAnswer[wire.WireVersion], place: Endpoint) -> PostgresVersion | None:
    """The domain's version; None without a name."""
    is_ = reading.value.properties
    if is_ is None or not is_.version:
        return None
    return PostgresVersion(
        api=Api.V2,
        contract=place.contract,
        region=place.region,
        name=is_.version,
        status=is_.status,
        can_upgrade_to=tuple(name for name in is_.can_upgrade_to or () if name),
        oddities=reading.odd,
    )


def upgrades(cluster: Cluster, offered: Listing[PostgresVersion], place: Endpoint) -> Listing[str]:
    """What the list of versions says of this cluster's own; a gap when it does not say."""
    own = next((each for each in offered.items if each.name == cluster.postgres_version), None)
    if own is None:
        odd: tuple[str, ...] = (f"its versions do not name {cluster.postgres_version}",)
        return Listing((), (*offered.gaps, *odd_gap(odd, place)))
    names = tuple(name for name in own.can_upgrade_to if name != own.name)
    return Listing(names, (*offered.gaps, *odd_gap(own.oddities, place)))


def _mb(gigabytes: int | None) -> int | None:
    return gb_to_mb(gigabytes) if gigabytes is not None else None


def _connection(seen: wire.V2Connection) -> Connection:
    return Connection(
        datacenter_id=seen.datacenter_id, lan_id=seen.lan_id, address=seen.primary_instance_address
    )


def _cluster_oddities(
    reading: TolerantAnswer[wire.V2Cluster], is_: wire.V2ClusterProperties
) -> tuple[str, ...]:
    # Either form of the backup setting will do; neither is odd.
    lacks_backup = is_.backup is None and is_.backup_location is None
    return (*reading.odd, *(("properties.backup: missing",) if lacks_backup else ()))
