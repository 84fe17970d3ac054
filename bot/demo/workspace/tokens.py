"""Kinds of tokens, and Slack's answers to one that is missing, unknown or of the wrong kind.

Source: Slack's pages on tokens, on each method (which kinds it takes) and on `apps.connections.open`, which
takes its token in the header only. No token is read from JSON, and since February 2021 none from a query.
"""

from typing import Literal

from bot.demo.workspace.refusal import MethodRefusal
from bot.demo.workspace.state import AppCredentials

TokenKind = Literal["bot", "user", "app", "configuration"]

BOT_OR_USER: frozenset[TokenKind] = frozenset({"bot", "user"})
APP_LEVEL: frozenset[TokenKind] = frozenset({"app"})
IDENTITY: frozenset[TokenKind] = BOT_OR_USER | APP_LEVEL

SCOPES_BY_KIND: dict[TokenKind, frozenset[str]] = {
    "user": frozenset({"identify"}),
    "app": frozenset({"connections:write"}),
    "configuration": frozenset(),
}
"""The scopes of tokens other than the bot's, whose are the manifest's: the app asks for none of a person."""


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
    kind = _kind_of(credentials, token)
    if kind is None or (taken == APP_LEVEL and not header):
        raise MethodRefusal("invalid_auth")
    if kind not in taken:
        raise MethodRefusal("not_allowed_token_type")
    return kind


def _kind_of(credentials: AppCredentials, token: str) -> TokenKind | None:
    kinds: dict[str, TokenKind] = {
        credentials.bot_token: "bot",
        credentials.user_token: "user",
        credentials.app_token: "app",
        credentials.configuration_token: "configuration",
    }
    return kinds.get(token)
