"""`/pg change settle`: say whether a change whose outcome is unknown has happened."""

from typing import Annotated, Literal

from bot.changes import transitions
from bot.commands.context import Context
from bot.commands.declaration import InForm, Positional
from bot.domain.reply import Reply
from handlers.shared.change_decision import DecisionArguments, change_decision, decide


class ChangeSettleArguments(DecisionArguments):
    what: Annotated[
        Literal["ran", "not-run"],
        Positional(),
        InForm(label="What happened", hint="Whether the cloud carried the change out."),
    ]
    """Outcome that you found: the cloud carried the change out, or did not"""


@change_decision("change settle c-7kq2mf ran", "change settle c-7kq2mf not-run")
async def change_settle(args: ChangeSettleArguments, ctx: Context) -> Reply:
    """Record the outcome of a change that the bot couldn't determine.

    Check the cluster first. After “ran” the bot follows the change until it ends, or closes it if following
    it has failed before. “not-run” closes it. For the requester and possible approvers of the change.
    """
    return await decide(
        args.change,
        lambda record, approver: transitions.settle(
            record,
            approver,
            ran=args.what == "ran",
            reason=args.reason,
            may_ask=ctx.may_propose(record.plan),
        ),
        ctx,
    )
