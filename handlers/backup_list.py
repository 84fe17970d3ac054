"""`/pg backup list`: what every cluster, or one, can be restored to."""

import asyncio
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from bot.commands.context import Context
from bot.commands.declaration import Arguments, Picks, Positional, Task, command, headline, known_as
from bot.commands.form_layout import InForm
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
from bot.domain.reply import Cell, Column, Fields, Note, Part, Reply, Table, Text, Warn, warn_of_gaps, wide
from bot.domain.reply_text import format_cell
from bot.domain.times import format_ago, parse_duration
from handlers.shared.argument_types import SkippedRows
from handlers.shared.list_titles import NO_CLUSTERS, UNREAD, title_backups, title_no_clusters


class BackupListArguments(Arguments):
    cluster: Annotated[
        str | None,
        Positional(rest=True),
        Picks("cluster"),
        InForm(hint="Type part of its name. If empty, the whole fleet."),
        Field(description="Name, id or unique start of a name (default: the whole fleet)"),
    ] = None
    stale: Annotated[
        str,
        InForm(label="Warn if older than", hint="Age of the latest restorable time.", example="24h"),
        Field(description="Warn if the latest restorable time is older than this, such as 2h"),
    ] = "24h"
    skip: SkippedRows = 0


Row = tuple[Cluster, RecoveryWindow]


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
    return await _list_cluster(args.cluster, stale, ctx)


async def _list_fleet(args: BackupListArguments, stale: timedelta, ctx: Context) -> Reply:
    clusters, backups = await asyncio.gather(ctx.clusters(), ctx.backups())
    now = ctx.now()
    rows = sorted(recovery_windows(clusters.items, backups, now, stale), key=_rank_row)
    parts: list[Part] = [*_group_warnings(rows)]
    if rows:
        again = spell(ctx.command, args, skip=0)
        parts.append(_make_table(rows, now, args.skip, again))
        parts += [Note(note) for note in _list_notes(backups.items, [cluster for cluster, _ in rows])]
    else:
        parts.append(Text(UNREAD if clusters.gaps else NO_CLUSTERS))
    gaps = dict.fromkeys((*clusters.gaps, *backups.gaps))
    parts += warn_of_gaps(gaps)
    return Reply(_make_title(rows, gaps), tuple(parts), ok=bool(rows) or not gaps)


def _rank_row(row: Row) -> tuple[bool, str, str]:
    return (not row[1].warning, row[0].name.casefold(), row[0].id)


def _make_table(rows: list[Row], now: datetime, skip: int, again: str) -> Table:
    cells = tuple(_make_row(cluster, found, now) for cluster, found in rows[skip:])
    return Table(
        "Recovery windows",
        _CLUSTER_COLUMNS,
        cells,
        name="backups",
        again=again,
        skipped=skip,
    )


_CLUSTER_COLUMNS: tuple[Column[Any] | str, ...] = (
    Column("Cluster", "name"),
    Column("Warning", warns=True),
    Column("Latest", "latest"),
    Column("Earliest"),
    Column("Backups"),
    wide("Age"),
    wide("Size"),
    wide("Location"),
    wide("Retention (days)", "retention"),
    wide("Current backup", "current"),
)


def _make_row(cluster: Cluster, found: RecoveryWindow, now: datetime) -> tuple[Cell, ...]:
    active = found.active
    return (
        cluster.name,
        found.warning or None,
        found.newest,
        found.earliest,
        found.count if found.known else None,
        format_ago(found.newest, now) if found.newest else None,
        format_gigabytes(active.size_mb) if active else None,
        (active.location if active else None) or cluster.backup_location,
        cluster.backup_retention_days,
        active.id if active else None,
    )


def _group_warnings(rows: list[Row]) -> list[Warn]:
    """Return one line a warning, with the first few of its clusters."""
    names: dict[str, list[str]] = defaultdict(list)
    for cluster, found in rows:
        if found.warning:
            names[found.warning].append(cluster.name)
    return [Warn(f"{join_some(clusters)}: {warning}.") for warning, clusters in names.items()]


def _make_title(rows: list[Row], gaps: Collection[Gap]) -> str:
    if not rows:
        return title_no_clusters(gaps)
    return title_backups(
        len(rows),
        wrong=sum(1 for _, found in rows if found.warning and found.known),
        unread=sum(1 for _, found in rows if not found.known),
        gaps=gaps,
    )


def _list_notes(backups: tuple[Backup, ...], clusters: list[Cluster]) -> list[str]:
    notes = [
        "“just now” means that the backup still receives changes, every 16 MB or 30 minutes. The latest "
        "changes may be missing."
    ]
    if any(each.backup_retention_days is None for each in clusters):
        notes.append("v1 keeps backups for 7 days; a cluster on it shows no retention.")
    odd = sum(1 for each in backups if each.oddities)
    if odd:
        backups_with_oddities = format_count(odd, "backup")
        notes.append(
            f"The API returned unknown values for {backups_with_oddities}; “backup show” lists them."
        )
    return notes


async def _list_cluster(name: str, stale: timedelta, ctx: Context) -> Reply:
    cluster = await ctx.cluster(name)
    listing = await ctx.fleet.backups(cluster)
    now = ctx.now()
    found = recovery_window(listing.items, now, stale, complete=not listing.gaps)
    parts: list[Part] = []
    if found.warning:
        parts.append(Warn(f"{cluster.name}: {found.warning}."))
    if listing.items:
        parts.append(_make_backups_table(listing.items, now))
        parts.append(
            Fields(
                (("Location", cluster.backup_location), ("Retention (days)", cluster.backup_retention_days))
            )
        )
        parts += [Note(note) for note in _list_notes(listing.items, [cluster])]
    parts += warn_of_gaps(listing.gaps)
    return Reply(_describe_window(cluster, found), tuple(parts), ok=bool(listing.items) or not listing.gaps)


def _make_backups_table(backups: tuple[Backup, ...], now: datetime) -> Table:
    newest_first = sorted(
        backups, key=lambda each: (not each.is_active, -(each.created_at or now).timestamp(), each.id)
    )
    return Table(
        "Backups",
        _BACKUP_COLUMNS,
        tuple(_make_backup_row(each, now) for each in newest_first),
        name="backups",
    )


_BACKUP_COLUMNS: tuple[Column[Any] | str, ...] = (
    Column("Backup", "id"),
    Column("Problem", warns=True),
    Column("Current"),
    Column("From"),
    Column("To"),
    wide("Age"),
    wide("PostgreSQL", "version"),
    wide("Size"),
    wide("Location"),
    wide("Created"),
)


def _make_backup_row(backup: Backup, now: datetime) -> tuple[Cell, ...]:
    newest = backup_window(backup, (), now).newest
    return (
        backup.id,
        "; ".join(find_flaws(backup, now)) or None,
        backup.is_active,
        backup.earliest_target,
        newest,
        format_ago(newest, now) if newest else None,
        backup.postgres_version,
        format_gigabytes(backup.size_mb),
        backup.location,
        backup.created_at,
    )


def _describe_window(cluster: Cluster, found: RecoveryWindow) -> str:
    if found.earliest is None:
        known = f"{cluster.name} has no restorable backup"
        return known if found.known else f"The backups of {cluster.name} could not be read"
    until = format_cell(found.newest) if found.newest else "an unknown time"
    return f"{cluster.name} can be restored from {format_cell(found.earliest)} to {until}"
