"""Shortcuts, global and of a message, delivered to a foreign Bolt app over both transports."""

import pytest
from workspace_bolt import bolt_over_http, bolt_over_socket
from workspace_site import workspace_site

from bot.demo.workspace.app_manifest import EVERY_SCOPE, AppManifest, Shortcut

pytestmark = pytest.mark.anyio

TRANSPORTS = {"socket": bolt_over_socket, "http": bolt_over_http}
START, LOOK = Shortcut(callback_id="start"), Shortcut(callback_id="look", kind="message", name="Look")
MANIFEST = AppManifest(shortcuts=(START, LOOK))


@pytest.fixture(params=TRANSPORTS)
async def running(request):
    """Yield (site, seen): the simulator with the foreign app."""
    async with workspace_site(MANIFEST) as site, TRANSPORTS[request.param](site) as (_handler, seen):
        yield site, seen


async def test_a_global_shortcut_opens_a_modal(running):
    site, seen = running
    assert (await site.operate("shortcut", user="U0ALICE", callback_id="start"))["ok"]
    (view,) = (await site.look("views", user="U0ALICE"))["stack"]
    assert view["callback_id"] == "form"
    payload = seen[0][1]
    assert (payload["type"], payload["user"]["id"]) == ("shortcut", "U0ALICE")
    assert not {"channel", "message", "response_url"} & payload.keys()


async def test_a_message_shortcut_brings_its_message(running):
    site, seen = running
    said = (await site.operate("say", user="U0BOB", channel="C0OPS", text="slow again"))["message"]
    where = {"user": "U0ALICE", "channel": "C0OPS", "ts": said["ts"]}
    assert (await site.operate("shortcut", callback_id="look", **where))["ok"]
    answer = (await site.seen("U0ALICE", "C0OPS"))[-1]
    assert (answer["text"], answer["ephemeral"]) == ("looked at slow again", True)
    payload = seen[0][1]
    assert (payload["type"], payload["message"]["user"]) == ("message_action", "U0BOB")
    assert payload["channel"] == {"id": "C0OPS", "name": "ops"}


async def test_a_shortcut_has_its_place_and_its_people(running):
    site, seen = running
    said = (await site.operate("say", user="U0BOB", channel="C0OPS", text="x"))["message"]
    secret = await site.client.chat_postEphemeral(channel="C0OPS", user="U0ALICE", text="psst")
    ours = {"user": "U0ALICE", "channel": "C0OPS"}
    for body, word in (
        ({"user": "U0ALICE", "callback_id": "look"}, "unknown_shortcut"),
        ({**ours, "callback_id": "start", "ts": said["ts"]}, "unknown_shortcut"),
        ({**ours, "callback_id": "look", "ts": secret["message_ts"]}, "message_not_found"),
        ({**ours, "callback_id": "look", "ts": said["ts"], "user": "U0STRANGER"}, "channel_not_found"),
        ({"user": "U0GONE", "callback_id": "start"}, "account_inactive"),
    ):
        assert (await site.operate("shortcut", **body))["error"] == word
    site.workspace.manifest = AppManifest(shortcuts=(START,), scopes=EVERY_SCOPE - {"commands"})
    unscoped = await site.operate("shortcut", user="U0ALICE", callback_id="start")
    assert unscoped["error"] == "unknown_shortcut"
    assert seen == []


async def test_a_shortcuts_trigger_can_be_made_stale(running):
    site, _seen = running
    site.workspace.ack_seconds = 0.2
    await site.operate("faults", target="shortcut", kind="expired_trigger")
    await site.operate("shortcut", user="U0ALICE", callback_id="start")
    assert (await site.look("views", user="U0ALICE"))["stack"] == []


async def test_shortcuts_are_listed(running):
    site, _seen = running
    assert (await site.look("state"))["shortcuts"] == [
        {"callback_id": "start", "kind": "global", "name": ""},
        {"callback_id": "look", "kind": "message", "name": "Look"},
    ]
