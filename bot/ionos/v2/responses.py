"""v2's answers: their models, field by field, and what they are in the domain.

Source: ionos-v2.openapi.yaml and the notes, sections 5 to 13.
"""

from datetime import datetime
from typing import Any, ClassVar

from pydantic import Field

from bot.domain.cluster import (
    Api,
    Backup,
    BackupLocation,
    Cluster,
    Connection,
    Listing,
    PostgresVersion,
    region_in_dns,
)
from bot.ionos.cluster_fields import DomainPart, read_properties, with_properties
from bot.ionos.endpoint import Endpoint, region_in_urn
from bot.ionos.tolerant_models import ReadModel, TolerantAnswer, as_utc
from bot.ionos.v1.responses import NOT_STATED, Resource, V1ChangeMetadata, V1Window, changes_of, odd_gap

_NO_BACKUP = "properties.backup: missing"

STATES = frozenset({"PROVISIONING", "AVAILABLE", "UPDATING", "DESTROYING", "FAILED"})


class V2Connection(DomainPart):
    expected: ClassVar = ("datacenter_id", "lan_id", "primary_instance_address")

    datacenter_id: str | None = None
    lan_id: str | None = None
    primary_instance_address: str | None = None

    def domain(self) -> tuple[Connection, ...]:
        address = self.primary_instance_address
        return (Connection(datacenter_id=self.datacenter_id, lan_id=self.lan_id, address=address),)


class WireCredentials(ReadModel):
    """The primary user, if the answer names it. A password never comes back."""

    username: str | None = None
    database: str | None = None


class V2ClusterMetadata(V1ChangeMetadata):
    """A cluster's server side; `status_message` says why it FAILED."""

    expected: ClassVar = ("state",)
    known: ClassVar = {"state": STATES}

    state: str | None = None
    status_message: str | None = None
    dns_name: str | None = None


@with_properties(Api.V2, maintenance=V1Window, connections=V2Connection)
class V2ClusterProperties(ReadModel):
    """A cluster's properties on v2, with what the table of properties does not have. GB.

    The place of backups comes in either of two forms (notes section 13.8); the older one is here.
    """

    known: ClassVar = {
        "replication": frozenset({"ASYNCHRONOUS", "STRICTLY_SYNCHRONOUS"}),
        "pooler": frozenset({"DISABLED", "TRANSACTION", "SESSION"}),
    }

    credentials: WireCredentials | None = None
    restore_from_backup: Any = None
    older_backup_location: str | None = Field(default=None, alias="backupLocation")


class V2Cluster(Resource[V2ClusterProperties, V2ClusterMetadata]):
    expected: ClassVar = ("id", "metadata", "properties")


class V2BackupMetadata(V1ChangeMetadata):
    """Free-form; the official CLI reads state and creation date from it."""

    state: str | None = None


class V2BackupProperties(ReadModel):
    """A backup. `latest_recovery_target_time` null means up to now."""

    expected: ClassVar = ("cluster_id", "postgres_cluster_version", "is_active")

    cluster_id: str | None = None
    postgres_cluster_version: str | None = None
    is_active: bool | None = None
    earliest_recovery_target_time: datetime | None = None
    latest_recovery_target_time: datetime | None = None
    location: str | None = None


V2Backup = Resource[V2BackupProperties, V2BackupMetadata]


class LocationProperties(ReadModel):
    expected: ClassVar = ("location",)

    location: str | None = None


WireLocation = Resource[LocationProperties, Any]
"""Its metadata is free-form and says nothing that we need."""


class VersionProperties(ReadModel):
    """A PostgreSQL major; the documented status values are examples, so that others are no oddity."""

    expected: ClassVar = ("version", "can_upgrade_to")

    version: str | None = None
    status: str | None = None
    comment: str | None = None
    can_upgrade_to: list[str | None] | None = None


WireVersion = Resource[VersionProperties, Any]
"""Its metadata is free-form and says nothing that we need."""


def to_cluster(reading: TolerantAnswer[V2Cluster], place: Endpoint) -> Cluster | None:
    """Return the domain's cluster; None without an id. Its region is that of the host that answered."""
    seen = reading.value
    if not seen.id:
        return None
    is_, has = seen.properties or V2ClusterProperties(), seen.metadata or V2ClusterMetadata()
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


def find_other_region(entry: V2Cluster | V2Backup, place: Endpoint) -> str:
    """Return the region of an entry that says it is of another one than the endpoint's; "" for all others."""
    has = entry.metadata
    stated = (region_in_urn(has.resource_urn), region_in_dns(getattr(has, "dns_name", None))) if has else ()
    return place.find_other_region(hrefs=[entry.href], regions=stated)


def to_backup(reading: TolerantAnswer[V2Backup], place: Endpoint) -> Backup | None:
    """Return the domain's backup; None without an id."""
    seen = reading.value
    if not seen.id:
        return None
    is_, has = seen.properties or V2BackupProperties(), seen.metadata or V2BackupMetadata()
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


def to_location(reading: TolerantAnswer[WireLocation], place: Endpoint) -> BackupLocation | None:
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


def to_version(reading: TolerantAnswer[WireVersion], place: Endpoint) -> PostgresVersion | None:
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
