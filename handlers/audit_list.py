"""`/pg audit list`: what was asked of the bot, by whom, and what came of it."""

from bot.audit.filters import AuditFilter, asked_for
from bot.audit.seeing import Sight, look
from bot.audit.showing import found_rows
from bot.commands.context import Context
from bot.commands.declaration import command
from bot.domain.reply import Reply


@command(
    examples=(
        "audit list",
        "audit list --actor @olga --since 24h",
        "audit list --cluster orders-prod --outcome failed",
        "audit list --command restore --since 7d",
    )
)
async def audit_list(args: AuditFilter, ctx: Context) -> Reply:
    """List what was asked of the bot, newest first.

    Rows about clusters that you may not see are left out and counted. Reading the log is in the log too.
    """
    sight = await Sight.of(ctx)
    return found_rows(await look(ctx, sight, await asked_for(args, ctx)), sight, args, ctx)
