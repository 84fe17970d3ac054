"""`/pg change cancel`: stop somebody's change before it runs."""

from bot.commands.context import Context
from bot.commands.declaration import known_as
from bot.domain.reply import Reply
from handlers.shared.change_decision import DecisionArguments, change_decision, withdraw


@known_as("abort", "stop")
@change_decision('change cancel c-7kq2mf --reason "the incident is over"')
async def change_cancel(args: DecisionArguments, ctx: Context) -> Reply:
    """Cancel an approved change before it runs."""
    return await withdraw(args, ctx)
