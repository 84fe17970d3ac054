"""`/pg whoami`: who the bot thinks you are, and what follows from it."""

from bot.commands.context import Context
from bot.commands.declaration import Arguments, command, known_as
from bot.domain.reply import Fields, Note, Reply
from bot.domain.request import Origin


@known_as("who am i", "my role", "my roles", "my rights", "my permissions", "what am i")
@command(open_to_all=True, examples=("whoami",))
async def whoami(_args: Arguments, ctx: Context) -> Reply:
    """Show who you are to the bot: account, roles and channel.

    If a command is refused, send this to the people who maintain app.yaml. It has every id that they need.
    """
    actor = ctx.invocation.actor
    roles = sorted(ctx.policy.roles(actor)) if actor.origin is Origin.SLACK else []
    runnable = sum(1 for each in ctx.registry if ctx.may_run(each))
    pairs = (
        ("Name", actor.name or None),
        ("Known as", str(actor)),
        ("Workspace", actor.team or None),
        ("Account", actor.standing.value),
        ("User groups", ", ".join(sorted(actor.groups)) or None),
        ("Roles", ", ".join(roles) or None),
        ("Channel", ctx.invocation.channel or None),
        ("Time zone", actor.time_zone),
        ("Commands you may run here", runnable),
    )
    return Reply(f"You are {actor.name or actor.id}", (Fields(pairs), Note(_make_hint(ctx))))


def _make_hint(ctx: Context) -> str:
    line = ctx.invocation.line
    if ctx.invocation.actor.origin is Origin.TERMINAL:
        return "The terminal may read everything that the bot's credentials can."
    return (
        f"{line} help shows what you may run. Permissions are set in app.yaml, under people and permissions."
    )
