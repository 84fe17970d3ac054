"""The rights of an app by its manifest: scopes and optional parts of Slack."""

import pytest
from slack_sdk.errors import SlackApiError
from workspace_site import workspace_site

from bot.commands.declaration import Registry
from bot.demo.workspace.app_manifest import EVERY_SCOPE, AppManifest, Shortcut, load_manifest, read_manifest
from bot.demo.workspace.methods.registry import METHODS
from bot.settings.model import Settings
from bot.slack.manifest import manifest_for

pytestmark = pytest.mark.anyio


async def refused(call):
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response["error"]


@pytest.fixture
async def site():
    async with workspace_site() as open_site:
        yield open_site


@pytest.mark.parametrize(
    ("scope", "method", "arguments"),
    [
        ("chat:write", "chat.postMessage", {"channel": "C0OPS", "text": "x"}),
        ("users:read", "users.info", {"user": "U0ALICE"}),
        ("usergroups:read", "usergroups.users.list", {"usergroup": "S0DBA"}),
        ("files:write", "files.getUploadURLExternal", {"filename": "a", "length": 1}),
        ("groups:read", "conversations.info", {"channel": "C0DBA"}),
        ("im:write", "conversations.open", {"users": "U0ALICE"}),
        ("channels:history", "conversations.history", {"channel": "C0OPS"}),
        ("reactions:write", "reactions.add", {"channel": "C0OPS", "timestamp": "1.1", "name": "x"}),
    ],
)
async def test_a_scope_that_the_manifest_lacks_is_named(scope, method, arguments):
    async with workspace_site(AppManifest(scopes=EVERY_SCOPE - {scope})) as site:
        with pytest.raises(SlackApiError) as caught:
            await site.client.api_call(method, params=arguments)
    answer = caught.value.response
    assert (answer["error"], answer["needed"]) == ("missing_scope", scope)
    assert scope not in answer["provided"].split(",")


async def test_without_scopes_only_what_needs_none_is_allowed():
    async with workspace_site(AppManifest(scopes=frozenset())) as site:
        answers = {}
        for name, method in METHODS.items():
            token = "xoxb-demo" if "bot" in method.tokens else "xapp-demo"
            answer = await site.http.post(f"/api/{name}", headers={"authorization": f"Bearer {token}"})
            answers[name] = answer.json().get("error")
    free = {name for name, word in answers.items() if word != "missing_scope"}
    assert free == {
        "auth.test",
        "apps.connections.open",
        "chat.getPermalink",
        *(f"views.{each}" for each in ("open", "push", "update", "publish")),
    }


async def test_the_bots_own_manifest_grants_what_the_bot_calls_and_no_more():
    manifest = read_manifest(manifest_for(Settings(), Registry(())))
    async with workspace_site(manifest) as site:
        assert (await site.client.chat_postMessage(channel="U0ALICE", text="x"))["ok"]
        assert (await site.client.users_info(user="U0ALICE"))["ok"]
        assert (await site.client.conversations_info(channel="C0DBA"))["ok"]
        assert (await site.client.conversations_history(channel="C0OPS"))["ok"]
        for method, arguments in (
            ("usergroups.users.list", {"usergroup": "S0DBA"}),
            ("conversations.list", {"types": "im"}),
            ("reactions.add", {"channel": "C0OPS", "timestamp": "1.1", "name": "eyes"}),
        ):
            assert await refused(site.client.api_call(method, params=arguments)) == "missing_scope"
        assert await refused(site.client.chat_postMessage(channel="C0GENERAL", text="x")) == "not_in_channel"


async def test_a_manifest_says_commands_scopes_and_events(tmp_path):
    path = tmp_path / "manifest.yaml"
    path.write_text(
        "display_information: {name: Ops}\n"
        "features:\n"
        "  app_home: {home_tab_enabled: true}\n"
        "  slash_commands: [{command: /pg-dev, description: d, usage_hint: h, should_escape: true}]\n"
        "oauth_config: {scopes: {bot: [commands, chat:write]}}\n"
        "settings: {event_subscriptions: {bot_events: [app_home_opened]}}\n"
    )
    manifest = load_manifest(path)
    assert manifest.command("/pg-dev").should_escape is True
    assert manifest.command("/pg") is None
    assert (manifest.scopes, manifest.events) == ({"commands", "chat:write"}, {"app_home_opened"})
    assert (manifest.interactive, manifest.messages_tab, manifest.home_tab) == (False, True, True)
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(ValueError, match="has no keys and values"):
        load_manifest(tmp_path / "list.json")


def test_a_manifest_says_shortcuts_and_what_is_switched_on():
    shortcuts = [
        {"type": "message", "callback_id": "look", "name": "Look", "description": "d"},
        {"type": "global", "callback_id": "start", "name": "Start", "description": "d"},
    ]
    home = {"home_tab_enabled": False, "messages_tab_enabled": True, "messages_tab_read_only_enabled": True}
    manifest = read_manifest(
        {
            "features": {"shortcuts": shortcuts, "app_home": home},
            "settings": {"interactivity": {"is_enabled": True}},
        }
    )
    assert manifest.shortcut("look") == Shortcut(callback_id="look", kind="message", name="Look")
    assert (manifest.shortcut("start").kind, manifest.shortcut("stop")) == ("global", None)
    assert (manifest.interactive, manifest.messages_tab, manifest.home_tab) == (True, False, False)
    with pytest.raises(ValueError, match="global or message"):
        read_manifest({"features": {"shortcuts": [{"type": "local", "callback_id": "x"}]}})


async def test_nobody_types_in_a_read_only_messages_tab(site):
    site.workspace.manifest = AppManifest(messages_tab=False)
    for act, text in (("slash", "/pg x"), ("say", "hello")):
        answer = await site.operate(act, user="U0ALICE", channel="D0ALICE", text=text)
        assert answer["error"] == "messages_tab_disabled"
    assert (await site.operate("say", user="U0ALICE", channel="C0OPS", text="hello"))["ok"]
