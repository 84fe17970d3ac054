"""Decisions about a change: how they are declared, their forms, and the code by direct message for some."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.changes import transitions
from bot.changes.card import render_outcome
from bot.changes.card_buttons import name_action
from bot.changes.change_result import ChangeResult
from bot.changes.decision_checks import LIFETIME, Approver, CodeNeeded
from bot.changes.record import ChangeRecord
from bot.changes.service import Decide
from bot.commands.context import Context
from bot.commands.declaration import ChangeArguments, Command, Run, command, returns
from bot.commands.form_layout import AskForm, FormPrompt
from bot.domain.errors import Denied, PgbotError
from bot.domain.reply import Choice, Choices, Note, Reply
from bot.domain.times import format_span
from handlers.shared.argument_types import ChangeId


class DecisionArguments(ChangeArguments):
    change: ChangeId


def change_decision(*examples: str, repeatable: bool = True) -> Callable[[Run], Command]:
    """Make a handler a decision, which needs no permission: the change's own requirement permits it."""
    declare = command(writes=True, open_to_all=True, repeatable=repeatable, examples=examples)
    return lambda run: returns(ChangeResult)(declare(run))


async def decide(change: str, act: Decide, ctx: Context, code: str = "") -> Reply:
    """Decide, and say how the change stands; or send a code where the decision counts only with one."""
    try:
        return render_outcome(await ctx.decide(change, act, code))
    except CodeNeeded as needed:
        record = needed.record
        await _send_code(record, ctx)
        return Reply(
            f"{record.id} can lose data: enter the code from your direct messages",
            (
                Note(f"Repeat the command with --code and the code within {format_span(LIFETIME)}."),
                Choices((Choice("Enter code", f"{ctx.command.name} {record.id} --form", primary=True),)),
            ),
            result=ChangeResult.of(record, needs_code=True),
        )


async def withdraw(args: DecisionArguments, ctx: Context) -> Reply:
    """Stop a change that has not run yet."""
    return await decide(
        args.change,
        lambda record, approver: transitions.withdraw(
            record, approver, args.reason, may_ask=ctx.may_propose(record.plan)
        ),
        ctx,
    )


def ask_for_decision(
    verb: str, act: Callable[[ChangeRecord, Approver, str], object], *, asks_code: bool
) -> AskForm:
    """Return what makes the form of a decision about a known change, or says why this person cannot take it.
    Where it counts only with a code, that is sent then."""

    async def ask(given: Mapping[str, Any], ctx: Context) -> FormPrompt | None:
        if not given.get("change"):
            return None
        try:
            record = await ctx.find_change(str(given["change"]))
            act(record, ctx.changes.approver_for(record, ctx.invocation), str(given.get("digest", "")))
            if needs_code := asks_code and record.asks_code:
                await send_code_once(record, ctx)
        except PgbotError as error:
            return FormPrompt("", refused=error)
        hides = ("change", "take_back", *(() if needs_code else ("code",)))
        about = f"{record.plan.action}. {record.plan.consequence}"
        return FormPrompt(
            about, ("code",) if needs_code else (), hides, submit=f"{verb} {name_action(record)}"
        )

    return ask


async def send_code_once(record: ChangeRecord, ctx: Context) -> None:
    """Send the person a code, unless one that they were sent is still valid. Raises as `_send_code`."""
    if not ctx.changes.codes.is_issued(record.id, ctx.invocation.actor.member):
        await _send_code(record, ctx)


async def _send_code(record: ChangeRecord, ctx: Context) -> None:
    """Send the person a code for this decision. Raises Denied where that cannot be done from here."""
    if ctx.send_direct is None:
        raise Denied(
            f"A decision on {record.id} needs a code by direct message, which can't be sent from here.",
            "Decide in Slack.",
        )
    person, span = ctx.invocation.actor.member, format_span(LIFETIME)
    code = ctx.changes.codes.issue(record.id, person)
    note = Note(
        f"For “{ctx.command.name} {record.id}” ({record.plan.action}). It works once, within {span}. "
        "Don't share it."
    )
    await ctx.send_direct(person, Reply(f"Your code: {code}", (note,)))
