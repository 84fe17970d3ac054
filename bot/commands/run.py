"""Running one parsed command with its global flags."""

from contextlib import suppress
from dataclasses import replace

from bot.changes.card import make_plan_table, render_proposal
from bot.changes.change_result import PlannedChange
from bot.changes.record import OPEN, ChangeRecord
from bot.changes.service import check_reason
from bot.commands import ionosctl_lines
from bot.commands.context import Context
from bot.commands.global_flags import GlobalFlags
from bot.commands.parser import ParsedCommand, parse
from bot.domain.approval_requirement import ApprovalRequirement
from bot.domain.command_info import CommandEffect
from bot.domain.errors import BadArgument, InputError
from bot.domain.plan import Plan
from bot.domain.reply import Fields, File, Note, Part, Reply, Table, Warn
from bot.domain.reply_document import to_csv
from bot.domain.request import Origin
from bot.domain.table_columns import DEFAULT, pick_columns, widen


async def run_command(parsed: ParsedCommand, ctx: Context) -> Reply:
    """Return the command's reply. Raises what it raises, and BadArgument for a flag that does not apply.

    For a dry run and for the line of another tool, a change is only planned, and nothing is stored.
    """
    command, flags = parsed.command, parsed.flags
    if flags.jq and ctx.invocation.actor.origin is not Origin.TERMINAL:
        raise BadArgument("--jq works in the terminal only.", "--output json sends you the whole document.")
    if flags.form:
        raise _no_form(command.name, ctx.invocation.line)
    dry = flags.dry_run or (flags.as_cli and command.effect is CommandEffect.WRITE)
    if dry and command.change is None:
        flag = "--dry-run" if flags.dry_run else "--as cli"
        raise BadArgument(
            f"“{command.name}” changes no cluster, so {flag} has nothing to show.", f"Leave {flag} out."
        )
    if dry and command.change is not None:
        plan = await command.change.plan(parsed.arguments, ctx)
        need = await ctx.changes.find_requirement(plan)
        check_reason(need, str(getattr(parsed.arguments, "reason", "")))
        reply = _dry_run_reply(plan, need)
        if flags.as_cli:
            planned = ctx.registry.get(tuple(plan.command.split())) or command
            reply = replace(reply, parts=(*reply.parts, *ionosctl_lines.change_lines(plan, planned)))
    else:
        reply = await _run_or_join(parsed, ctx)
        if flags.as_cli:
            reply = replace(reply, parts=(*reply.parts, *await ionosctl_lines.read_lines(parsed, ctx)))
    if command.effect is CommandEffect.READ:
        # Nothing may fail once something was changed, so a change takes no columns.
        reply = _choose_columns(reply, flags)
    return _tables_as_files(reply) if flags.csv else reply


async def _run_or_join(parsed: ParsedCommand, ctx: Context) -> Reply:
    """Return the command's reply; for a program that waits, of the open change that the same line has already
    requested. Raises BadArgument for waiting where nothing is requested, or nobody waits."""
    command = parsed.command
    if not parsed.flags.wait:
        return await command.run(parsed.arguments, ctx)
    if ctx.invocation.actor.origin is not Origin.TERMINAL:
        raise BadArgument("--wait works in the terminal only.", "Leave it out: Slack tells you how it ends.")
    if command.change is None:
        raise BadArgument(f"“{command.name}” requests no change, so --wait has nothing to wait for.")
    async with ctx.changes.joining:
        record = await _find_open_request(parsed, ctx)
        if record is None:
            return await command.run(parsed.arguments, ctx)
    reply = render_proposal(record, ctx.invocation.line, await ctx.changes.name_approvers(record))
    return replace(reply, parts=(Note(f"You have already requested this as {record.id}."), *reply.parts))


async def _find_open_request(parsed: ParsedCommand, ctx: Context) -> ChangeRecord | None:
    """Return the open change that this person requested with the same command and arguments, if there is one.

    The lines are compared as they were typed: “--to 2h” a minute later means the same request.
    """
    for record in await ctx.changes.rows.newest(OPEN):
        is_alike = record.plan.command == parsed.command.name
        if is_alike and record.requester.id == ctx.invocation.actor.member:
            with suppress(InputError):
                other = parse(await _read_line(record, ctx), ctx.registry)
                if other.command.words == parsed.command.words and other.arguments == parsed.arguments:
                    return record
    return None


async def _read_line(record: ChangeRecord, ctx: Context) -> str:
    """Return the line with which the change was requested; empty for one that took another's place."""
    rows = await ctx.audit.find_related(record.id)
    trace = next((row.trace for row in rows if row.kind == "plan" and row.change == record.id), None)
    return next((row.text for row in rows if row.kind == "invocation" and row.trace == trace), "")


def _no_form(name: str, line: str) -> BadArgument:
    """Return the refusal where a form is not known, or where Slack did not open it."""
    if not line.startswith("/"):
        return BadArgument("Forms open in Slack only.", "Leave --form out and type the arguments.")
    step = f"Press the button again, or type the command: “{line} help {name}” shows how."
    return BadArgument("Slack did not open the form, so nothing was changed.", step)


def _dry_run_reply(plan: Plan, need: ApprovalRequirement) -> Reply:
    parts: list[Part] = [Warn(text) for text in plan.warnings]
    parts.append(Fields((("Cluster", plan.target.name or plan.target.id), ("Requires", need.words()))))
    parts += make_plan_table(plan, "Plan", "plan")
    parts += [Note(text) for text in plan.notes]
    parts.append(Note("Dry run: nothing was requested and nothing was changed."))
    return Reply(plan.action, tuple(parts), result=PlannedChange.of(plan, need))


def _choose_columns(reply: Reply, flags: GlobalFlags) -> Reply:
    if flags.output.is_for_programs:
        return reply
    if flags.columns and DEFAULT not in flags.columns:
        return pick_columns(reply, flags.columns)
    return widen(reply) if flags.wide else reply


def _tables_as_files(reply: Reply) -> Reply:
    """Return the reply with each table as a file in its place."""
    parts = tuple(
        File(f"{part.name}.csv", to_csv(part)) if isinstance(part, Table) else part for part in reply.parts
    )
    return replace(reply, parts=parts)
