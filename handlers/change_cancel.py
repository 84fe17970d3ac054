"""`/pg change cancel`: stop somebody's change before it runs."""

from bot.changes import transitions
from bot.changes.card import render_outcome
from bot.changes.change_result import ChangeResult
from bot.commands.context import Context
from bot.commands.declaration import ChangeArguments, command, known_as, returns
from bot.domain.reply import Reply
from handlers.shared.argument_types import ChangeId


class ChangeCancelArguments(ChangeArguments):
    change: ChangeId


@returns(ChangeResult)
@known_as("abort", "stop")
@command(
    writes=True,
    open_to_all=True,
    repeatable=True,
    examples=('change cancel c-7kq2mf --reason "the incident is over"',),
)
async def change_cancel(args: ChangeCancelArguments, ctx: Context) -> Reply:
    """Cancel an approved change before it runs."""
    return render_outcome(
        await ctx.decide(
            args.change,
            lambda record, approver: transitions.withdraw(
                record, approver, args.reason, may_ask=ctx.may_propose(record.plan)
            ),
        )
    )
