"""The manifest asks for little, and stays within what Slack takes."""

import re
from pathlib import Path

import pytest
import yaml

import handlers
from bot.commands.declaration import Registry
from bot.demo.workspace.app_manifest import read_manifest
from bot.domain.errors import ConfigError
from bot.settings.model import Settings
from bot.slack import manifest as module
from bot.slack.manifest import SCOPES_FOR, Installation, manifest, manifest_for, scopes, to_yaml, usage_hint

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


def granted(document):
    return set(document["oauth_config"]["scopes"]["bot"])


def test_the_least_scopes_are_asked_for():
    assert granted(manifest(Installation())) == LEAST
    assert scopes(user_groups=False) == LEAST


def test_user_groups_are_asked_for_only_when_roles_name_some():
    assert granted(manifest(Installation(user_groups=True))) == LEAST | {"usergroups:read"}


def test_every_web_api_method_that_the_bot_calls_has_its_scopes_listed():
    """Find `.chat_postMessage` and the like in the sources that talk to Slack."""
    called = set()
    for source in Path(module.__file__).parent.glob("*.py"):
        called |= set(re.findall(r"_client\.([a-z]+_[A-Za-z_]+)\b", source.read_text(encoding="utf-8")))
    assert called
    assert {method.replace("_", ".") for method in called} <= SCOPES_FOR.keys()


def test_the_bot_hears_what_it_answers_and_has_a_home_tab():
    document = manifest(Installation())

    heard = ["app_home_opened", "app_mention", "message.im"]
    assert document["settings"]["event_subscriptions"] == {"bot_events": heard}
    assert document["features"]["app_home"]["home_tab_enabled"] is True


def test_socket_mode_has_no_addresses():
    document = manifest(Installation())
    assert document["settings"]["socket_mode_enabled"] is True
    assert "http" not in to_yaml(document)


def test_http_mode_has_the_address_wherever_slack_wants_one():
    document = manifest(Installation(url=URL))
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
    document = manifest(Installation(name="x" * 35, command="/" + "x" * 31, usage_hint="x" * 1_000))
    information, features = document["display_information"], document["features"]
    (command,) = features["slash_commands"]
    assert len(information["name"]) <= 35
    assert len(information["description"]) <= 140
    assert re.fullmatch(r"[a-z0-9._-]{1,80}", features["bot_user"]["display_name"])
    assert len(command["command"]) <= 32
    assert len(command["description"]) <= 2_000
    assert len(command["usage_hint"]) <= 1_000
    assert len(granted(document)) <= 255


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 36},
        {"command": "/" + "x" * 32},
        {"command": "pg"},
        {"command": "/PG"},
        {"command": "/pg list"},
        {"usage_hint": "x" * 1_001},
        {"url": "http://pgbot.example.com/slack/events"},
    ],
)
def test_what_slack_would_refuse_is_refused_here(wrong):
    with pytest.raises(ConfigError):
        manifest(Installation(**wrong))


@pytest.mark.parametrize("name", ["PG Ops", "Ünïcode  Ops!", "日本"])
def test_the_bot_user_has_a_name_that_slack_takes(name):
    document = manifest(Installation(name=name))
    assert re.fullmatch(r"[a-z0-9._-]{1,80}", document["features"]["bot_user"]["display_name"])


def test_the_yaml_says_the_same():
    document = manifest(Installation(user_groups=True))
    assert yaml.safe_load(to_yaml(document)) == document
    read = read_manifest(yaml.safe_load(to_yaml(document)))
    assert read.command("/pg") is not None
    assert read.scopes == scopes(user_groups=True)
