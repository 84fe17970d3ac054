"""`/pg whoami`: who the bot thinks you are, and what follows from it."""

from dataclasses import dataclass

from bot.commands.context import Context
from bot.commands.declaration import Arguments, command, known_as, returns
from bot.domain.reply import Fields, Note, Reply
from bot.domain.request import AccountStatus, Origin
from bot.domain.result import CommandResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Whoami(CommandResult):
    """A person as the bot knows them, with their roles. `member` is the Slack user id whose permissions and
    approvals count; `commands` counts those that they may run in this channel."""

    id: str
    name: str | None
    origin: Origin
    member: str | None
    team: str | None
    account: AccountStatus
    user_groups: tuple[str, ...]
    roles: tuple[str, ...]
    channel: str | None
    time_zone: str
    commands: int


@returns(Whoami)
@known_as("who am i", "my role", "my roles", "my rights", "my permissions", "what am i")
@command(open_to_all=True, examples=("whoami",))
async def whoami(_args: Arguments, ctx: Context) -> Reply:
    """Show who you are to the bot: account, roles and channel.

    If a command is refused, send this to the people who maintain app.yaml. It has every id that they need.
    """
    actor = ctx.invocation.actor
    you = Whoami(
        id=actor.id,
        name=actor.name or None,
        origin=actor.origin,
        member=actor.member or None,
        team=actor.team or None,
        account=actor.standing,
        user_groups=tuple(sorted(actor.groups)),
        roles=tuple(sorted(ctx.policy.roles(actor))) if actor.origin is Origin.SLACK else (),
        channel=ctx.invocation.channel or None,
        time_zone=actor.time_zone,
        commands=sum(1 for each in ctx.registry if ctx.may_run(each)),
    )
    pairs = (
        ("Name", you.name),
        ("Known as", str(actor)),
        ("Workspace", you.team),
        ("Account", you.account.value),
        ("User groups", ", ".join(you.user_groups) or None),
        ("Roles", ", ".join(you.roles) or None),
        ("Channel", you.channel),
        ("Time zone", you.time_zone),
        ("Commands you may run here", you.commands),
    )
    return Reply(f"You are {you.name or you.id}", (Fields(pairs), Note(_make_hint(ctx))), result=you)


def _make_hint(ctx: Context) -> str:
    line = ctx.invocation.line
    if ctx.invocation.actor.origin is Origin.TERMINAL:
        return "The terminal may read everything that the bot's credentials can."
    return (
        f"{line} help shows what you may run. Permissions are set in app.yaml, under people and permissions."
    )
