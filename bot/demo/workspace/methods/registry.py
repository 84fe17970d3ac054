"""The registry of Web API methods with their tokens, scopes and tiers, and the call that each gets.

Source for tokens: Slack's pages on tokens, on each method (which kinds it takes) and on
`apps.connections.open`, which takes its token in the header only. No token is read from JSON, and since
February 2021 none from a query.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from bot.demo.workspace.conversation import Channel, StoredMessage
from bot.demo.workspace.members import BOT_USER
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.state import AppCredentials, WorkspaceState

TokenKind = Literal["bot", "user", "app", "configuration"]

BOT_OR_USER: frozenset[TokenKind] = frozenset({"bot", "user"})
APP_LEVEL: frozenset[TokenKind] = frozenset({"app"})

_SCOPES_BY_KIND: dict[TokenKind, frozenset[str]] = {
    "user": frozenset({"identify"}),
    "app": frozenset({"connections:write"}),
    "configuration": frozenset(),
}
"""The scopes of tokens other than the bot's, whose are the manifest's: the app asks for none of a person."""

_TRUE = {"1", "true", "True"}

READ_SCOPE = {"public": "channels:read", "private": "groups:read", "im": "im:read"}
HISTORY_SCOPE = {"public": "channels:history", "private": "groups:history", "im": "im:history"}


@dataclass(frozen=True, slots=True)
class MethodCall:
    """One call of a method by the `holder` of a token, already authenticated.

    `values` are its arguments. Every getter raises MethodRefusal for an unusable one.
    """

    workspace: WorkspaceState
    values: Json
    holder: TokenKind

    def text(self, name: str) -> str:
        """Return the argument as text, empty if it is missing."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def required(self, name: str, code: str = "") -> str:
        """Return the argument as text. Raises MethodRefusal `code`, else `invalid_arguments`, without it."""
        value = self.text(name)
        if value:
            return value
        if code:
            raise MethodRefusal(code)
        raise MethodRefusal("invalid_arguments", (f"[ERROR] missing required field: {name}",))

    def flag(self, name: str) -> bool:
        """Return a boolean, in any spelling of JSON and forms, false if it is missing."""
        return self.text(name) in _TRUE

    def number(self, name: str) -> int:
        """Return a whole number, 0 if it is missing."""
        try:
            return int(self.text(name) or 0)
        except ValueError:
            raise MethodRefusal("invalid_arguments", (f"[ERROR] must be a number: {name}",)) from None

    def structure(self, name: str, code: str) -> Any:
        """Return a list or mapping, or one in JSON text; None if missing. Raises MethodRefusal `code`."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                raise MethodRefusal(code) from None
        if not isinstance(value, list | dict):
            raise MethodRefusal(code)
        return value

    def channel(self) -> Channel:
        """Return the named channel if the bot may know of it. Raises MethodRefusal `channel_not_found`."""
        return self.known_channel(self.required("channel", "channel_not_found"))

    def known_channel(self, channel_id: str) -> Channel:
        channel = self.workspace.channels.get(channel_id)
        if channel is None or (channel.kind != "public" and not channel.has_bot):
            raise MethodRefusal("channel_not_found")
        return channel

    def message(self, name: str, code: str = "") -> StoredMessage:
        """Return the named message of the channel; ephemeral ones are not found.

        Raises MethodRefusal `message_not_found`, and `code`, else `invalid_arguments`, without a name.
        """
        channel = self.channel()
        message = channel.messages.get(self.required(name, code))
        if message is None or message.only_for:
            raise MethodRefusal("message_not_found")
        return message

    def require_scope(self, *scopes: str) -> None:
        """Raise MethodRefusal `missing_scope` unless the token has one of these."""
        granted = _SCOPES_BY_KIND.get(self.holder, self.workspace.manifest.scopes)
        if not granted.intersection(scopes):
            provided = ",".join(sorted(granted))
            raise MethodRefusal("missing_scope", extra={"needed": ",".join(scopes), "provided": provided})

    def bot_user(self) -> str:
        """Return the bot's user id. Raises MethodRefusal `account_inactive` without an account."""
        if BOT_USER not in self.workspace.people:
            raise MethodRefusal("account_inactive")
        return BOT_USER


Body = Callable[[MethodCall], Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class Method:
    """One method: `scopes` (any one suffices), the `tokens` that it takes, its rate limit's tier."""

    body: Body
    scopes: tuple[str, ...]
    tokens: frozenset[TokenKind]
    tier: int | None


METHODS: dict[str, Method] = {}
"""Every method by name, filled as the modules of this package are imported."""


def method(
    name: str, *scopes: str, tokens: frozenset[TokenKind] = BOT_OR_USER, tier: int | None = 4
) -> Callable[[Body], Body]:
    """Register an async function as the Web API method of that name."""

    def register(body: Body) -> Body:
        METHODS[name] = Method(body, scopes, tokens, tier)
        return body

    return register


def authenticate(
    credentials: AppCredentials, authorization: str, posted: str, taken: frozenset[TokenKind]
) -> TokenKind:
    """Return the kind of the token in the header, else of the one posted in a form.

    Raises MethodRefusal `not_authed` without a token, `invalid_auth` for an unknown one, and
    `not_allowed_token_type` for a kind that the method does not take.
    """
    scheme, _, given = authorization.partition(" ")
    header = given.strip() if scheme.lower() == "bearer" else ""
    token = header or posted
    if not token:
        raise MethodRefusal("not_authed")
    kinds: dict[str, TokenKind] = {
        credentials.bot_token: "bot",
        credentials.user_token: "user",
        credentials.app_token: "app",
        credentials.configuration_token: "configuration",
    }
    kind = kinds.get(token)
    if kind is None or (taken == APP_LEVEL and not header):
        raise MethodRefusal("invalid_auth")
    if kind not in taken:
        raise MethodRefusal("not_allowed_token_type")
    return kind
