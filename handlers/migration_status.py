"""`/pg migration status`: where every v1 cluster stands, how ready it is, and what has changed."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from bot.commands.context import Context
from bot.commands.declaration import Arguments, Task, command, headline, known_as
from bot.commands.form_layout import InForm
from bot.commands.parser import spell
from bot.domain.migration_records import ClusterVerdict
from bot.domain.reply import Cell, Column, Fields, Note, Part, Reply, Table, Text, warn_of_gaps, wide
from bot.settings.model import same_region
from handlers.shared.argument_types import OwnerFilter, RegionFilter, SkippedRows, TierFilter
from handlers.shared.client_view import note_evidence
from handlers.shared.deadline_view import show_deadline
from handlers.shared.list_titles import UNREAD, describe_gaps, title_verdicts
from handlers.shared.readiness_check import CheckedFleet, check_readiness
from handlers.shared.readiness_run import KeptRun, StatusRow, keep_run
from migrations.burn_down import MOVED, REPLACED
from migrations.clients import ClientState
from migrations.formats.coverage import build_coverage
from migrations.readiness import Readiness, ReadinessReport
from migrations.v2_presence import PresenceState

VERDICTS = {
    "blocked": Readiness.BLOCKED,
    "needs-work": Readiness.NEEDS_WORK,
    "inconclusive": Readiness.INCONCLUSIVE,
    "ready": Readiness.READY,
}
"""Verdicts by the word that people type, the worst first."""

_RANK = {verdict.value: rank for rank, verdict in enumerate(VERDICTS.values())}


CLIENTS = {
    "still-on-v1": ClientState.STILL_ON_V1,
    "not-known": ClientState.NOT_KNOWN,
    "off-v1": ClientState.OFF_V1,
}
"""Verdicts on clients by the word that people type, the worst first."""


def _read_verdict(typed: object) -> object:
    """Return today's word for one that reports saved in earlier releases still hold."""
    return "inconclusive" if typed == "cannot-tell" else typed


class MigrationStatusArguments(Arguments):
    verdict: Annotated[
        Literal["blocked", "needs-work", "inconclusive", "ready"] | None,
        BeforeValidator(_read_verdict),
        InForm(hint=""),
        Field(description="Only clusters with this verdict"),
    ] = None
    clients: Annotated[
        Literal["still-on-v1", "not-known", "off-v1"] | None,
        InForm(label="Verdict on its clients", hint=""),
        Field(description="Only clusters with this verdict on their clients"),
    ] = None
    owner: OwnerFilter = None
    region: RegionFilter = None
    tier: TierFilter = None
    skip: SkippedRows = 0


@known_as("readiness", "ready", "burndown", "migrate", "v2", "v1", "pending migration")
@headline(Task.MIGRATE)
@command(
    examples=(
        "migration status",
        "migration status --verdict blocked",
        "migration status --clients still-on-v1",
        "migration status --owner @alice --region de/fra",
    )
)
async def migration_status(args: MigrationStatusArguments, ctx: Context) -> Reply:
    """Show which clusters are pending migration, and how ready they are.

    It checks every v1 cluster that you may see by every rule, and compares the result with the last run.
    “Ready” means that v2 can take the cluster. “Clients” shows whether programs and people have left v1. A
    cluster that v2 shows is not called migrated, since only IONOS knows when it has moved.
    """
    judged = await check_readiness(ctx)
    kept = await keep_run(judged, ctx)
    rows = kept.rows
    fitting = [row for row in rows if _matches_filters(row.verdict, args)]
    shown = sorted((row for row in fitting if row.verdict.verdict), key=_rank_row)
    parts = warn_of_gaps(judged.report.gaps)
    parts += show_deadline(ctx)
    if len(shown) > args.skip:
        parts.append(_make_table(shown, args.skip, spell(ctx.command, args, skip=0)))
    else:
        parts.append(Text(_explain_nothing(judged, rows, ctx)))
    parts += [
        Fields(_count_totals(judged, rows, ctx)),
        *_show_changes(fitting, kept),
        *kept.left_out,
        Note(build_coverage(judged.report).sentence),
        *note_evidence(judged.report, ctx),
    ]
    in_v1 = sum(1 for row in rows if row.verdict.verdict)
    return Reply(
        _make_title(shown, in_v1, judged.report),
        tuple(parts),
        ok=bool(in_v1) or not judged.report.gaps,
    )


def _matches_filters(verdict: ClusterVerdict, args: MigrationStatusArguments) -> bool:
    return (
        (args.verdict is None or verdict.verdict == VERDICTS[args.verdict])
        and (args.clients is None or verdict.clients == CLIENTS[args.clients])
        and (args.region is None or same_region(verdict.region, args.region))
        and (args.owner is None or verdict.owner.casefold() == args.owner.casefold())
        and (args.tier is None or verdict.tier.casefold() == args.tier.casefold())
    )


def _rank_row(row: StatusRow) -> tuple[int, str, str]:
    return _RANK[row.verdict.verdict], row.verdict.name.casefold(), row.verdict.cluster_id


_COLUMNS: tuple[Column[Any] | str, ...] = (
    Column("Cluster", "name"),
    Column("Verdict"),
    Column("Worst finding", "finding"),
    Column("Clients"),
    wide("In v2"),
    wide("Region"),
    wide("Owner"),
    wide("Since"),
)


def _make_table(rows: Sequence[StatusRow], skip: int, again: str) -> Table:
    cells: list[tuple[Cell, ...]] = [
        (
            row.verdict.name,
            row.verdict.verdict,
            row.finding or None,
            row.verdict.clients,
            row.verdict.standing,
            row.verdict.region,
            row.verdict.owner or None,
            row.since,
        )
        for row in rows[skip:]
    ]
    return Table("Readiness", _COLUMNS, tuple(cells), name="readiness", again=again, skipped=skip)


def _make_title(shown: Sequence[StatusRow], in_v1: int, report: ReadinessReport) -> str:
    unread = describe_gaps(report.gaps)
    if not in_v1:
        return "v1 could not be read" if report.is_unread else f"No v1 clusters are visible to you{unread}"
    counts = Counter(row.verdict.verdict for row in shown)
    verdicts = {verdict.value: counts[verdict.value] for verdict in VERDICTS.values()}
    return f"{title_verdicts(verdicts, in_v1)}{unread}"


def _count_totals(
    judged: CheckedFleet, rows: Sequence[StatusRow], ctx: Context
) -> tuple[tuple[str, Cell], ...]:
    """Count the whole fleet that the person may see, whatever the filters."""
    standings = Counter(row.verdict.standing for row in rows)
    clients = Counter(row.verdict.clients for row in rows)
    twins = {each.presence.counterpart.id for each in judged.report.assessments if each.presence.counterpart}
    alone = [each for each in judged.collected.in_v2 if each.id not in twins and ctx.may_see(each)]
    return (
        *(
            (standing.capitalize(), standings[standing])
            for standing in PresenceState
            if standings[standing] or standing is not PresenceState.SUCCESSOR
        ),
        *((f"Clients {state}", clients[state]) for state in CLIENTS.values()),
        ("Only on v2", len(alone)),
        ("Previously seen in v1", standings[MOVED] + standings[REPLACED]),
    )


def _show_changes(rows: Sequence[StatusRow], kept: KeptRun) -> list[Part]:
    before = kept.before
    if before.at is None:
        return [Note("There is no earlier run to compare with.")]
    if before.judged_by != kept.judged_by:
        at = f"{before.at:%Y-%m-%d %H:%M} UTC"
        return [Note(f"Not compared with the last run at {at}, which used different rules.")]
    cells = tuple(
        (
            row.verdict.name,
            _describe_verdict(row.was) if row.was else "not known",
            _describe_verdict(row.verdict, compared_with=row.was),
        )
        for row in rows
        if row.was is None
        or _describe_verdict(row.was) != _describe_verdict(row.verdict, compared_with=row.was)
    )
    caption = f"Since the last run, {before.at:%Y-%m-%d %H:%M} UTC"
    if not cells:
        return [Note(f"{caption}: nothing has changed.")]
    return [Table(caption, ("Cluster", "Was", "Now"), cells, name="readiness-changes")]


def _describe_verdict(verdict: ClusterVerdict, compared_with: ClusterVerdict | None = None) -> str:
    """Return the verdicts in words; that on clients only where the run before had one as well."""
    had_clients = verdict.clients and (compared_with or verdict).clients
    clients = f"clients {verdict.clients}" if had_clients else ""
    return ", ".join(filter(None, (verdict.verdict, clients, verdict.standing)))


def _explain_nothing(judged: CheckedFleet, rows: Sequence[StatusRow], ctx: Context) -> str:
    if any(row.verdict.verdict for row in rows):
        return f"`{ctx.invocation.line} migration status` shows every v1 cluster."
    if judged.report.gaps:
        return UNREAD
    return "If you expected some, check your permissions with “whoami”: others may see clusters here."
