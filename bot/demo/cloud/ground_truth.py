"""The true state of a cluster, passwords included, for the operator and tests only."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.oddities import ODDITIES, Oddity
from bot.demo.cloud.records import BackupRecord, ClusterRecord, RestoreRecord


def true_state(record: ClusterRecord, now: datetime) -> dict[str, Any]:
    """Return what the APIs hide, or show later."""
    credentials = record.credentials
    return {
        "id": record.id,
        "name": record.name,
        "api": record.api,
        "contract": record.contract,
        "location": record.location,
        "region": record.region.label,
        "phase": record.phase,
        "steps": [{"due": step.due.isoformat(), "phase": step.phase} for step in record.steps],
        "oddities": sorted(record.oddities),
        "credentials": None
        if credentials is None
        else {
            "username": credentials.username,
            "password": credentials.password,
            "database": credentials.database,
        },
        "passwords": {user.username: user.password for user in record.users.values()},
        "databases": {entry.name: entry.owner for entry in record.databases.values()},
        "restores": [_restore(one) for one in record.restores],
        "backups": [_backup(one, now) for one in record.backups],
    }


def shown_oddities(cloud: Cloud) -> list[dict[str, Any]]:
    """Return the oddities of the clusters, and those that the switches give to all answers."""
    names: dict[Oddity, list[str]] = {}
    for record in cloud.everything():
        for oddity in record.oddities:
            names.setdefault(oddity, []).append(record.name)
    return [
        {
            "oddity": oddity,
            "what": facts.what,
            "source": facts.source,
            "breaks": sorted(facts.breaks),
            "clusters": names.get(oddity, []),
        }
        for oddity, facts in ODDITIES.items()
        if oddity in names or (facts.switches and replace(cloud.switches, **facts.switches) == cloud.switches)
    ]


def _restore(restore: RestoreRecord) -> dict[str, Any]:
    return {
        "at": restore.at.isoformat(),
        "source_cluster": restore.source_cluster_id,
        "backup": restore.backup_suffix,
        "target": None if restore.target is None else restore.target.isoformat(),
    }


def _backup(backup: BackupRecord, now: datetime) -> dict[str, Any]:
    return {
        "v1_id": backup.v1_id,
        "v2_id": backup.v2_id,
        "version": backup.version,
        "created_at": backup.created_at.isoformat(),
        "recoverable_at": backup.recoverable_at.isoformat(),
        "active": backup.is_active(now),
    }
