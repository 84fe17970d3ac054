"""Views of a cluster and a backup, as v2 shows them."""

from typing import Any

from bot.demo.cloud.call import ApiCall
from bot.demo.cloud.oddities import Oddity
from bot.demo.cloud.places import derived_id
from bot.demo.cloud.records import BackupRecord, ClusterRecord, Phase
from bot.demo.cloud.rules import shown_switches, stamp, trace, urn
from bot.demo.cloud.state_changes import is_restoring
from bot.domain.cluster import Api

_STATES: dict[str, str] = {
    Phase.CREATING: "PROVISIONING",
    Phase.CHANGING: "UPDATING",
    # v2 has no counterpart for these two; its text for FAILED fits best (mapping, section 3).
    Phase.DEGRADED: "FAILED",
    Phase.UNKNOWN: "FAILED",
}


def state_of(record: ClusterRecord) -> str:
    """Return the v2 word; a word that is not a phase of ours is shown as it is."""
    return _STATES.get(record.phase, record.phase)


def cluster_view(call: ApiCall, record: ClusterRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "type": "cluster",
        "href": f"{call.base}/clusters/{record.id}",
        "metadata": _metadata(record),
        "properties": _properties(call, record),
    }


def _metadata(record: ClusterRecord) -> dict[str, Any]:
    person, at, changed_by = record.created_by, record.modified_at, record.modified_by
    metadata = {
        **trace("created", record.created_at, urn(person), person, record.oddities),
        "resourceURN": f"ionos:postgresql:{record.region.label}:{record.contract}:clusters/{record.id}",
        "state": state_of(record),
        "dnsName": record.dns_name,
    }
    if at is not None and changed_by is not None:
        metadata |= trace("lastModified", at, urn(changed_by), changed_by, record.oddities)
    if metadata["state"] == "FAILED":
        metadata["statusMessage"] = record.status_message or "Provisioning failed"
    if Oddity.NO_DNS_NAME in record.oddities:
        del metadata["dnsName"]
    return metadata


def _properties(call: ApiCall, record: ClusterRecord) -> dict[str, Any]:
    window, network = record.window, record.network
    shown: dict[str, Any] = {
        "name": record.name,
        "version": record.version,
        "instances": {
            "count": record.instances,
            "ram": -(-record.ram_mb // 1024),
            "cores": record.cores,
            # Storage cannot shrink, so a part of a GB is rounded up.
            "storageSize": -(-record.storage_mb // 1024),
        },
        "replicationMode": _replication(record),
        "connectionPooler": _pooler(record),
        **shown_switches(record, Api.V2),
        "backup": {"location": record.backup_location, "retentionDays": record.retention_days},
    }
    if network is not None:
        shown["connection"] = {
            "datacenterId": network.datacenter_id,
            "lanId": network.lan_id,
            "primaryInstanceAddress": network.address,
        }
    shown["maintenanceWindow"] = {
        "time": "03:00:00" if window is None else window.time,
        "dayOfTheWeek": "Sunday" if window is None else window.day,
    }
    return shown | _optional(call, record)


def _optional(call: ApiCall, record: ClusterRecord) -> dict[str, Any]:
    # Terraform reports a fault for an empty description where none was set.
    shown: dict[str, Any] = {} if record.description is None else {"description": record.description}
    credentials = record.credentials
    if credentials is not None and call.cloud.switches.v2_returns_credentials:
        shown["credentials"] = {"username": credentials.username}
        if credentials.database is not None:
            shown["credentials"]["database"] = credentials.database
    if Oddity.OLD_BACKUP_FORM in record.oddities:
        shown["backupLocation"] = record.backup_location
    restore = _restore(call, record)
    return shown | ({"restoreFromBackup": restore} if restore else {})


def _restore(call: ApiCall, record: ClusterRecord) -> dict[str, str]:
    requested = call.cloud.switches.v2_shows_restore
    running = requested == "while_running" and is_restoring(call, record)
    if not record.restores or not (running or requested in ("always", "both_forms")):
        return {}
    last = record.restores[-1]
    shown = {} if last.target is None else {"recoveryTargetDatetime": stamp(last.target, record.oddities)}
    if requested == "both_forms" or last.source_cluster_id != record.id:
        shown["sourceBackupId"] = derived_id(last.source_cluster_id, last.backup_suffix)
    return shown


def _replication(record: ClusterRecord) -> str:
    return "ASYNCHRONOUS" if record.replication == "SYNCHRONOUS" else record.replication


def _pooler(record: ClusterRecord) -> str:
    if not record.pooler_enabled:
        return "DISABLED"
    # v1's default mode is transaction; an empty mode means the same (mapping, section 3).
    return record.pool_mode.upper() or "TRANSACTION"


def backup_view(call: ApiCall, record: ClusterRecord, backup: BackupRecord) -> dict[str, Any]:
    ended = backup.ended_at
    properties: dict[str, Any] = {
        "clusterId": record.id,
        "postgresClusterVersion": backup.version,
        "isActive": backup.is_active(call.now),
        "latestRecoveryTargetTime": None
        if ended is None or ended > call.now
        else stamp(ended, record.oddities),
        "location": backup.location,
    }
    earliest = backup.earliest(call.now, record.kept)
    if earliest is not None:
        properties["earliestRecoveryTargetTime"] = stamp(earliest, record.oddities)
    return {
        "id": backup.v2_id,
        "type": "backup",
        "href": f"{call.base}/backups/{backup.v2_id}",
        "metadata": {"createdDate": stamp(backup.created_at, record.oddities), "state": "AVAILABLE"},
        "properties": properties,
    }
