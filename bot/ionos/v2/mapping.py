"""Mapping of v2's answers to the domain."""

from bot.domain.cluster import Api, Backup, BackupLocation, Cluster, Listing, PostgresVersion, region_in_dns
from bot.ionos.cluster_fields import read_properties
from bot.ionos.endpoint import Endpoint, region_in_urn
from bot.ionos.tolerant_models import TolerantAnswer, as_utc
from bot.ionos.v1.mapping import NOT_STATED, changes_of, odd_gap
from bot.ionos.v2 import responses as wire

_NO_BACKUP = "properties.backup: missing"


def to_cluster(reading: TolerantAnswer[wire.V2Cluster], place: Endpoint) -> Cluster | None:
    """Return the domain's cluster; None without an id. Its region is that of the host that answered."""
    seen = reading.value
    if not seen.id:
        return None
    is_, has = seen.properties or wire.V2ClusterProperties(), seen.metadata or wire.V2ClusterMetadata()
    properties, older = read_properties(Api.V2, is_), is_.older_backup_location
    properties["backup_location"] = properties["backup_location"] or older
    return Cluster(
        **properties,
        id=seen.id,
        api=Api.V2,
        contract=place.contract,
        region=place.region or "",
        state=has.state or NOT_STATED,
        dns_name=has.dns_name,
        primary_user=is_.credentials.username if is_.credentials else None,
        **changes_of(has),
        status_message=has.status_message,
        # Either form of the backup setting will do; neither is odd.
        oddities=reading.odd if older is None else tuple(each for each in reading.odd if each != _NO_BACKUP),
    )


def find_other_region(entry: wire.V2Cluster | wire.V2Backup, place: Endpoint) -> str:
    """Return the region of an entry that says it is of another one than the endpoint's; "" for all others."""
    has = entry.metadata
    stated = (region_in_urn(has.resource_urn), region_in_dns(getattr(has, "dns_name", None))) if has else ()
    return place.find_other_region(hrefs=[entry.href], regions=stated)


def to_backup(reading: TolerantAnswer[wire.V2Backup], place: Endpoint) -> Backup | None:
    """Return the domain's backup; None without an id."""
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


def to_location(reading: TolerantAnswer[wire.WireLocation], place: Endpoint) -> BackupLocation | None:
    """Return the domain's backup location; None without an id or name."""
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


def to_version(reading: TolerantAnswer[wire.WireVersion], place: Endpoint) -> PostgresVersion | None:
    """Return the domain's version; None without a name."""
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


def find_upgrades(cluster: Cluster, offered: Listing[PostgresVersion], place: Endpoint) -> Listing[str]:
    """Return what the list of versions says of this cluster's own; a gap when it does not say."""
    own = next((each for each in offered.items if each.name == cluster.postgres_version), None)
    if own is None:
        odd: tuple[str, ...] = (f"its versions do not name {cluster.postgres_version}",)
        return Listing((), (*offered.gaps, *odd_gap(odd, place)))
    names = tuple(name for name in own.can_upgrade_to if name != own.name)
    return Listing(names, (*offered.gaps, *odd_gap(own.oddities, place)))
