"""`/pg migration status`: where every v1 cluster stands, how ready it is, and what has changed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator

from bot.commands.context import Context
from bot.commands.declaration import Arguments, InForm, Task, command, headline, known_as, returns
from bot.commands.parser import spell
from bot.domain.cluster import same_region
from bot.domain.reply import (
    Cell,
    Column,
    Fields,
    Note,
    Part,
    Reply,
    Text,
    make_table,
    show_table,
    warn_of_gaps,
    wide,
)
from bot.domain.result import CommandResult
from handlers.shared.argument_types import OwnerFilter, RegionFilter, SkippedRows, TierFilter
from handlers.shared.burn_down_records import show_deadline
from handlers.shared.list_titles import UNREAD, describe_gaps, title_verdicts
from handlers.shared.readiness_check import (
    CheckedFleet,
    ClusterStatus,
    KeptRun,
    check_readiness,
    keep_run,
    note_evidence,
    note_left_out,
    overview_clients,
)
from migrations.burn_down import STANDINGS, AfterV1, Standing
from migrations.clients import ClientState
from migrations.formats.contents import CoverageRecord, build_coverage
from migrations.formats.readiness_records import ClientsOverview
from migrations.readiness import Readiness, ReadinessReport
from migrations.v2_presence import PresenceState

WORST_FIRST = (Readiness.BLOCKED, Readiness.NEEDS_WORK, Readiness.INCONCLUSIVE, Readiness.READY)


class MigrationStatusArguments(Arguments):
    """Verdicts are typed as they are shown, with dashes for blanks."""

    verdict: Annotated[
        Literal["blocked", "needs-work", "inconclusive", "ready"] | None,
        # Reports saved in earlier releases hold another word for it.
        BeforeValidator(lambda typed: "inconclusive" if typed == "cannot-tell" else typed),
        InForm(hint=""),
    ] = None
    """Only clusters with this verdict"""
    clients: Annotated[
        Literal["still-on-v1", "not-known", "off-v1"] | None, InForm(label="Verdict on its clients", hint="")
    ] = None
    """Only clusters with this verdict on their clients"""
    owner: OwnerFilter = None
    region: RegionFilter = None
    tier: TierFilter = None
    skip: SkippedRows = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationStatus(CommandResult):
    """The v1 clusters that match, the worst first. The counts are of all clusters that you may see.

    `changes` are those of the matching clusters that differ from the run at `last_run_at`, also where v1 no
    longer shows them; null where there was none, or it used other rules. `left_out` are known clusters of
    contracts that app.yaml no longer has.
    """

    clusters: tuple[ClusterStatus, ...]
    changes: tuple[ClusterStatus, ...] | None
    last_run_at: datetime | None
    read_at: datetime
    deadline: date | None
    standings: dict[Standing, int]
    verdicts: dict[Readiness, int]
    clients: ClientsOverview
    only_on_v2: int
    left_out: int
    coverage: CoverageRecord


@returns(MigrationStatus)
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
    fitting = [each for each in kept.rows if _matches_filters(each, args)]
    shown = sorted(
        (each for each in fitting if each.verdict),
        key=lambda each: (WORST_FIRST.index(each.verdict), each.name.casefold(), each.id),
    )
    result = _make_result(shown[args.skip :], _find_changes(fitting, kept), judged, kept, ctx)
    parts = warn_of_gaps(judged.report.gaps)
    parts += show_deadline(ctx)
    if result.clusters:
        table = make_table("Readiness", _COLUMNS, result.clusters, name="readiness")
        parts.append(replace(table, again=spell(ctx.command, args, skip=0), skipped=args.skip))
    else:
        parts.append(Text(_explain_nothing(judged, kept.rows, ctx)))
    parts += [
        Fields(_list_totals(result)),
        *_show_changes(result.changes, kept),
        *note_left_out(kept.left_out),
        Note(result.coverage.sentence),
        *note_evidence(judged.report, ctx),
    ]
    in_v1 = result.coverage.clusters
    title = _make_title(shown, in_v1, judged.report)
    return Reply(title, tuple(parts), ok=bool(in_v1) or not judged.report.gaps, result=result)


def _matches_filters(each: ClusterStatus, args: MigrationStatusArguments) -> bool:
    return (
        (args.verdict is None or each.verdict == args.verdict.replace("-", " "))
        and (args.clients is None or _read_state(each) == args.clients.replace("-", " "))
        and (args.region is None or same_region(each.region, args.region))
        and (args.owner is None or (each.owner or "").casefold() == args.owner.casefold())
        and (args.tier is None or (each.tier or "").casefold() == args.tier.casefold())
    )


def _read_state(each: ClusterStatus) -> ClientState | None:
    return each.clients.verdict if each.clients else None


_COLUMNS: tuple[Column[ClusterStatus], ...] = (
    Column("Cluster", "name", cell=lambda each: each.name),
    Column("Verdict", cell=lambda each: each.verdict),
    Column(
        "Worst finding",
        "finding",
        cell=lambda each: f"{each.worst.rule} {each.worst.title}" if each.worst else None,
    ),
    Column("Clients", cell=_read_state),
    wide("In v2", cell=lambda each: each.standing),
    wide("Region", cell=lambda each: each.region),
    wide("Owner", cell=lambda each: each.owner),
    wide("Since", cell=lambda each: each.since),
)


def _make_title(shown: Sequence[ClusterStatus], in_v1: int, report: ReadinessReport) -> str:
    unread = describe_gaps(report.gaps)
    if not in_v1:
        return "v1 could not be read" if report.is_unread else f"No v1 clusters are visible to you{unread}"
    counts = Counter(each.verdict for each in shown)
    return f"{title_verdicts({each.value: counts[each] for each in WORST_FIRST}, in_v1)}{unread}"


def _make_result(
    shown: Sequence[ClusterStatus],
    changes: Sequence[ClusterStatus] | None,
    judged: CheckedFleet,
    kept: KeptRun,
    ctx: Context,
) -> MigrationStatus:
    """Return the result; it counts the whole fleet that the person may see, whatever the filters."""
    report = judged.report
    verdicts = Counter(each.verdict for each in kept.rows)
    standings = Counter(each.standing for each in kept.rows)
    twins = {each.presence.counterpart.id for each in report.assessments if each.presence.counterpart}
    alone = [each for each in judged.collected.in_v2 if each.id not in twins and ctx.may_see(each)]
    return MigrationStatus(
        clusters=tuple(shown),
        changes=None if changes is None else tuple(changes),
        last_run_at=kept.before.at,
        read_at=report.at,
        deadline=ctx.settings.migration.deadline,
        standings={each: standings[each] for each in STANDINGS},
        verdicts={each: verdicts[each] for each in WORST_FIRST},
        clients=overview_clients(report, ctx),
        only_on_v2=len(alone),
        left_out=kept.left_out,
        coverage=build_coverage(report),
    )


def _list_totals(found: MigrationStatus) -> tuple[tuple[str, Cell], ...]:
    return (
        *(
            (standing.capitalize(), found.standings[standing])
            for standing in PresenceState
            if found.standings[standing] or standing is not PresenceState.SUCCESSOR
        ),
        *((f"Clients {state}", found.clients.verdicts[state]) for state in ClientState),
        ("Only on v2", found.only_on_v2),
        ("Previously seen in v1", found.standings[AfterV1.MOVED] + found.standings[AfterV1.REPLACED]),
    )


def _find_changes(rows: Sequence[ClusterStatus], kept: KeptRun) -> list[ClusterStatus] | None:
    """Return the clusters that differ from the last run; None where it cannot be compared with."""
    if kept.before.at is None or kept.before.judged_by != kept.judged_by:
        return None
    return [each for each in rows if each.was is None or _describe_past(each) != _describe_now(each)]


def _show_changes(changes: Sequence[ClusterStatus] | None, kept: KeptRun) -> list[Part]:
    if kept.before.at is None:
        return [Note("There is no earlier run to compare with.")]
    at = f"{kept.before.at:%Y-%m-%d %H:%M} UTC"
    if changes is None:
        return [Note(f"Not compared with the last run at {at}, which used different rules.")]
    caption = f"Since the last run, {at}"
    table = show_table(caption, _CHANGES, changes, name="readiness-changes")
    return table or [Note(f"{caption}: nothing has changed.")]


def _describe_past(each: ClusterStatus) -> str:
    if each.was is None:
        return "not known"
    clients = each.was.clients and f"clients {each.was.clients}"
    return ", ".join(filter(None, (each.was.verdict, clients, each.was.standing)))


def _describe_now(each: ClusterStatus) -> str:
    """Return the verdicts in words; that on clients only where the run before had one as well."""
    had_clients = each.clients and (each.was is None or each.was.clients)
    clients = f"clients {each.clients.verdict}" if each.clients and had_clients else ""
    return ", ".join(filter(None, (each.verdict, clients, each.standing)))


_CHANGES: tuple[Column[ClusterStatus], ...] = (
    Column("Cluster", cell=lambda each: each.name),
    Column("Was", cell=_describe_past),
    Column("Now", cell=_describe_now),
)


def _explain_nothing(judged: CheckedFleet, rows: Sequence[ClusterStatus], ctx: Context) -> str:
    if any(each.verdict for each in rows):
        return f"`{ctx.invocation.line} migration status` shows every v1 cluster."
    if judged.report.gaps:
        return UNREAD
    return "If you expected some, check your permissions with “whoami”: others may see clusters here."
