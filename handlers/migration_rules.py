"""`/pg migration rules`: the rules of the readiness check, and the waivers that people gave."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

from bot.commands.context import Context
from bot.commands.declaration import Arguments, InForm, Positional, command, known_as, returns
from bot.domain.cluster import Cluster, Gap
from bot.domain.name_match import matches_name, same_name
from bot.domain.phrases import format_count
from bot.domain.reply import (
    Cell,
    Code,
    Column,
    Fields,
    Note,
    Part,
    Reply,
    make_table,
    show_table,
    warn_of_gaps,
    wide,
)
from bot.domain.result import CommandResult
from handlers.shared.waiver_subject import WaiverRecord, find_rule
from migrations.custom_rules import load_rules, shipped_rules
from migrations.facts import FactNeed
from migrations.formats.readiness_records import RuleRecord
from migrations.formats.rules_page import FETCHED
from migrations.readiness import ALL_CLUSTERS
from migrations.rule import Remedy, Rule, Severity


class MigrationRulesArguments(Arguments):
    rule: Annotated[str | None, Positional(), InForm(hint="If empty, all rules.", example="PGR020")] = None
    """Id of a rule, such as PGR020"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredRule(RuleRecord):
    """A rule, with the facts that it needs besides the cluster. Lines of the remedy have {name}, {id} and
    {region} in place of a cluster's own. `is_custom` is true for rules of your own folder."""

    needs: tuple[FactNeed, ...]
    remedy: Remedy
    is_custom: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationRules(CommandResult):
    """The rules by id, or the one that was asked for; and the waivers of clusters that you may see, expired
    ones included."""

    rules: tuple[DeclaredRule, ...]
    waivers: tuple[WaiverRecord, ...]


@returns(MigrationRules)
@known_as("pgr", "rule", "findings")
@command(examples=("migration rules", "migration rules PGR020"))
async def migration_rules(args: MigrationRulesArguments, ctx: Context) -> Reply:
    """List the readiness rules, or explain one rule.

    It also lists waivers: those given by command, and separately those in app.yaml.
    """
    rules = await asyncio.to_thread(load_rules, ctx.settings.migration.rules)
    only = None if args.rule is None else find_rule(args.rule, rules)
    own = {rule.id for rule in rules} - {rule.id for rule in shipped_rules()}
    records = [_record_rule(rule, is_custom=rule.id in own) for rule in rules if only is None or only is rule]
    # Always read: whether there are waivers of hidden clusters must not be told by what is read.
    listing = await ctx.recent_clusters()
    waivers = await _find_waivers(ctx, only, listing.items)
    result = MigrationRules(rules=tuple(records), waivers=tuple(waivers))
    shown = [*await _show_waivers(waivers, listing.gaps, ctx), *warn_of_gaps(listing.gaps)]
    if only is not None:
        return Reply(f"{only.id}: {only.title}", (*_show_rule(only, ctx), *shown), result=result)
    table = make_table("Rules", _RULE, records)
    return Reply(_make_title(rules), (table, *shown), result=result)


_SEVERITIES = {
    Severity.BLOCKER: "blockers",
    Severity.ACTION: "actions",
    Severity.ADVICE: "advice",
    Severity.INFO: "info",
}


def _make_title(rules: Sequence[Rule]) -> str:
    counts = Counter(rule.severity for rule in rules)
    said = ", ".join(f"{counts[each]:,} {word}" for each, word in _SEVERITIES.items())
    return f"{format_count(len(rules), 'readiness rule')}: {said}"


_RULE: tuple[Column[DeclaredRule], ...] = (
    Column("Rule", "id", cell=lambda each: each.id),
    Column("Severity", cell=lambda each: each.severity),
    Column("Title", cell=lambda each: each.title),
    wide("Basis", cell=lambda each: each.basis),
    wide("Origin", cell=lambda each: "your folder" if each.is_custom else "pgbot"),
)


def _record_rule(rule: Rule, *, is_custom: bool) -> DeclaredRule:
    known = asdict(RuleRecord.of(rule))
    needs = tuple(need for need in FactNeed if need in rule.needs)
    return DeclaredRule(**known, needs=needs, remedy=rule.remedy, is_custom=is_custom)


def _show_rule(rule: Rule, ctx: Context) -> list[Part]:
    looks_at = ", ".join(["the cluster", *(FETCHED[need] for need in FactNeed if need in rule.needs)])
    pairs: tuple[tuple[str, Cell], ...] = (
        ("Severity", rule.severity.value),
        ("Basis", rule.basis.value),
        ("About", rule.scope.value),
        ("Checks", looks_at),
        ("Source", rule.source),
        ("Remedy", rule.remedy.text),
    )
    line = rule.remedy.command.replace("/pg ", f"{ctx.invocation.line} ", 1)
    lines = (line, rule.remedy.ionosctl, rule.remedy.sql)
    named = (each.replace("{name}", "CLUSTER").replace("{id}", "CLUSTER-ID") for each in lines if each)
    return [Fields(pairs), *map(Code, named)]


async def _find_waivers(ctx: Context, only: Rule | None, clusters: Sequence[Cluster]) -> list[WaiverRecord]:
    """Return the waivers of these clusters, which the person may see, those of app.yaml last."""
    given = [each for each in await ctx.readiness.waivers.all() if only is None or each.rule == only.id]
    fixed = [each for each in ctx.settings.waivers if only is None or each.rule.upper() == only.id]
    names, now = {each.id: each.name for each in clusters}, ctx.now()

    def is_about_visible(pattern: str) -> bool:
        is_named = any(same_name(each, pattern) for each in names)
        return (
            is_named or pattern == ALL_CLUSTERS or any(matches_name(each, pattern) for each in names.values())
        )

    return [
        *(
            WaiverRecord.of(each, now, names.get(each.cluster))
            for each in given
            if each.cluster == ALL_CLUSTERS or each.cluster in names
        ),
        *(
            WaiverRecord.of(each.as_waiver(), now, names.get(each.cluster), is_in_app_yaml=True)
            for each in fixed
            if is_about_visible(each.cluster)
        ),
    ]


async def _show_waivers(waivers: Sequence[WaiverRecord], gaps: Sequence[Gap], ctx: Context) -> list[Part]:
    """Return the waivers given by command, and apart from them those of app.yaml."""
    people = {
        each.owner: await ctx.describe_person(each.owner) for each in waivers if not each.is_in_app_yaml
    }

    def describe_end(each: WaiverRecord) -> str:
        return f"{each.until:%Y-%m-%d %H:%M} UTC{' (expired)' if each.is_expired else ''}"

    columns: tuple[Column[WaiverRecord], ...] = (
        Column("Rule", cell=lambda each: each.rule),
        Column(
            "Cluster",
            cell=lambda each: each.cluster if each.is_in_app_yaml else each.cluster_name or "all clusters",
        ),
        Column("Until", cell=describe_end),
        Column("By", cell=lambda each: each.owner if each.is_in_app_yaml else people[each.owner]),
        Column("Reason", cell=lambda each: each.reason),
    )
    given = [each for each in waivers if not each.is_in_app_yaml]
    fixed = [each for each in waivers if each.is_in_app_yaml]
    tables = show_table("Waivers", columns, given)
    tables += show_table("Waivers in app.yaml", columns, fixed, name="waivers-app-yaml")
    nothing = "The clusters that could be read have no waivers." if gaps else "There are no waivers."
    return tables or [Note(nothing)]
