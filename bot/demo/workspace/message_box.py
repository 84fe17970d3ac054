"""Slack's message box, which turns mentions and links into `<…>` forms before an app sees them."""

import re

from bot.demo.workspace.members import SlackAccount
from bot.demo.workspace.state import WorkspaceState

_WORD = re.compile(
    r"(?P<url>https?://[^\s<>|]+)"
    r"|(?P<host>(?<![\w.-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:com|net|org|io|dev|de|eu)\b(?![\w.@-]))"
    r"|@(?P<user>[a-z][\w.-]*)"
    r"|#(?P<channel>[a-z0-9][\w-]*)",
    re.IGNORECASE,
)

_MENTION = re.compile(r"(<(?:@|!subteam\^)\w+)\|[^<>]*>")


def entities(text: str) -> str:
    """Replace `&`, `<` and `>` by entities, as Slack transmits them."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape(workspace: WorkspaceState, text: str) -> str:
    """Put mentions, channels and links into Slack's `<…>` forms, as for a command with `should_escape`."""
    return _WORD.sub(lambda match: _form(workspace, match), entities(text))


def compose(workspace: WorkspaceState, text: str) -> str:
    """Escape the text of a message, where people and groups have their id only."""
    return _MENTION.sub(r"\1>", escape(workspace, text))


def _form(workspace: WorkspaceState, match: re.Match[str]) -> str:
    if match["url"]:
        return f"<{match['url']}>"
    if match["host"]:
        return f"<http://{match['host']}|{match['host']}>"
    if match["user"]:
        return _mention(workspace, match["user"]) or match[0]
    return _channel(workspace, match["channel"]) or match[0]


def _mention(workspace: WorkspaceState, name: str) -> str | None:
    person: SlackAccount | None = next((p for p in workspace.people.values() if p.name == name.lower()), None)
    if person is not None:
        return f"<@{person.id}|{person.name}>"
    group = next((g for g in workspace.groups.values() if g.handle == name.lower()), None)
    return f"<!subteam^{group.id}|@{group.handle}>" if group else None


def _channel(workspace: WorkspaceState, name: str) -> str | None:
    channel = next(
        (c for c in workspace.channels.values() if c.name == name.lower() and c.kind != "im"), None
    )
    if channel is None:
        return None
    return f"<#{channel.id}|{channel.name if channel.kind == 'public' else ''}>"
