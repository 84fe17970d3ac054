"""Buttons, menus and inputs of messages: payloads for the bot, and kept values."""

import pytest
from workspace_bolt import BUTTONS, bolt_over_socket
from workspace_site import workspace_site

from bot.demo.workspace.app_manifest import AppManifest

pytestmark = pytest.mark.anyio


@pytest.fixture
async def running():
    """Yield (site, seen): the simulator with the foreign app over Socket Mode."""
    async with workspace_site() as site, bolt_over_socket(site) as (_handler, seen):
        yield site, seen


def words(text):
    return {"type": "plain_text", "text": text}


OPTIONS = [{"text": words(name), "value": name} for name in ("one", "two")]
MENU = {"type": "section", "block_id": "menu", "text": words("Pick"), "accessory": {
    "type": "static_select", "action_id": "find", "options": OPTIONS
}}  # fmt: skip
INPUT = {"type": "input", "block_id": "note", "label": words("Note"), "element": {
    "type": "plain_text_input", "action_id": "text"
}}  # fmt: skip


async def post(site, *blocks, channel="C0OPS"):
    """Post a message and return its address for the operator API."""
    posted = await site.client.chat_postMessage(channel=channel, text="x", blocks=list(blocks))
    return {"user": "U0ALICE", "channel": channel, "ts": posted["ts"]}


async def test_what_each_person_chose_goes_with_their_next_click(running):
    site, seen = running
    place = await post(site, MENU, INPUT, BUTTONS)
    assert (await site.operate("click", **place, action_id="find", block_id="menu", value="two"))["ok"]
    assert (await site.operate("click", **place, action_id="text", value="please"))["ok"]
    for user in ("U0ALICE", "U0BOB"):
        await site.operate("click", **{**place, "user": user}, action_id="ask")
    hers, his = (body["state"]["values"] for _what, body in seen[1:])
    assert hers["menu"]["find"]["selected_option"] == OPTIONS[1]
    assert hers["note"]["text"]["value"] == "please"
    assert his["menu"]["find"]["selected_option"] is None
    assert [body["actions"][0]["action_id"] for _what, body in seen] == ["find", "ask", "ask"]


async def test_an_edited_message_forgets_what_it_has_no_place_for(running):
    site, seen = running
    place = await post(site, MENU, INPUT, BUTTONS)
    await site.operate("click", **place, action_id="find", block_id="menu", value="two")
    await site.operate("click", **place, action_id="text", value="please")
    await site.client.chat_update(channel="C0OPS", ts=place["ts"], text="x", blocks=[MENU, BUTTONS])
    await site.operate("click", **place, action_id="go")
    values = seen[-1][1]["state"]["values"]
    assert values["menu"]["find"]["selected_option"] == OPTIONS[1]
    assert "note" not in values


async def test_an_option_must_have_been_offered(running):
    site, seen = running
    place = await post(site, BUTTONS)
    never = await site.operate("click", **place, action_id="find", value="2")
    assert never["error"] == "option_not_found"
    offered = (await site.operate("search", **place, action_id="find", text="ord"))["options"]
    assert (await site.operate("click", **place, action_id="find", value="2"))["ok"]
    assert seen[-1][1]["actions"][0]["selected_option"] == offered[1]
    assert (await site.operate("search", **place, action_id="go", text="ord"))["error"] == "not_external"
    other = await site.operate("click", **{**place, "user": "U0BOB"}, action_id="find", value="2")
    assert other["error"] == "option_not_found"


async def test_options_over_a_limit_are_refused(running):
    site, _seen = running
    place = await post(site, BUTTONS)
    answer = await site.operate("search", **place, action_id="find", text="long")
    assert (answer["error"], len(answer["errors"])) == ("invalid_options", 1)


async def test_a_search_brings_the_message_it_is_in(running):
    site, seen = running
    place = await post(site, BUTTONS)
    await site.operate("search", **place, action_id="find", text="ord")
    body = seen[0][1]
    assert (body["message"]["ts"], body["channel"]["id"]) == (place["ts"], "C0OPS")
    assert (body["container"]["is_ephemeral"], body["block_id"]) == (False, "row")
    assert "trigger_id" not in body


async def test_options_must_come_in_time():
    async with workspace_site(ack_seconds=0.2) as site, bolt_over_socket(site):
        place = await post(site, BUTTONS)
        answer = await site.operate("search", **place, action_id="find", text="silence")
        assert answer["error"] == "operation_timeout"


async def test_elements_inside_containers_and_cards_can_be_touched(running):
    site, seen = running
    card = {"type": "card", "block_id": "card", "title": words("Card"), "actions": [
        {"type": "button", "action_id": "ask", "text": words("Ask")}
    ]}  # fmt: skip
    container = {"type": "container", "child_blocks": [MENU, {"type": "divider"}]}
    place = await post(site, container, {"type": "carousel", "elements": [card]})
    await site.operate("click", **place, action_id="find", value="one")
    await site.operate("click", **place, label="Ask")
    touched = [(b["actions"][0]["block_id"], b["actions"][0]["action_id"]) for _what, b in seen]
    assert touched == [("menu", "find"), ("card", "ask")]
    shown = await site.seen("U0ALICE", "C0OPS")
    blocks = next(message for message in shown if message["ts"] == place["ts"])["blocks"]
    assert blocks[0]["child_blocks"][1]["block_id"]


async def test_without_interactivity_nothing_reaches_the_bot(running):
    site, seen = running
    place = await post(site, BUTTONS)
    site.workspace.manifest = AppManifest(interactive=False)
    assert (await site.operate("click", **place, action_id="go"))["error"] == "interactivity_disabled"
    search = await site.operate("search", **place, action_id="find", text="ord")
    assert search["error"] == "interactivity_disabled"
    assert seen == []
