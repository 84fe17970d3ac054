"""Views of a cluster, a backup, a user and a database, as v1 shows them."""

from datetime import datetime
from typing import Any

from bot.demo.cloud.call import ApiCall
from bot.demo.cloud.oddities import Oddity
from bot.demo.cloud.places import derived_id
from bot.demo.cloud.records import BackupRecord, ClusterRecord, DatabaseEntry, Phase, TokenOwner, UserRecord
from bot.demo.cloud.rules import shown_switches, stamp, trace, urn
from bot.domain.cluster import Api

_STATES: dict[str, str] = {Phase.CREATING: "BUSY", Phase.CHANGING: "BUSY"}


def state_of(record: ClusterRecord) -> str:
    """Return the v1 word; a word that is not a phase of ours is shown as it is."""
    return _STATES.get(record.phase, record.phase)


def cluster_view(call: ApiCall, record: ClusterRecord) -> dict[str, Any]:
    return {
        "type": "cluster",
        "id": record.id,
        "metadata": {
            **trace("created", record.created_at, record.created_by.name, record.created_by, record.oddities),
            **_last_modified(record),
            "state": state_of(record),
        },
        "properties": _properties(call, record),
    }


def _last_modified(record: ClusterRecord) -> dict[str, str | None]:
    """Return the last change; a cluster without one has none of the fields, or nulls as an oddity."""
    at, person = record.modified_at, record.modified_by
    if at is None or person is None:
        return dict.fromkeys(_LAST_MODIFIED) if Oddity.NULL_FIELDS in record.oddities else {}
    return dict(trace("lastModified", at, person.name, person, record.oddities))


_LAST_MODIFIED = ("lastModifiedDate", "lastModifiedBy", "lastModifiedByUserId")


def _properties(call: ApiCall, record: ClusterRecord) -> dict[str, Any]:
    shown = {
        "displayName": record.name,
        "postgresVersion": record.version,
        "location": location_of(call, record),
        "dnsName": record.dns_name,
        "backupLocation": record.backup_location,
        "instances": record.instances,
        "ram": record.ram_mb,
        "cores": record.cores,
        "storageSize": record.storage_mb,
        "storageType": record.storage_type,
        "connections": _connections(record),
        "synchronizationMode": record.replication,
        "connectionPooler": {"enabled": record.pooler_enabled, "poolMode": record.pool_mode},
        **shown_switches(record, Api.V1),
    }
    if record.window is not None and Oddity.NO_WINDOW not in record.oddities:
        shown["maintenanceWindow"] = {"time": record.window.time, "dayOfTheWeek": record.window.day}
    for oddity, key in _MISSING.items():
        if oddity in record.oddities:
            del shown[key]
    return shown


_MISSING = {
    Oddity.NO_DNS_NAME: "dnsName",
    Oddity.NO_POOLER: "connectionPooler",
    Oddity.NO_BACKUP_LOCATION: "backupLocation",
}


def location_of(call: ApiCall, record: ClusterRecord) -> str:
    """Return the location as GET says it: de/fra/2 is known to come back as de/fra."""
    tells = call.cloud.switches.v1_reports_fra_2
    return record.location if tells else record.location.removesuffix("/2")


def _connections(record: ClusterRecord) -> list[dict[str, str]]:
    network = record.network
    if network is None:
        return []
    return [{"datacenterId": network.datacenter_id, "lanId": network.lan_id, "cidr": network.address}]


def backup_view(call: ApiCall, record: ClusterRecord, backup: BackupRecord) -> dict[str, Any]:
    properties: dict[str, Any] = {
        # The envelope has the id; samples of answers have null here.
        **({"id": None} if Oddity.NULL_FIELDS in record.oddities else {}),
        "clusterId": record.id,
        "version": backup.version,
        "isActive": backup.is_active(call.now),
        "size": backup.size_mb,
        "location": backup.location,
    }
    earliest = backup.earliest(call.now, record.kept)
    if earliest is not None:
        properties["earliestRecoveryTargetTime"] = stamp(earliest, record.oddities)
    return {
        "type": "backup",
        "id": backup.v1_id,
        "metadata": {"createdDate": stamp(backup.created_at, record.oddities), "state": "AVAILABLE"},
        "properties": properties,
    }


def user_view(call: ApiCall, record: ClusterRecord, user: UserRecord) -> dict[str, Any]:
    return {
        "type": "user",
        "id": derived_id(record.id, "users", user.username),
        "href": f"{call.base}/clusters/{record.id}/users/{user.username}",
        "metadata": _metadata(record, user, f"users/{user.username}", user.modified_at),
        "properties": {"username": user.username, "system": user.origin == "system"},
    }


def database_view(call: ApiCall, record: ClusterRecord, database: DatabaseEntry) -> dict[str, Any]:
    return {
        "type": "database",
        "id": derived_id(record.id, "databases", database.name),
        "href": f"{call.base}/clusters/{record.id}/databases/{database.name}",
        "metadata": _metadata(record, database, f"databases/{database.name}", None),
        "properties": {"name": database.name, "owner": database.owner},
    }


def _metadata(
    record: ClusterRecord, thing: UserRecord | DatabaseEntry, path: str, modified_at: datetime | None
) -> dict[str, str]:
    where = f"{record.region.label}:{record.contract}:clusters/{record.id}/{path}"
    by = _created_by(thing.created_by, thing.origin)
    metadata = trace("created", thing.created_at, by, thing.created_by, record.oddities)
    if modified_at is not None:
        metadata |= trace(
            "lastModified", modified_at, urn(thing.created_by), thing.created_by, record.oddities
        )
    return metadata | {"resourceURN": f"ionos:postgresql:{where}"}


def _created_by(person: TokenOwner, origin: str) -> str:
    # Objects made by SQL and system objects are told by the end of this name (notes, section 9).
    return f"ionos:iam:cloud::users/_{origin}_" if origin else urn(person)
