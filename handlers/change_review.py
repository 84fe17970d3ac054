"""`/pg change review`: look at what went ahead without approval."""

from bot.changes import transitions
from bot.changes.card import render_outcome
from bot.commands.context import Context
from bot.domain.reply import Reply
from handlers.shared.change_decision import DecisionArguments, change_decision


@change_decision('change review c-7kq2mf --reason "it was right"')
async def change_review(args: DecisionArguments, ctx: Context) -> Reply:
    """Review a change that ran through break-glass.

    For the approvers who were skipped.
    """
    reviewed = await ctx.decide(
        args.change, lambda record, approver: transitions.review(record, approver, args.reason)
    )
    return render_outcome(reviewed, "reviewed")
