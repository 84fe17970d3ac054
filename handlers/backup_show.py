"""`/pg backup show`: everything the API says of one backup."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from bot.commands.context import Context
from bot.commands.declaration import Arguments, InForm, Picks, Positional, command, returns
from bot.domain.byte_sizes import format_gigabytes
from bot.domain.cluster import Api, Backup, Cluster, ClusterRef
from bot.domain.recovery_window import BackupWindow, backup_window, find_flaws
from bot.domain.reply import Fields, Note, Part, Reply, Text, Warn
from bot.domain.reply_text import format_cell
from bot.domain.result import CommandResult
from bot.domain.times import format_ago, format_span
from bot.ionos.cluster_lookup import find_backup
from handlers.shared.records import warn_of_oddities

HINT = "“backup list CLUSTER” lists the ids. Backups of deleted clusters can't be shown here."


class BackupShowArguments(Arguments):
    backup: Annotated[
        str, Positional(), Picks("backup"), InForm(hint="Type part of its id or of the name of its cluster.")
    ]
    """Id of the backup, or a unique start of it"""
    cluster: Annotated[
        str | None,
        Positional(rest=True),
        Picks("cluster"),
        InForm(hint="If empty, backups of the whole fleet."),
    ] = None
    """Cluster to search in (default: the whole fleet)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupShow(CommandResult):
    """One backup, and the cluster that it is of.

    `latest_at` is the latest time to restore to: the time of the answer while the backup still receives
    changes, null where nothing can be restored or the API does not say where the backup ends.
    """

    backup: Backup
    latest_at: datetime | None
    cluster: ClusterRef
    cluster_state: str


@returns(BackupShow)
@command(
    examples=(
        "backup show 5f4d8a31-6c0e-4d6b-9a70-2b8f0f3c1d55-4oymiqu-15",
        "backup show 5f4d8a31 orders-prod",
    ),
    ionosctl={
        Api.V1: "ionosctl dbaas postgres backup get --backup-id {backup}",
        Api.V2: "ionosctl dbaas postgres-v2 backup get --location {region:place} --backup-id {backup}",
    },
)
async def backup_show(args: BackupShowArguments, ctx: Context) -> Reply:
    """Show one backup: recovery window, version, size and location."""
    cluster, backup = await _find_backup(args, ctx)
    now = ctx.now()
    window = backup_window(backup, (), now)
    result = BackupShow(
        backup=backup,
        latest_at=window.newest,
        cluster=ClusterRef.of(cluster),
        cluster_state=cluster.state,
    )
    parts: list[Part] = [Warn(f"This backup {flaw}.") for flaw in find_flaws(backup, now)]
    parts += [Text(_describe_window(window, now)), *_list_facts(result, now)]
    parts += warn_of_oddities(backup.oddities)
    if backup.postgres_version:
        parts.append(Note(f"You can restore it into PostgreSQL {backup.postgres_version} or newer."))
    kind = "current backup" if backup.is_active else "backup"
    return Reply(f"{cluster.name}: {kind} {backup.id}", tuple(parts), result=result)


async def _find_backup(args: BackupShowArguments, ctx: Context) -> tuple[Cluster, Backup]:
    if args.cluster is not None:
        cluster = await ctx.cluster(args.cluster)
        return cluster, find_backup(args.backup, await ctx.fleet.backups(cluster), of=cluster)
    clusters, backups = await asyncio.gather(ctx.clusters(), ctx.backups())
    backup = find_backup(args.backup, backups, hint=HINT)
    return next(each for each in clusters.items if each.id == backup.cluster_id), backup


def _describe_window(window: BackupWindow, now: datetime) -> str:
    first, last = window.earliest, window.newest
    if first is None:
        return "This backup can't be restored: it has no restorable time."
    since = f"{format_cell(first)} ({format_ago(first, now)})"
    if last is None:
        return f"It can be restored to times from {since}. The API doesn't say where it ends."
    if last == now:
        return f"It can be restored to any time from {since} until now, except for changes not yet shipped."
    return f"It can be restored to any time from {since} up to {format_cell(last)} ({format_ago(last, now)})."


def _list_facts(shown: BackupShow, now: datetime) -> list[Part]:
    backup, cluster, latest = shown.backup, shown.cluster, shown.latest_at
    first = backup.earliest_target
    identity = (
        ("Cluster", cluster.name),
        ("Cluster id", cluster.id),
        ("Cluster state", shown.cluster_state),
        ("Current", backup.is_active),
        ("Earliest", first),
        ("Latest", latest),
        ("Covers", format_span(latest - first) if latest and first else None),
    )
    properties = (
        ("PostgreSQL", backup.postgres_version),
        ("Size", format_gigabytes(backup.size_mb)),
        ("Location", backup.location),
        ("State", backup.state),
        ("Created", backup.created_at),
        ("Age", format_ago(backup.created_at, now) if backup.created_at else None),
        ("Region", cluster.region),
        ("API", backup.api.value),
        ("Contract", backup.contract),
    )
    return [Fields(identity), Fields(properties)]
