"""`/pg audit witness`: what IONOS recorded of each cluster, held against what the bot recorded of itself."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.audit.vendor_comparison import UnconfirmedRequest, actions_in, compare
from bot.commands.context import Context
from bot.commands.declaration import Arguments, command, returns
from bot.domain.cluster import Cluster, ClusterRef
from bot.domain.phrases import format_count
from bot.domain.reply import Column, Note, Reply, Text, show_table, warn_of_gaps
from bot.domain.result import CommandResult
from bot.domain.times import format_ago
from handlers.shared.audit_visibility import AuditVisibility, RowName
from handlers.shared.list_titles import describe_gaps, reply_no_clusters


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideChange:
    """The last change of a cluster, or its creation, where no request of the bot explains it. `by` is as
    IONOS says it."""

    cluster: ClusterRef
    change: Literal["changed", "created"]
    at: datetime
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnrecordedRequest:
    """A request of the bot that IONOS's record of the cluster does not show. `entry_id` is what “audit show”
    takes, null for one that you may not see; `seq` is its number, null unless you may see every entry."""

    entry_id: str | None
    seq: int | None
    at: datetime
    cluster: ClusterRef
    method: str
    path: str
    problem: str
    trace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditWitness(CommandResult):
    """The differences between the audit log and IONOS's records. `compared_count` clusters were compared, and
    `silent_count` have no time of change."""

    outside_changes: tuple[OutsideChange, ...]
    unrecorded_requests: tuple[UnrecordedRequest, ...]
    compared_count: int
    silent_count: int


@returns(AuditWitness)
@command(examples=("audit witness",))
async def audit_witness(_args: Arguments, ctx: Context) -> Reply:
    """Find changes made outside the bot, according to IONOS's records.

    It compares the audit log with the last change that IONOS recorded for each cluster. It also lists
    requests of the bot that IONOS has no record of. IONOS keeps only the last change of a cluster, so earlier
    changes can't be compared, nor changes within an hour after one of the bot's.
    """
    listing, sight, rows, begins = await asyncio.gather(
        ctx.clusters(), AuditVisibility.of(ctx), ctx.audit.sent_requests(), ctx.audit.beginning()
    )
    now = ctx.now()
    found = compare(listing.items, actions_in(rows), begins or now, now)
    names = await sight.name_rows([each.action.row for each in found.untraced], ctx)
    result = AuditWitness(
        outside_changes=tuple(
            OutsideChange(cluster=ClusterRef.of(each.cluster), change=each.what, at=each.at, by=each.by)
            for each in found.around
        ),
        unrecorded_requests=tuple(_list_unrecorded(found.untraced, listing.items, names, sight)),
        compared_count=found.compared,
        silent_count=found.silent,
    )
    parts = show_table(
        "Changed outside the bot", _list_outside_columns(now), result.outside_changes, name="around-the-bot"
    )
    parts += show_table(
        "Not recorded by IONOS", _UNRECORDED, result.unrecorded_requests, name="without-trace"
    )
    if not parts and listing.items:
        parts.append(Text("No differences found."))
    parts += warn_of_gaps(listing.gaps)
    if result.silent_count:
        silent = format_count(result.silent_count, "cluster")
        parts.append(Note(f"IONOS gives no time of change for {silent}."))
    if not listing.items:
        return reply_no_clusters(listing.gaps, parts, result)
    return Reply(f"{_make_title(result)}{describe_gaps(listing.gaps)}", tuple(parts), result=result)


def _list_unrecorded(
    found: Iterable[UnconfirmedRequest],
    clusters: Iterable[Cluster],
    names: Mapping[int, RowName],
    sight: AuditVisibility,
) -> Iterator[UnrecordedRequest]:
    by_id = {each.id: ClusterRef.of(each) for each in clusters}
    for each in found:
        row = each.action.row
        yield UnrecordedRequest(
            entry_id=str(names[row.seq]) if sight.may_see(row) else None,
            seq=row.seq if sight.everything else None,
            at=row.at,
            cluster=by_id[each.action.cluster],
            method=each.action.method,
            path=each.action.path,
            problem=each.why,
            trace=row.trace,
        )


def _make_title(result: AuditWitness) -> str:
    looked = format_count(result.compared_count, "cluster")
    if not result.outside_changes and not result.unrecorded_requests:
        return f"{looked} compared: both records agree"
    return (
        f"{looked} compared: {len(result.outside_changes)} changed outside the bot, "
        f"{len(result.unrecorded_requests)} not recorded by IONOS"
    )


def _list_outside_columns(now: datetime) -> tuple[Column[OutsideChange], ...]:
    return (
        Column("Cluster", cell=lambda each: each.cluster.name),
        Column("Change", cell=lambda each: each.change),
        Column("When", cell=lambda each: each.at),
        Column("Age", cell=lambda each: format_ago(each.at, now)),
        Column("By", cell=lambda each: each.by),
    )


_UNRECORDED: tuple[Column[UnrecordedRequest], ...] = (
    Column("Entry", cell=lambda each: each.entry_id if each.seq is None else each.seq),
    Column("When", cell=lambda each: each.at),
    Column("Cluster", cell=lambda each: each.cluster.name),
    Column("Request", cell=lambda each: f"{each.method} {each.path}"),
    Column("Problem", cell=lambda each: each.problem),
    Column("Trace", cell=lambda each: each.trace),
)
