"""`/pg migration rules`: the rules of the readiness check, and the waivers that people gave."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from bot.commands.context import Context
from bot.commands.declaration import Arguments, Positional, command, known_as
from bot.commands.form_layout import InForm
from bot.domain.migration_records import Waiver
from bot.domain.name_match import matches_name, same_name
from bot.domain.phrases import format_count
from bot.domain.reply import Cell, Code, Column, Fields, Note, Part, Reply, Table, wide
from handlers.shared.waiver_subject import find_rule
from migrations.custom_rules import load_rules, shipped_rules
from migrations.facts import FactNeed
from migrations.formats.rules_page import FETCHED
from migrations.readiness import ALL_CLUSTERS
from migrations.rule import Rule, Severity


class MigrationRulesArguments(Arguments):
    rule: Annotated[
        str | None,
        Positional(),
        InForm(hint="If empty, all rules.", example="PGR020"),
        Field(description="Id of a rule, such as PGR020"),
    ] = None


@known_as("pgr", "rule", "findings")
@command(examples=("migration rules", "migration rules PGR020"))
async def migration_rules(args: MigrationRulesArguments, ctx: Context) -> Reply:
    """List the readiness rules, or explain one rule.

    It also lists waivers: those given by command, and separately those in app.yaml.
    """
    rules = await asyncio.to_thread(load_rules, ctx.settings.migration.rules)
    only = None if args.rule is None else find_rule(args.rule, rules)
    waivers = await _show_waivers(ctx, only)
    if only is not None:
        return Reply(f"{only.id}: {only.title}", (*_show_rule(only, ctx), *waivers))
    own = {rule.id for rule in rules} - {rule.id for rule in shipped_rules()}
    table = Table(
        "Rules", _RULE, tuple(_make_rule_row(rule, is_own=rule.id in own) for rule in rules), name="rules"
    )
    return Reply(_make_title(rules), (table, *waivers))


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


_RULE: tuple[Column[Any] | str, ...] = (
    Column("Rule", "id"),
    "Severity",
    "Title",
    wide("Basis"),
    wide("Origin"),
)


def _make_rule_row(rule: Rule, *, is_own: bool) -> tuple[Cell, ...]:
    origin = "your folder" if is_own else "pgbot"
    return rule.id, rule.severity.value, rule.title, rule.basis.value, origin


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


async def _show_waivers(ctx: Context, only: Rule | None) -> list[Part]:
    """Return the waivers of clusters that the person may see; an expired one says so."""
    given = [each for each in await ctx.readiness.waivers.all() if only is None or each.rule == only.id]
    fixed = [each for each in ctx.settings.waivers if only is None or each.rule.upper() == only.id]
    names = await _read_names(ctx) if given or fixed else {}
    fixed = [each for each in fixed if _matches_any(each.cluster, names)]
    seen = [each for each in given if each.cluster == ALL_CLUSTERS or each.cluster in names]
    parts: list[Part] = []
    if seen:
        rows = [await _make_waiver_row(each, names.get(each.cluster, "all clusters"), ctx) for each in seen]
        parts.append(Table("Waivers", _COLUMNS, tuple(rows), name="waivers"))
    if fixed:
        of_file = tuple(
            (each.rule.upper(), each.cluster, _describe_end(each.ends, ctx.now()), each.owner, each.reason)
            for each in fixed
        )
        parts.append(Table("Waivers in app.yaml", _COLUMNS, of_file, name="waivers-app-yaml"))
    return parts or [Note("There are no waivers.")]


def _matches_any(pattern: str, names: Mapping[str, str]) -> bool:
    """Return whether the pattern matches a cluster that the person may see, or is about all."""
    is_named = any(same_name(each, pattern) for each in names)
    return is_named or pattern == ALL_CLUSTERS or any(matches_name(each, pattern) for each in names.values())


_COLUMNS: tuple[Column[Any] | str, ...] = ("Rule", "Cluster", "Until", "By", "Reason")


async def _make_waiver_row(waiver: Waiver, name: str, ctx: Context) -> tuple[Cell, ...]:
    owner = await ctx.describe_person(waiver.owner)
    return waiver.rule, name, _describe_end(waiver.until, ctx.now()), owner, waiver.reason


def _describe_end(at: datetime, now: datetime) -> str:
    expired = "" if at > now else " (expired)"
    return f"{at:%Y-%m-%d %H:%M} UTC{expired}"


async def _read_names(ctx: Context) -> dict[str, str]:
    return {each.id: each.name for each in (await ctx.clusters()).items}
