"""Which Web API methods there are, what each needs, and the call that is handed to it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from bot.demo.workspace.arguments import MethodArguments
from bot.demo.workspace.conversation import Channel
from bot.demo.workspace.members import BOT_USER
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.state import WorkspaceState

READ_SCOPE = {"public": "channels:read", "private": "groups:read", "im": "im:read"}
HISTORY_SCOPE = {"public": "channels:history", "private": "groups:history", "im": "im:history"}


@dataclass(frozen=True, slots=True)
class MethodCall:
    """One call of a method, already authenticated. `base_url` is how the caller reaches the stand-in."""

    workspace: WorkspaceState
    arguments: MethodArguments
    base_url: str

    def channel(self, name: str = "channel") -> Channel:
        """The channel that the argument names, as far as the bot may know of it: else `channel_not_found`."""
        wanted = self.arguments.required(name, "channel_not_found")
        channel = self.workspace.channels.get(wanted)
        if channel is None or (channel.kind != "public" and not channel.has_bot):
            raise MethodRefusal("channel_not_found")
        return channel

    def require_scope(self, *scopes: str) -> None:
        """Raise Refusal `missing_scope` unless the manifest grants one of these."""
        granted = self.workspace.manifest.scopes
        if not granted.intersection(scopes):
            provided = ",".join(sorted(granted))
            raise MethodRefusal("missing_scope", extra={"needed": ",".join(scopes), "provided": provided})


Body = Callable[[MethodCall], Awaitable[Json]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method: `scopes` of which any suffices, whose token it takes, and the tier of its rate limit."""

    name: str
    body: Body
    scopes: tuple[str, ...] = ()
    holder: Literal["bot", "app"] = "bot"
    tier: int | None = 4


METHODS: dict[str, Method] = {}
"""Every method by name, filled as the modules of this package are imported."""


def method(
    name: str, *scopes: str, holder: Literal["bot", "app"] = "bot", tier: int | None = 4
) -> Callable[[Body], Body]:
    """Register an async function as the Web API method of that name."""

    def register(body: Body) -> Body:
        METHODS[name] = Method(name=name, body=body, scopes=scopes, holder=holder, tier=tier)
        return body

    return register


def bot_user(call: MethodCall) -> str:
    """The bot's own user id, if its account is there: else `account_inactive`."""
    if BOT_USER not in call.workspace.people:
        raise MethodRefusal("account_inactive")
    return BOT_USER
