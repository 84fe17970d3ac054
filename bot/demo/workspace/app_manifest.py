"""The app's manifest: its slash commands, shortcuts, scopes and events."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

EVERY_SCOPE = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "channels:read",
        "chat:write",
        "chat:write.public",
        "commands",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "reactions:write",
        "usergroups:read",
        "users:read",
    }
)
"""The scopes granted without a manifest: all that the simulator's methods need."""


EVENT_SCOPE = {"app_mention": "app_mentions:read", "message.im": "im:history"}
"""The scope of each event (Slack documentation, the events' pages); `app_home_opened` needs none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlashCommand:
    """One slash command; `should_escape` turns mentions, channels and URLs into `<…>` forms."""

    name: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """One shortcut: in the composer's menu if `global`, in every message's menu if `message`."""

    callback_id: str
    kind: Literal["global", "message"] = "global"
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppManifest:
    """The part of an app manifest that changes Slack's behaviour.

    Without `interactive`, no click, modal or shortcut reaches the app; without `messages_tab`, nobody can
    type in the app's direct message.
    """

    app_name: str = "PG Ops"
    commands: tuple[SlashCommand, ...] = (
        SlashCommand(name="/pg", description="Operate PostgreSQL clusters", usage_hint="help | cluster list"),
    )
    scopes: frozenset[str] = EVERY_SCOPE
    events: frozenset[str] = frozenset({"app_home_opened", "app_mention"})
    shortcuts: tuple[Shortcut, ...] = ()
    home_tab: bool = True
    messages_tab: bool = True
    interactive: bool = True

    def command(self, name: str) -> SlashCommand | None:
        return next((command for command in self.commands if command.name == name), None)

    def receives(self, event: str) -> bool:
        """Return whether the app has subscribed to an event and has its scope."""
        scope = EVENT_SCOPE.get(event)
        return event in self.events and (scope is None or scope in self.scopes)

    def shortcut(self, callback_id: str) -> Shortcut | None:
        return next((each for each in self.shortcuts if each.callback_id == callback_id), None)


def read_manifest(document: Mapping[str, Any]) -> AppManifest:
    """Return the manifest from its document (version 1 or 2). Unknown keys are ignored.

    Raises KeyError for a command without `command` or a shortcut without `callback_id` or `type`, and
    ValueError for a shortcut of another type than `global` or `message`.
    """
    features = document.get("features") or {}
    settings = document.get("settings") or {}
    scopes = (document.get("oauth_config") or {}).get("scopes") or {}
    subscribed = (settings.get("event_subscriptions") or {}).get("bot_events") or ()
    home = features.get("app_home") or {}
    return AppManifest(
        app_name=(document.get("display_information") or {}).get("name", "PG Ops"),
        commands=_commands(features),
        shortcuts=_shortcuts(features),
        scopes=frozenset(scopes.get("bot") or ()),
        events=frozenset(subscribed),
        home_tab=bool(home.get("home_tab_enabled", False)),
        messages_tab=bool(home.get("messages_tab_enabled", True))
        and not home.get("messages_tab_read_only_enabled", False),
        interactive=bool((settings.get("interactivity") or {}).get("is_enabled", False)),
    )


def _commands(features: Mapping[str, Any]) -> tuple[SlashCommand, ...]:
    return tuple(
        SlashCommand(
            name=entry["command"],
            description=entry.get("description", ""),
            usage_hint=entry.get("usage_hint", ""),
            should_escape=bool(entry.get("should_escape", False)),
        )
        for entry in features.get("slash_commands") or ()
    )


def _shortcuts(features: Mapping[str, Any]) -> tuple[Shortcut, ...]:
    entries = features.get("shortcuts") or ()
    if not {entry["type"] for entry in entries} <= {"global", "message"}:
        raise ValueError("a shortcut is of type global or message")
    return tuple(
        Shortcut(callback_id=entry["callback_id"], kind=entry["type"], name=entry.get("name", ""))
        for entry in entries
    )


def load_manifest(path: Path) -> AppManifest:
    """Read a manifest file, JSON or YAML. Raises OSError, ValueError (what it holds) or yaml.YAMLError."""
    text = path.read_text(encoding="utf-8")
    document = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    if not isinstance(document, dict):
        raise ValueError(f"{path.name} is not an app manifest: it has no keys and values")  # noqa: TRY004
    return read_manifest(document)
