"""`/pg audit list`: what was asked of the bot, by whom, and what came of it."""

from bot.commands.context import Context
from bot.commands.declaration import command, known_as, returns
from bot.domain.reply import Reply
from handlers.shared.audit_view import AuditList, AuditListArguments, answer_query


@returns(AuditList)
@known_as("activity", "trail", "who did", "recent commands", "who ran")
@command(
    examples=(
        "audit list",
        "audit list --actor @olga --since 24h",
        "audit list --cluster orders-prod --outcome failed",
        "audit list --command restore --since 7d",
    )
)
async def audit_list(args: AuditListArguments, ctx: Context) -> Reply:
    """List audit log entries, newest first.

    If you may not see every cluster, you get your own entries and those about clusters that you may see.
    Reading the log is logged too.
    """
    return await answer_query(args, ctx)
