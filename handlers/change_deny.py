"""`/pg change deny`: say no to a change."""

from typing import Annotated

from pydantic import Field

from bot.changes import transitions
from bot.changes.card import render_outcome
from bot.commands.context import Context
from bot.commands.declaration import ChangeArguments, Picks, Positional, command
from bot.domain.command_info import CommandEffect
from bot.domain.reply import Reply


class ChangeDenyArguments(ChangeArguments):
    """Which change, and as what it was seen."""

    change: Annotated[str, Positional(), Picks("change"), Field(description="Id of the change")]
    digest: Annotated[str, Picks("hidden"), Field(description="What was looked at; buttons fill it in")] = ""


@command(
    effect=CommandEffect.WRITE,
    open_to_all=True,
    repeatable=True,
    examples=('change deny c-7kq2mf --reason "wrong cluster"',),
)
async def change_deny(args: ChangeDenyArguments, ctx: Context) -> Reply:
    """Deny a change that waits for your role; one denial ends it."""
    return render_outcome(
        await ctx.changes.decide(
            args.change,
            ctx.invocation,
            lambda record, voter: transitions.deny(record, voter, args.digest, args.reason),
        )
    )
