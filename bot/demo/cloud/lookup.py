"""Backups by id and in lists, as each API and contract may see them."""

from bot.demo.cloud.call import ApiCall
from bot.demo.cloud.records import BackupRecord, ClusterRecord
from bot.demo.cloud.refusals import ApiRefusal, no_such


def visible_backups(call: ApiCall, cluster_id: str | None = None) -> list[tuple[ClusterRecord, BackupRecord]]:
    """Return the backups that this call may list, oldest cluster first; deleted clusters' while kept."""
    if cluster_id is None:
        clusters = call.cloud.clusters_with_backups(call.contract)
    else:
        cluster = call.cloud.find_with_backups(cluster_id)
        clusters = [] if cluster is None else [cluster]
    return [
        (record, backup)
        for record in clusters
        if call.sees(record)
        for backup in record.backups
        if backup.exists(call.now, record.kept)
    ]


def v1_backup(call: ApiCall, backup_id: str) -> tuple[ClusterRecord, BackupRecord]:
    """Return the backup of a v1 id, whose first 36 characters are the cluster's. Raises ApiRefusal 404."""
    for record, backup in visible_backups(call, backup_id[:36]):
        if backup.v1_id == backup_id:
            return record, backup
    raise no_such("backup")


def v2_backup(call: ApiCall, backup_id: str) -> tuple[ClusterRecord, BackupRecord]:
    """Return the backup of a v2 id. Raises ApiRefusal 404."""
    for record, backup in visible_backups(call):
        if backup.v2_id == backup_id.lower():
            return record, backup
    raise no_such("backup")


def find_v1_backup(call: ApiCall, backup_id: str) -> tuple[ClusterRecord, BackupRecord]:
    """Return the backup of an id in a request body. Raises ApiRefusal 422."""
    try:
        return v1_backup(call, backup_id)
    except ApiRefusal:
        raise ApiRefusal(422, "backupId is not known") from None


def find_v2_backup(call: ApiCall, backup_id: str) -> tuple[ClusterRecord, BackupRecord]:
    """Return the backup of an id in a request body. Raises ApiRefusal 422."""
    try:
        return v2_backup(call, backup_id)
    except ApiRefusal:
        raise ApiRefusal(422, "restoreFromBackup.sourceBackupId is not known") from None
