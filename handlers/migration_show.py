"""`/pg migration show`: everything that the readiness check says of one cluster."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.commands.context import Context
from bot.commands.declaration import Task, command, headline, known_as, returns
from bot.domain.cluster import Cluster, ClusterRef
from bot.domain.reply import (
    Choice,
    Choices,
    Code,
    Column,
    Fields,
    Note,
    Part,
    Reply,
    Text,
    show_table,
    warn_of_gaps,
)
from bot.domain.result import CommandResult
from handlers.shared.argument_types import ClusterArguments
from handlers.shared.readiness_check import CheckedFleet, check_readiness, overview_clients, show_clients
from migrations.burn_down import AfterV1, Standing
from migrations.formats.contents import OutcomeKind, ReportItem, build_contents, evidence_line, waiver_line
from migrations.formats.readiness_records import ClientsOverview, ClusterReadiness
from migrations.readiness import Assessment
from migrations.rule import Scope
from migrations.v1_v2_diff import Difference, list_one_sided
from migrations.v2_presence import PresenceState
from migrations.v2_watch import sort_differences


class MigrationShowArguments(ClusterArguments):
    details: bool = False
    """Also show evidence, commands, SQL and the source of each rule"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterComparison:
    """A cluster as v1 and v2 show it, each null where you may not see it. Differences are in words, those to
    look at first; `one_sided` are sentences about fields that only one API has. With `is_last_known` v1 no
    longer shows it."""

    differences: tuple[Difference, ...]
    one_sided: tuple[str, ...]
    v1: Cluster | None
    v2: Cluster | None
    is_last_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationShow(CommandResult):
    """A cluster's standing, and its readiness with the keys of the readiness report: null where v1 does not
    show it, as `clients` then is, which has the evidence about clients. `comparison` is null until both APIs
    have shown it."""

    cluster: ClusterRef
    standing: Standing
    readiness: ClusterReadiness | None
    clients: ClientsOverview | None
    comparison: ClusterComparison | None


@returns(MigrationShow)
@known_as("blocker", "block")
@headline(Task.MIGRATE)
@command(examples=("migration show orders-prod",))
async def migration_show(args: MigrationShowArguments, ctx: Context) -> Reply:
    """Show one cluster's readiness: every finding with its remedy.

    It also shows whether its clients have left v1, questions for people, and waivers. Once both APIs show
    the cluster, it compares the two.
    """
    cluster = await ctx.cluster(args.cluster)
    judged = await check_readiness(ctx, lambda each: each.id == cluster.id)
    if not judged.report.assessments:
        return await _show_absent(cluster, judged, ctx)
    found = judged.report.assessments[0]
    parts: list[Part] = [Fields(_list_facts(found))]
    (section,) = build_contents(judged.report).sections
    for item in section.items:
        parts += _show_item(item, ctx, details=args.details) if item.rule.scope is not Scope.CLIENTS else []
    parts += show_clients(found.clients, judged.report, ctx)
    for item in section.items:
        parts += _show_item(item, ctx, details=args.details) if item.rule.scope is Scope.CLIENTS else []
    counterpart = found.presence.counterpart
    if found.presence.state is PresenceState.SUCCESSOR:
        parts.append(Text("Compared with its probable successor, which may be a different cluster:"))
    comparison = _compare_clusters(found.cluster, counterpart, ctx) if counterpart else None
    parts += _show_comparison(comparison) if comparison else []
    parts += warn_of_gaps(judged.report.gaps)
    choices = (Choice("Make migration pack", f"migration plan {cluster.id}", primary=True),)
    more = Choice("Show details", f"migration show {cluster.id} --details")
    parts.append(Choices(choices if args.details else (*choices, more)))
    result = MigrationShow(
        cluster=ClusterRef.of(found.cluster),
        standing=found.presence.state,
        readiness=ClusterReadiness.of(section),
        clients=overview_clients(judged.report, ctx),
        comparison=comparison,
    )
    return Reply(
        f"{found.cluster.name}: {found.readiness}, {found.presence.state}", tuple(parts), result=result
    )


async def _show_absent(cluster: Cluster, judged: CheckedFleet, ctx: Context) -> Reply:
    """Return the reply for a cluster that v1 does not show: its last known state there against v2's."""
    known = await ctx.readiness.sightings.known()
    # A successor may have another id: it is found by what v2 showed of the known cluster.
    pairs = ((each.cluster, each.counterpart or each.cluster) for each in known)
    before = next((v1 for v1, v2 in pairs if cluster.id in {v1.id, v2.id}), None)
    after = next((each for each in judged.collected.in_v2 if each.id == cluster.id), None)
    parts: list[Part] = []
    comparison = None
    is_same = before is None or before.id.casefold() == cluster.id.casefold()
    if before is not None and after is not None:
        what = "this cluster" if is_same else f"{before.name} ({before.id}), whose successor this probably is"
        parts.append(Text(f"v1 no longer shows {what}. Compared with its last known state in v1:"))
        comparison = _compare_clusters(before, after, ctx, is_last_known=True)
        parts += _show_comparison(comparison)
    elif after is not None:
        parts.append(Text("v2 shows this cluster. The bot has never seen it in v1."))
    standing = AfterV1.MOVED if is_same else PresenceState.SUCCESSOR
    result = MigrationShow(
        cluster=ClusterRef.of(cluster), standing=standing, readiness=None, clients=None, comparison=comparison
    )
    return Reply(f"{cluster.name}: {standing}", (*parts, *warn_of_gaps(judged.report.gaps)), result=result)


def _list_facts(found: Assessment) -> tuple[tuple[str, str | None], ...]:
    return (
        ("Verdict", found.readiness.value),
        ("Clients", found.clients.state.value),
        ("In v2", f"{found.presence.state}: {found.presence.how}"),
        ("Region", found.cluster.region),
        ("Owner", found.owner),
    )


def _show_item(item: ReportItem, ctx: Context, *, details: bool) -> list[Part]:
    """Return one rule's finding: what to do or to ask, and all that is known of it in the details."""
    waived = [f"Waived by {waiver_line(item.waiver)}"] if item.waiver else []
    asked = [f"Ask: {item.ask}"] if item.kind is OutcomeKind.ASK else []
    if details:
        return _show_whole_item(item, [*waived, *asked], ctx)
    first = f"[{item.label}] {item.rule.id} {item.rule.title}"
    remedy = [f"Remedy: {item.remedy.text}"] if item.remedy.text and not asked else []
    return [Text("\n".join([first, *waived, *asked, *remedy]))]


def _show_whole_item(item: ReportItem, about: Sequence[str], ctx: Context) -> list[Part]:
    """Return one rule's finding with evidence, commands and source; SQL stands apart, to be copied whole."""
    lines = [f"[{item.label}] {item.rule.id} {item.rule.title} ({item.rule.basis})", item.why, *about]
    lines += [f"Evidence: {evidence_line(each, None)}" for each in item.evidence]
    lines.append(f"Remedy: {item.remedy.text}" if item.remedy.text else "")
    command_line = item.remedy.command.replace("/pg ", f"{ctx.invocation.line} ", 1)
    lines += [f"`{line}`" for line in (command_line, item.remedy.ionosctl) if line]
    lines.append(f"Source: {item.rule.source}")
    parts: list[Part] = [Text("\n".join(line for line in lines if line))]
    return [*parts, Code(item.remedy.sql)] if item.remedy.sql else parts


def _compare_clusters(
    v1: Cluster, v2: Cluster, ctx: Context, *, is_last_known: bool = False
) -> ClusterComparison:
    return ClusterComparison(
        differences=sort_differences(v1, v2),
        one_sided=list_one_sided(v1, v2),
        v1=v1 if ctx.may_see(v1) else None,
        v2=v2 if ctx.may_see(v2) else None,
        is_last_known=is_last_known,
    )


def _show_comparison(found: ClusterComparison) -> list[Part]:
    table = show_table("Differences between v1 and v2", _COLUMNS, found.differences, name="v1-and-v2")
    same = Text("v1 and v2 agree on every field that both have.")
    return [*(table or [same]), *map(Note, found.one_sided)]


_COLUMNS: tuple[Column[Difference], ...] = (
    Column("Field", cell=lambda each: each.field),
    Column("v1", cell=lambda each: each.before),
    Column("v2", cell=lambda each: each.after),
    Column("Meaning", cell=lambda each: each.meaning),
    Column("Why", cell=lambda each: each.why),
)
