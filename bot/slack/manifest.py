"""The Slack app manifest: one command, the least permissions, Socket Mode or signed HTTP."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import yaml

from bot.commands.declaration import Registry
from bot.commands.start_page import list_hints
from bot.domain.errors import ConfigError
from bot.settings.model import Settings

PATH = "/slack/events"
"""The path of HTTP mode for commands, clicks and events."""

SCOPES_FOR: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "auth.test": (),
        "chat.delete": ("chat:write",),
        "chat.postMessage": ("chat:write",),
        "chat.postEphemeral": ("chat:write",),
        "chat.update": ("chat:write",),
        "conversations.history": ("channels:history", "groups:history", "im:history"),
        "conversations.replies": ("channels:history", "groups:history", "im:history"),
        "conversations.info": ("channels:read", "groups:read"),
        "conversations.open": ("im:write",),
        "files.getUploadURLExternal": ("files:write",),
        "files.completeUploadExternal": ("files:write",),
        "users.info": ("users:read",),
        "usergroups.users.list": ("usergroups:read",),
        "views.open": (),
        "views.publish": (),
        "views.update": (),
    }
)
"""Every Web API method that the bot token calls, with its scopes (Slack docs, the methods' pages).

`apps.connections.open` is left out: it takes the app-level token with `connections:write`, which no manifest
grants.
"""

EVENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"app_home_opened": (), "app_mention": ("app_mentions:read",), "message.im": ("im:history",)}
)
"""Every event that the bot subscribes to, with its scopes (Slack docs, the events' pages)."""

_NAME = "PG Ops"
_DESCRIPTION = "Operate PostgreSQL clusters on IONOS Cloud"
_HINT = 100
"""Characters of the usage hint. Slack takes more than it shows beside the command."""


def scopes(*, user_groups: bool) -> frozenset[str]:
    """Return the bot token's scopes; `usergroups:read` only if roles name Slack user groups.

    Messages are read to find the bot's own: those that Slack did not confirm, and anchors of the audit log.
    """
    methods = [method for method in SCOPES_FOR if user_groups or method != "usergroups.users.list"]
    return frozenset({"commands"}.union(*(SCOPES_FOR[method] for method in methods), *EVENTS.values()))


def usage_hint(registry: Registry) -> str:
    """Return the hint beside the command while it is typed: help, and one command of each task."""
    hint = "help"
    for name in list_hints(list(registry)):
        longer = f"{hint} | {name}"
        if len(longer) <= _HINT:
            hint = longer
    return hint


def manifest_for(settings: Settings, registry: Registry, *, url: str | None = None) -> dict[str, Any]:
    """Return the manifest for these settings, in Slack's format; `url` is the public request URL.

    Raises ConfigError if HTTP mode has no public address, or one that Slack would refuse.
    """
    url = _find_url(settings, url)
    command = {
        "command": settings.slack.command,
        "description": _DESCRIPTION,
        "usage_hint": usage_hint(registry),
        "should_escape": True,
    }
    interactivity: dict[str, Any] = {"is_enabled": True}
    events: dict[str, Any] = {"bot_events": sorted(EVENTS)}
    if url is not None:
        command["url"] = interactivity["request_url"] = events["request_url"] = url
        interactivity["message_menu_options_url"] = url
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {"name": _NAME, "description": _DESCRIPTION},
        "features": {
            # The messages tab must not be read-only, or nobody could type a command to the bot.
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": _NAME.lower().replace(" ", "-"), "always_online": True},
            "slash_commands": [command],
        },
        "oauth_config": {"scopes": {"bot": sorted(scopes(user_groups=bool(settings.user_groups)))}},
        "settings": {
            "event_subscriptions": events,
            "interactivity": interactivity,
            "org_deploy_enabled": False,
            "socket_mode_enabled": url is None,
            "token_rotation_enabled": False,
        },
    }


def to_yaml(document: Mapping[str, Any]) -> str:
    """Return the manifest as YAML, as Slack's editor takes it."""
    return yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=100)


def _find_url(settings: Settings, url: str | None) -> str | None:
    """Return the request URL; None means Socket Mode."""
    if settings.slack.mode == "http" and not url:
        if not settings.http.public_url:
            raise ConfigError("HTTP mode needs an address that Slack can reach.", "Set http.public_url.")
        url = settings.http.public_url.rstrip("/") + PATH
    if url is not None and not url.startswith("https://"):
        raise ConfigError("Slack sends requests to https:// addresses only.", "Put the bot behind TLS.")
    return url
