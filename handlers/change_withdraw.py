"""`/pg change withdraw`: take a request back before it runs."""

from bot.commands.context import Context
from bot.commands.declaration import known_as
from bot.domain.reply import Reply
from handlers.shared.change_decision import DecisionArguments, change_decision, withdraw


@known_as("retract", "unrequest")
@change_decision("change withdraw c-7kq2mf")
async def change_withdraw(args: DecisionArguments, ctx: Context) -> Reply:
    """Withdraw a change that you requested, before it runs."""
    return await withdraw(args, ctx)
