"""The manifest asks for little, and stays within what Slack takes."""

import re
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

import handlers
from bot.commands.declaration import Registry
from bot.demo.workspace.app_manifest import read_manifest
from bot.domain.errors import ConfigError
from bot.settings.model import Settings
from bot.slack import manifest as module
from bot.slack.manifest import SCOPES_FOR, manifest_for, scopes, to_yaml, usage_hint

LEAST = {
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:write",
    "users:read",
}
URL = "https://pgbot.example.com/slack/events"
GROUP = {"people": {"dba": ["S0DBA"]}}


def manifest(settings=None, url=None):
    return manifest_for(Settings.model_validate(settings or {}), Registry.discover(handlers), url=url)


def granted(document):
    return set(document["oauth_config"]["scopes"]["bot"])


def test_the_least_scopes_are_asked_for():
    assert granted(manifest()) == LEAST
    assert scopes(user_groups=False) == LEAST


def test_user_groups_are_asked_for_only_when_roles_name_some():
    assert granted(manifest(GROUP)) == LEAST | {"usergroups:read"}


def test_every_web_api_method_that_the_bot_calls_has_its_scopes_listed():
    """Find `.chat_postMessage` and the like in the sources that talk to Slack."""
    called = set()
    for source in Path(module.__file__).parent.glob("*.py"):
        called |= set(re.findall(r"_client\.([a-z]+_[A-Za-z_]+)\b", source.read_text(encoding="utf-8")))
    assert called
    assert {method.replace("_", ".") for method in called} <= SCOPES_FOR.keys()


def test_the_bot_hears_what_it_answers_and_has_a_home_tab():
    document = manifest()

    heard = ["app_home_opened", "app_mention", "message.im"]
    assert document["settings"]["event_subscriptions"] == {"bot_events": heard}
    assert document["features"]["app_home"]["home_tab_enabled"] is True


def test_socket_mode_has_no_addresses():
    document = manifest()
    assert document["settings"]["socket_mode_enabled"] is True
    assert "http" not in to_yaml(document)


def test_http_mode_has_the_address_wherever_slack_wants_one():
    document = manifest(url=URL)
    assert document["settings"]["socket_mode_enabled"] is False
    interactivity = {"is_enabled": True, "request_url": URL, "message_menu_options_url": URL}
    assert document["settings"]["interactivity"] == interactivity
    assert document["settings"]["event_subscriptions"]["request_url"] == URL
    assert document["features"]["slash_commands"][0]["url"] == URL


def test_the_address_comes_from_the_settings_or_the_command_line():
    settings = Settings.model_validate(
        {"slack": {"mode": "http"}, "http": {"public_url": "https://pgbot.example.com/"}}
    )
    registry = Registry.discover(handlers)
    assert manifest_for(settings, registry)["settings"]["interactivity"]["request_url"] == URL
    other = manifest_for(settings, registry, url="https://other.example.com/slack/events")
    assert "other.example.com" in to_yaml(other)
    with pytest.raises(ConfigError, match="public_url"):
        manifest_for(Settings.model_validate({"slack": {"mode": "http"}}), registry)


def test_the_command_is_the_configured_one():
    settings = Settings.model_validate({"slack": {"command": "/pg-dev"}})
    document = manifest_for(settings, Registry.discover(handlers))
    (command,) = document["features"]["slash_commands"]
    assert command["command"] == "/pg-dev"
    assert command["should_escape"] is True


def test_the_usage_hint_is_short_and_begins_with_help():
    hint = usage_hint(Registry.discover(handlers))
    assert hint.startswith("help | ")
    assert len(hint) <= 100
    assert usage_hint(Registry(())) == "help"


def test_every_field_is_within_what_the_documentation_allows():
    document = manifest({"slack": {"command": "/" + "x" * 31}})
    information, features = document["display_information"], document["features"]
    (command,) = features["slash_commands"]
    assert len(information["name"]) <= 35
    assert len(information["description"]) <= 140
    assert re.fullmatch(r"[a-z0-9._-]{1,80}", features["bot_user"]["display_name"])
    assert len(command["command"]) <= 32
    assert len(command["description"]) <= 2_000
    assert len(command["usage_hint"]) <= 1_000
    assert len(granted(document)) <= 255


@pytest.mark.parametrize("command", ["/" + "x" * 32, "pg", "/PG", "/pg list"])
def test_a_command_that_slack_would_refuse_is_refused_by_the_settings(command):
    with pytest.raises(ValidationError, match=r"slack\.command"):
        manifest({"slack": {"command": command}})


def test_an_address_that_slack_would_refuse_is_refused_here():
    with pytest.raises(ConfigError, match="https"):
        manifest(url="http://pgbot.example.com/slack/events")


def test_the_yaml_says_the_same():
    document = manifest(GROUP)
    assert yaml.safe_load(to_yaml(document)) == document
    read = read_manifest(yaml.safe_load(to_yaml(document)))
    assert read.command("/pg") is not None
    assert read.scopes == scopes(user_groups=True)
