"""`/pg change deny`: say no to a change."""

from bot.changes import transitions
from bot.changes.card import render_outcome
from bot.commands.context import Context
from bot.commands.declaration import ChangeArguments, command, known_as
from bot.domain.command_info import CommandEffect
from bot.domain.reply import Reply
from handlers.shared.argument_types import ChangeId, SeenDigest


class ChangeDenyArguments(ChangeArguments):
    change: ChangeId
    digest: SeenDigest = ""


@known_as("reject", "decline", "refuse", "veto")
@command(
    effect=CommandEffect.WRITE,
    open_to_all=True,
    repeatable=True,
    examples=('change deny c-7kq2mf --reason "wrong cluster"',),
)
async def change_deny(args: ChangeDenyArguments, ctx: Context) -> Reply:
    """Deny a change; a single denial stops it."""
    return render_outcome(
        await ctx.decide(
            args.change,
            lambda record, approver: transitions.deny(record, approver, args.digest, args.reason),
        )
    )
