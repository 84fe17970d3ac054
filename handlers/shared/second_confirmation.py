"""Decisions about a change, and the code by direct message that some of them need."""

from bot.changes.card import render_outcome
from bot.changes.record import ChangeRecord
from bot.changes.service import Decide
from bot.changes.step_up import LIFETIME, CodeNeeded
from bot.commands.context import Context
from bot.domain.errors import Denied
from bot.domain.reply import Choice, Choices, Note, Reply
from bot.domain.times import format_span


async def decide_with_code(change: str, act: Decide, ctx: Context, code: str) -> Reply:
    """Decide, and say how the change stands; or send a code where the decision counts only with one."""
    try:
        return render_outcome(await ctx.decide(change, act, code))
    except CodeNeeded as needed:
        return await _send_code(needed.record, ctx)


async def _send_code(record: ChangeRecord, ctx: Context) -> Reply:
    if ctx.send_direct is None:
        raise Denied(
            f"A decision on {record.id} needs a code by direct message, which can't be sent from here.",
            "Decide in Slack.",
        )
    person, span = ctx.invocation.actor.member, format_span(LIFETIME)
    code = ctx.changes.codes.issue(record.id, person)
    what = f"{ctx.command.name} {record.id}"
    note = Note(f"For “{what}” ({record.plan.action}). It works once, within {span}. Don't share it.")
    await ctx.send_direct(person, Reply(f"Your code: {code}", (note,)))
    return Reply(
        f"{record.id} can lose data: enter the code from your direct messages",
        (
            Note(f"Repeat the command with --code and the code within {span}."),
            Choices((Choice("Enter code", f"{what} --form", primary=True),)),
        ),
    )
