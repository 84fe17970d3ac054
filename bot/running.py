"""Carries out one parsed command in the manner that was asked for."""

from collections.abc import Mapping
from dataclasses import replace
from shlex import quote

from bot.audit import about
from bot.changes.desk import check_reason
from bot.command import Command, Effect
from bot.context import Context
from bot.domain import Api
from bot.errors import BadArgument
from bot.parse import Parsed
from bot.plan import Plan
from bot.reply import Code, Fields, File, Note, Part, Reply, Table, Warn
from bot.text import to_csv


async def carry_out(parsed: Parsed, ctx: Context) -> Reply:
    """What the command says. Raises what it raises, and BadArgument where the manner does not fit it.

    A change is only planned, and nothing of it kept, for a dry run and for the line of another tool.
    """
    command, manner = parsed.command, parsed.manner
    if manner.form:
        raise BadArgument("Forms open in Slack only.", "Leave --form out and give the arguments.")
    dry = manner.dry_run or (manner.as_cli and command.effect is Effect.WRITE)
    if dry and command.change is None:
        flag = "--dry-run" if manner.dry_run else "--as cli"
        raise BadArgument(f"“{command.name}” changes no cluster, so {flag} has nothing to show.")
    if dry and command.change is not None:
        plan = await command.change.plan(parsed.arguments, ctx)
        check_reason(ctx.policy.need(plan), str(getattr(parsed.arguments, "reason", "")))
        reply = _planned(plan, ctx)
        if manner.as_cli:
            reply = _with_line(reply, command, plan.target.api, {**plan.order, "cluster": plan.target.id})
    else:
        reply = await command.run(parsed.arguments, ctx)
        if manner.as_cli:
            reply = await _with_line_for_reading(reply, command, ctx)
    return _as_files(reply) if manner.csv else reply


def _planned(plan: Plan, ctx: Context) -> Reply:
    need = ctx.policy.need(plan)
    rows = tuple((effect.what, effect.before, effect.after) for effect in plan.effects)
    parts: list[Part] = [Warn(text) for text in plan.warnings]
    parts.append(Fields((("Cluster", plan.target.name or plan.target.id), ("It would need", need.words()))))
    if rows:
        parts.append(Table("What it would do", ("What", "Now", "Then"), rows, name="effects"))
    parts += [Note(text) for text in plan.notes]
    parts.append(Note("A dry run: nothing was asked for, and nothing has changed."))
    return Reply(plan.action, tuple(parts))


async def _with_line_for_reading(reply: Reply, command: Command, ctx: Context) -> Reply:
    """The line for the one cluster that the command was about, or for all."""
    ids = about.noted()
    if not ids:
        return _with_line(reply, command, Api.V1, {})
    seen = (await ctx.fleet.recent_clusters()).items
    found = [each for each in seen if each.id in ids]
    if len(found) != 1:
        return _with_line(reply, command, None, {})
    return _with_line(reply, command, found[0].api, {"cluster": found[0].id})


def _with_line(reply: Reply, command: Command, api: Api | None, values: Mapping[str, object]) -> Reply:
    template = command.ionosctl.get(api) if api is not None else None
    try:
        line = (
            template.format_map({key: quote(str(value)) for key, value in values.items()}) if template else ""
        )
    except KeyError:
        line = ""
    part = Code(line) if line else Note("No line of ionosctl is known that does the same.")
    return replace(reply, parts=(*reply.parts, part))


def _as_files(reply: Reply) -> Reply:
    """Every table as a file in its place."""
    parts = tuple(
        File(f"{part.name}.csv", to_csv(part)) if isinstance(part, Table) else part for part in reply.parts
    )
    return replace(reply, parts=parts)
