"""The registry of Web API methods with their scopes and tiers, and the call that each gets."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.demo.workspace.arguments import MethodArguments
from bot.demo.workspace.conversation import Channel
from bot.demo.workspace.members import BOT_USER
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.state import WorkspaceState
from bot.demo.workspace.tokens import BOT_OR_USER, SCOPES_BY_KIND, TokenKind

READ_SCOPE = {"public": "channels:read", "private": "groups:read", "im": "im:read"}
HISTORY_SCOPE = {"public": "channels:history", "private": "groups:history", "im": "im:history"}


@dataclass(frozen=True, slots=True)
class MethodCall:
    """One call of a method, already authenticated. `base_url` is the simulator's address for the caller."""

    workspace: WorkspaceState
    arguments: MethodArguments
    base_url: str
    holder: TokenKind

    def channel(self, name: str = "channel") -> Channel:
        """Return the named channel if the bot may know of it. Raises MethodRefusal `channel_not_found`."""
        channel_id = self.arguments.required(name, "channel_not_found")
        channel = self.workspace.channels.get(channel_id)
        if channel is None or (channel.kind != "public" and not channel.has_bot):
            raise MethodRefusal("channel_not_found")
        return channel

    def require_scope(self, *scopes: str) -> None:
        """Raise MethodRefusal `missing_scope` unless the token has one of these."""
        granted = SCOPES_BY_KIND.get(self.holder, self.workspace.manifest.scopes)
        if not granted.intersection(scopes):
            provided = ",".join(sorted(granted))
            raise MethodRefusal("missing_scope", extra={"needed": ",".join(scopes), "provided": provided})


Body = Callable[[MethodCall], Awaitable[Json]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method: `scopes` (any one suffices), the `tokens` that it takes, its rate limit's tier."""

    name: str
    body: Body
    scopes: tuple[str, ...] = ()
    tokens: frozenset[TokenKind] = BOT_OR_USER
    tier: int | None = 4


METHODS: dict[str, Method] = {}
"""Every method by name, filled as the modules of this package are imported."""


def method(
    name: str, *scopes: str, tokens: frozenset[TokenKind] = BOT_OR_USER, tier: int | None = 4
) -> Callable[[Body], Body]:
    """Register an async function as the Web API method of that name."""

    def register(body: Body) -> Body:
        METHODS[name] = Method(name=name, body=body, scopes=scopes, tokens=tokens, tier=tier)
        return body

    return register


def bot_user(call: MethodCall) -> str:
    """Return the bot's user id. Raises MethodRefusal `account_inactive` without an account."""
    if BOT_USER not in call.workspace.people:
        raise MethodRefusal("account_inactive")
    return BOT_USER
