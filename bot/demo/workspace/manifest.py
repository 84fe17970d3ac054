"""What the app's manifest promises: its slash commands, scopes and events."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
"""What the stand-in grants when it is given no manifest: all that its methods can ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlashCommand:
    """One slash command; `should_escape` turns mentions, channels and URLs into `<…>` forms."""

    name: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The part of an app manifest that changes what Slack does."""

    app_name: str = "PG Ops"
    commands: tuple[SlashCommand, ...] = (
        SlashCommand(name="/pg", description="Operate PostgreSQL clusters", usage_hint="help | cluster list"),
    )
    scopes: frozenset[str] = EVERY_SCOPE
    events: frozenset[str] = frozenset({"app_home_opened", "app_mention"})
    home_tab: bool = True

    def command(self, name: str) -> SlashCommand | None:
        """The command of that name (with its slash), where the app has one."""
        return next((command for command in self.commands if command.name == name), None)


def read_manifest(document: Mapping[str, Any]) -> Manifest:
    """From the document of an app manifest (version 1 or 2). Unknown keys are Slack's to refuse, not ours."""
    features = document.get("features") or {}
    settings = document.get("settings") or {}
    scopes = (document.get("oauth_config") or {}).get("scopes") or {}
    subscribed = (settings.get("event_subscriptions") or {}).get("bot_events") or ()
    commands = tuple(
        SlashCommand(
            name=entry["command"],
            description=entry.get("description", ""),
            usage_hint=entry.get("usage_hint", ""),
            should_escape=bool(entry.get("should_escape", False)),
        )
        for entry in features.get("slash_commands") or ()
    )
    return Manifest(
        app_name=(document.get("display_information") or {}).get("name", "PG Ops"),
        commands=commands,
        scopes=frozenset(scopes.get("bot") or ()),
        events=frozenset(subscribed),
        home_tab=bool((features.get("app_home") or {}).get("home_tab_enabled", False)),
    )


def load_manifest(path: Path) -> Manifest:
    """Read a manifest file, JSON or YAML. Raises OSError, ValueError (what it holds) or yaml.YAMLError."""
    text = path.read_text(encoding="utf-8")
    document = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    if not isinstance(document, dict):
        raise ValueError(f"{path.name} is not an app manifest: it holds no mapping")  # noqa: TRY004
    return read_manifest(document)
