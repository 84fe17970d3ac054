"""`/pg migration show`: everything that the readiness check says of one cluster."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from bot.commands.context import Context
from bot.commands.declaration import Arguments, Task, command, headline, known_as
from bot.domain.cluster import Cluster
from bot.domain.migration_records import ClusterSighting
from bot.domain.reply import Choice, Choices, Code, Fields, Note, Part, Reply, Table, Text, warn_of_gaps
from handlers.shared.argument_types import ClusterWords
from handlers.shared.client_view import show_clients
from handlers.shared.readiness_check import CheckedFleet, check_readiness
from migrations.burn_down import MOVED
from migrations.formats.as_text import evidence_line, waiver_line
from migrations.formats.contents import OutcomeKind, ReportItem, build_contents
from migrations.readiness import Assessment
from migrations.rule import Scope
from migrations.v1_v2_diff import Difference, list_one_sided
from migrations.v2_presence import PresenceState
from migrations.v2_watch import sort_differences


class MigrationShowArguments(Arguments):
    cluster: ClusterWords
    details: Annotated[
        bool, Field(description="Also show evidence, commands, SQL and the source of each rule")
    ] = False


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
    parts += _compare_clusters(found.cluster, counterpart) if counterpart else []
    parts += _warn_of_gaps(judged)
    choices = (Choice("Make migration pack", f"migration plan {cluster.id}", primary=True),)
    more = Choice("Show details", f"migration show {cluster.id} --details")
    parts.append(Choices(choices if args.details else (*choices, more)))
    return Reply(f"{found.cluster.name}: {found.readiness}, {found.presence.state}", tuple(parts))


async def _show_absent(cluster: Cluster, judged: CheckedFleet, ctx: Context) -> Reply:
    """Return the reply for a cluster that v1 does not show: its last known state there against v2's."""
    known = await ctx.readiness.sightings.known()
    # A successor may have another id: it is found by what v2 showed of the known cluster.
    before = next((each.cluster for each in known if cluster.id in _list_ids(each)), None)
    after = next((each for each in judged.collected.in_v2 if each.id == cluster.id), None)
    parts: list[Part] = []
    is_same = before is None or before.id.casefold() == cluster.id.casefold()
    if before is not None and after is not None:
        what = "this cluster" if is_same else f"{before.name} ({before.id}), whose successor this probably is"
        parts.append(Text(f"v1 no longer shows {what}. Compared with its last known state in v1:"))
        parts += _compare_clusters(before, after)
    elif after is not None:
        parts.append(Text("v2 shows this cluster. The bot has never seen it in v1."))
    standing = MOVED if is_same else PresenceState.SUCCESSOR.value
    return Reply(f"{cluster.name}: {standing}", (*parts, *_warn_of_gaps(judged)))


def _list_ids(known: ClusterSighting) -> set[str]:
    return {known.cluster.id, *([known.counterpart.id] if known.counterpart else [])}


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


def _compare_clusters(before: Cluster, after: Cluster) -> list[Part]:
    found = sort_differences(before, after)
    notes: list[Part] = [Note(sentence) for sentence in list_one_sided(before, after)]
    if not found:
        return [Text("v1 and v2 agree on every field that both have."), *notes]
    return [_make_difference_table(found), *notes]


def _make_difference_table(found: tuple[Difference, ...]) -> Table:
    rows = tuple((each.field, each.before, each.after, each.meaning.value, each.why) for each in found)
    columns = ("Field", "v1", "v2", "Meaning", "Why")
    return Table("Differences between v1 and v2", columns, rows, name="v1-and-v2")


def _warn_of_gaps(judged: CheckedFleet) -> list[Part]:
    return warn_of_gaps(judged.report.gaps)
