"""`/pg change settle`: say whether a change whose outcome is unknown has happened."""

from typing import Annotated, Literal

from pydantic import Field

from bot.changes import transitions
from bot.changes.card import render_outcome
from bot.commands.context import Context
from bot.commands.declaration import ChangeArguments, Positional, command
from bot.domain.command_info import CommandEffect
from bot.domain.reply import Reply
from handlers.shared.argument_types import ChangeId


class ChangeSettleArguments(ChangeArguments):
    change: ChangeId
    what: Annotated[
        Literal["ran", "not-run"], Positional(), Field(description="Whether the cloud carried it out")
    ]


@command(
    effect=CommandEffect.WRITE,
    open_to_all=True,
    repeatable=True,
    examples=("change settle c-7kq2mf ran", "change settle c-7kq2mf not-run"),
)
async def change_settle(args: ChangeSettleArguments, ctx: Context) -> Reply:
    """Settle a change whose outcome nobody can tell, or that is followed for too long.

    For its requester and those who could have approved it, after a look at the cluster: “ran” follows it, and
    ends it where it was followed in vain; “not-run” ends it.
    """
    return render_outcome(
        await ctx.decide(
            args.change,
            lambda record, approver: transitions.settle(
                record,
                approver,
                ran=args.what == "ran",
                reason=args.reason,
                may_ask=ctx.may_propose(record.plan),
            ),
        )
    )
