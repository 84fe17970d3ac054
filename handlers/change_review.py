"""`/pg change review`: look at what went ahead without approval."""

from bot.changes import transitions
from bot.changes.card import render_outcome
from bot.changes.change_result import ChangeResult
from bot.commands.context import Context
from bot.commands.declaration import ChangeArguments, command, returns
from bot.domain.reply import Reply
from handlers.shared.argument_types import ChangeId


class ChangeReviewArguments(ChangeArguments):
    change: ChangeId


@returns(ChangeResult)
@command(
    writes=True,
    open_to_all=True,
    repeatable=True,
    examples=('change review c-7kq2mf --reason "it was right"',),
)
async def change_review(args: ChangeReviewArguments, ctx: Context) -> Reply:
    """Review a change that ran through break-glass.

    For the approvers who were skipped.
    """
    reviewed = await ctx.decide(
        args.change,
        lambda record, approver: transitions.review(record, approver, args.reason),
    )
    return render_outcome(reviewed, "reviewed")
