"""`/pg backup list`: what every cluster, or one, can be restored to."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated

from bot.commands.context import Context
from bot.commands.declaration import (
    Arguments,
    InForm,
    Picks,
    Positional,
    Task,
    command,
    headline,
    known_as,
    returns,
)
from bot.commands.parser import spell
from bot.domain.byte_sizes import format_gigabytes
from bot.domain.cluster import Api, Backup, Cluster, Gap
from bot.domain.phrases import format_count, join_some
from bot.domain.recovery_window import (
    RecoveryWindow,
    backup_window,
    find_flaws,
    recovery_window,
    recovery_windows,
)
from bot.domain.reply import Column, Fields, Note, Part, Reply, Text, Warn, make_table, warn_of_gaps, wide
from bot.domain.reply_text import format_cell
from bot.domain.result import CommandResult
from bot.domain.times import format_ago, parse_duration
from handlers.shared.argument_types import SkippedRows
from handlers.shared.list_titles import NO_CLUSTERS, UNREAD, title_backups, title_no_clusters
from handlers.shared.records import ClusterRecovery


class BackupListArguments(Arguments):
    cluster: Annotated[
        str | None,
        Positional(rest=True),
        Picks("cluster"),
        InForm(hint="Type part of its name. If empty, the whole fleet."),
    ] = None
    """Name, id or unique start of a name (default: the whole fleet)"""
    stale: Annotated[
        str, InForm(label="Warn if older than", hint="Age of the latest restorable time.", example="24h")
    ] = "24h"
    """Warn if the latest restorable time is older than this, such as 2h"""
    skip: SkippedRows = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupList(CommandResult):
    """The recovery window of each cluster, those with a problem first, and the backups of these clusters."""

    windows: tuple[ClusterRecovery, ...]
    backups: tuple[Backup, ...]


@returns(BackupList)
@known_as("restorable", "restore points", "restores", "recovery", "pitr window")
@headline(Task.RESTORE)
@command(
    examples=("backup list", "backup list orders-prod", "backup list --stale 2h"),
    ionosctl={
        Api.V1: (
            "ionosctl dbaas postgres cluster backup list --cluster-id {cluster}",
            "ionosctl dbaas postgres backup list",
        ),
        Api.V2: "ionosctl dbaas postgres-v2 backup list [--location {region:place} --cluster-id {cluster}]",
    },
)
async def backup_list(args: BackupListArguments, ctx: Context) -> Reply:
    """List recovery windows, and warn about backups with problems.

    Without a cluster you get one row for each cluster, warnings first. With one you get each of its backups.
    """
    stale = parse_duration(args.stale)
    if args.cluster is None:
        return await _list_fleet(args, stale, ctx)
    return await _list_cluster(await ctx.cluster(args.cluster), stale, ctx)


async def _list_fleet(args: BackupListArguments, stale: timedelta, ctx: Context) -> Reply:
    clusters, backups = await asyncio.gather(ctx.clusters(), ctx.backups())
    now = ctx.now()
    found = recovery_windows(clusters.items, backups, now, stale)
    windows = sorted(
        (ClusterRecovery.of(*each) for each in found),
        key=lambda each: (not each.problem, each.cluster.name.casefold(), each.cluster.id),
    )
    listed = windows[args.skip :]
    ids = {each.cluster.id for each in listed}
    own = [each for each in backups.items if each.cluster_id in ids]
    parts: list[Part] = [*_group_warnings(windows)]
    if windows:
        table = make_table("Recovery windows", _list_window_columns(now), listed, name="backups")
        parts.append(replace(table, again=spell(ctx.command, args, skip=0), skipped=args.skip))
        parts += _list_notes(backups.items, windows)
    else:
        parts.append(Text(UNREAD if clusters.gaps else NO_CLUSTERS))
    gaps = dict.fromkeys((*clusters.gaps, *backups.gaps))
    parts += warn_of_gaps(gaps)
    return Reply(
        _make_title(windows, gaps),
        tuple(parts),
        ok=bool(windows) or not gaps,
        result=BackupList(windows=tuple(listed), backups=_sort_backups(own, now)),
    )


def _list_window_columns(now: datetime) -> tuple[Column[ClusterRecovery], ...]:
    return (
        Column("Cluster", "name", cell=lambda window: window.cluster.name),
        Column("Warning", warns=True, cell=lambda window: window.warning),
        Column("Latest", "latest", cell=lambda window: window.latest_at),
        Column("Earliest", cell=lambda window: window.earliest_at),
        Column("Backups", cell=lambda window: window.backup_count),
        wide("Age", cell=lambda window: format_ago(window.latest_at, now) if window.latest_at else None),
        wide("Size", cell=lambda window: format_gigabytes(window.current_backup_size_mb)),
        wide("Location", cell=lambda window: window.location),
        wide("Retention (days)", "retention", cell=lambda window: window.retention_days),
        wide("Current backup", "current", cell=lambda window: window.current_backup_id),
    )


def _group_warnings(windows: Sequence[ClusterRecovery]) -> list[Warn]:
    """Return one line a warning, with the first few of its clusters."""
    names: dict[str, list[str]] = defaultdict(list)
    for each in windows:
        if each.warning:
            names[each.warning].append(each.cluster.name)
    return [Warn(f"{join_some(clusters)}: {warning}.") for warning, clusters in names.items()]


def _make_title(windows: Sequence[ClusterRecovery], gaps: Collection[Gap]) -> str:
    if not windows:
        return title_no_clusters(gaps)
    return title_backups(
        len(windows),
        wrong=sum(1 for each in windows if each.problem and each.backup_count is not None),
        unread=sum(1 for each in windows if each.backup_count is None),
        gaps=gaps,
    )


def _list_notes(backups: Sequence[Backup], windows: Sequence[ClusterRecovery]) -> list[Note]:
    notes = [
        "“just now” means that the backup still receives changes, every 16 MB or 30 minutes. The latest "
        "changes may be missing."
    ]
    if any(each.retention_days is None for each in windows):
        notes.append("v1 keeps backups for 7 days; a cluster on it shows no retention.")
    odd = sum(1 for each in backups if each.oddities)
    if odd:
        some = format_count(odd, "backup")
        notes.append(f"The API returned unknown values for {some}; “backup show” lists them.")
    return list(map(Note, notes))


async def _list_cluster(cluster: Cluster, stale: timedelta, ctx: Context) -> Reply:
    listing = await ctx.fleet.backups(cluster)
    now = ctx.now()
    found = recovery_window(listing.items, now, stale, complete=not listing.gaps)
    windows, backups = [ClusterRecovery.of(cluster, found)], _sort_backups(listing.items, now)
    parts: list[Part] = []
    if found.warning:
        parts.append(Warn(f"{cluster.name}: {found.warning}."))
    if backups:
        parts.append(make_table("Backups", _list_backup_columns(now), backups, name="backups"))
        pairs = (("Location", cluster.backup_location), ("Retention (days)", cluster.backup_retention_days))
        parts += [Fields(pairs), *_list_notes(backups, windows)]
    parts += warn_of_gaps(listing.gaps)
    return Reply(
        _describe_window(cluster, found),
        tuple(parts),
        ok=bool(backups) or not listing.gaps,
        result=BackupList(windows=tuple(windows), backups=backups),
    )


def _sort_backups(backups: Sequence[Backup], now: datetime) -> tuple[Backup, ...]:
    """Return the backups of each cluster together: the current one first, then from the newest."""

    def rank(each: Backup) -> tuple[str, bool, float, str]:
        age = -(each.created_at or now).timestamp()
        return each.cluster_id or "", not each.is_active, age, each.id

    return tuple(sorted(backups, key=rank))


def _list_backup_columns(now: datetime) -> tuple[Column[Backup], ...]:
    def latest(backup: Backup) -> datetime | None:
        return backup_window(backup, (), now).newest

    return (
        Column("Backup", "id", cell=lambda backup: backup.id),
        Column("Problem", warns=True, cell=lambda backup: "; ".join(find_flaws(backup, now)) or None),
        Column("Current", cell=lambda backup: backup.is_active),
        Column("From", cell=lambda backup: backup.earliest_target),
        Column("To", cell=latest),
        wide("Age", cell=lambda backup: format_ago(at, now) if (at := latest(backup)) else None),
        wide("PostgreSQL", "version", cell=lambda backup: backup.postgres_version),
        wide("Size", cell=lambda backup: format_gigabytes(backup.size_mb)),
        wide("Location", cell=lambda backup: backup.location),
        wide("Created", cell=lambda backup: backup.created_at),
    )


def _describe_window(cluster: Cluster, found: RecoveryWindow) -> str:
    if found.earliest is None:
        known = f"{cluster.name} has no restorable backup"
        return known if found.known else f"The backups of {cluster.name} could not be read"
    until = format_cell(found.newest) if found.newest else "an unknown time"
    return f"{cluster.name} can be restored from {format_cell(found.earliest)} to {until}"
