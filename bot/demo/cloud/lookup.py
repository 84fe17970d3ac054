"""Backups by id and in lists, as each API and contract may see them."""

from bot.demo.cloud.call import ApiCall
from bot.demo.cloud.records import BackupRecord, ClusterRecord
from bot.demo.cloud.refusals import ApiRefusal, no_such


def visible_backups(call: ApiCall, cluster_id: str | None = None) -> list[tuple[ClusterRecord, BackupRecord]]:
    """Return backups that this call may list, oldest cluster first; those of deleted clusters while kept."""
    if cluster_id is None:
        keepers = call.cloud.keepers(call.contract)
    else:
        keeper = call.cloud.find_keeper(cluster_id)
        keepers = [] if keeper is None else [keeper]
    return [
        (record, backup)
        for record in keepers
        if call.sees(record)
        for backup in record.backups
        if backup.exists(call.now, record.kept)
    ]


def v1_backup(call: ApiCall, backup_id: str) -> tuple[ClusterRecord, BackupRecord]:
    """Return the backup of a v1 id, whose first 36 characters are the cluster's. Raises Refusal 404."""
    for record, backup in visible_backups(call, backup_id[:36]):
        if backup.v1_id == backup_id:
            return record, backup
    raise no_such("backup")


def v2_backup(call: ApiCall, backup_id: str) -> tuple[ClusterRecord, BackupRecord]:
    """Return the backup of a v2 id. Raises Refusal 404."""
    for record, backup in visible_backups(call):
        if backup.v2_id == backup_id.lower():
            return record, backup
    raise no_such("backup")


def find_v1_backup(call: ApiCall, backup_id: str) -> tuple[ClusterRecord, BackupRecord]:
    """Return the same as `v1_backup`, for an id inside a request body: 422 when there is none."""
    try:
        return v1_backup(call, backup_id)
    except ApiRefusal:
        raise ApiRefusal(422, "backupId is not known") from None


def find_v2_backup(call: ApiCall, backup_id: str) -> tuple[ClusterRecord, BackupRecord]:
    """Return the same as `v2_backup`, for an id inside a request body: 422 when there is none."""
    try:
        return v2_backup(call, backup_id)
    except ApiRefusal:
        raise ApiRefusal(422, "restoreFromBackup.sourceBackupId is not known") from None
