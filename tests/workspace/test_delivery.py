"""Commands, clicks, modals and events, delivered to a foreign Bolt app over both transports."""

import pytest
from workspace_bolt import bolt_over_http, bolt_over_socket, wait_until
from workspace_site import workspace_site

from bot.demo.workspace.app_manifest import AppManifest, SlashCommand

pytestmark = pytest.mark.anyio

TRANSPORTS = {"socket": bolt_over_socket, "http": bolt_over_http}


@pytest.fixture(params=TRANSPORTS)
async def running(request):
    """Yield (site, seen): the simulator with the foreign app."""
    async with workspace_site() as site, TRANSPORTS[request.param](site) as (_handler, seen):
        yield site, seen


async def run_command(site, text, user="U0ALICE"):
    return await site.operate("slash", user=user, channel="C0OPS", text=f"/pg {text}".strip())


async def test_a_command_and_its_button(running):
    site, seen = running
    assert await run_command(site, "status") == {"ok": True, "error": None, "ack": {}}
    answer = (await site.seen("U0ALICE", "C0OPS"))[-1]
    assert (answer["text"], answer["ephemeral"]) == ("answer", True)
    assert "answer" not in [message["text"] for message in await site.seen("U0BOB", "C0OPS")]
    clicked = await site.operate("click", user="U0ALICE", channel="C0OPS", ts=answer["ts"], action_id="go")
    assert clicked["ok"]
    replaced = (await site.seen("U0ALICE", "C0OPS"))[-1]
    assert (replaced["text"], replaced["ts"], "blocks" in replaced) == ("went 42", answer["ts"], False)
    command, action = seen[0][1], seen[1][1]
    assert command["team_id"] == "T0DEMO"
    assert command["user_id"] == action["user"]["id"] == "U0ALICE"
    assert command["api_app_id"] == action["api_app_id"] == "A0PGBOT"
    assert action["container"] == {
        "type": "message",
        "message_ts": answer["ts"],
        "channel_id": "C0OPS",
        "is_ephemeral": True,
    }
    assert "message" not in action
    assert command["trigger_id"] != action["trigger_id"]


async def test_an_answer_in_channel_shows_the_typed_command(running):
    site, _seen = running
    await run_command(site, "public")
    said = [(message["user"], message["text"]) for message in await site.seen("U0BOB", "C0OPS")]
    assert said[-2:] == [("U0ALICE", "/pg public"), ("U0PGBOT", "for all")]


async def test_an_answer_with_invalid_blocks_is_an_error_for_the_person(running):
    site, _seen = running
    assert (await run_command(site, "broken"))["error"] == "invalid_blocks"
    assert (await site.seen("U0ALICE", "C0OPS"))[-1]["error"] is True


async def test_a_modal_with_an_error_answer_and_a_submission(running):
    site, seen = running
    await run_command(site, "status")
    ts = (await site.seen("U0ALICE", "C0OPS"))[-1]["ts"]
    await site.operate("click", user="U0ALICE", channel="C0OPS", ts=ts, label="Ask")
    (view,) = (await site.look("views", user="U0ALICE"))["stack"]
    empty = await site.operate("submit", user="U0ALICE", view_id=view["id"], values={})
    assert empty["error"] == "missing_input"
    assert empty["ack"] == {"errors": {"why": "Please complete this required field."}}
    bad = await site.operate("submit", user="U0ALICE", view_id=view["id"], values={"reason": "bad"})
    assert bad["error"] == "errors"
    assert (await site.look("views", user="U0ALICE"))["stack"][0]["errors"] == {"why": "Say more."}
    good = await site.operate("submit", user="U0ALICE", view_id=view["id"], values={"reason": "good"})
    assert good["ok"]
    assert (await site.look("views", user="U0ALICE"))["stack"] == []
    assert [what for what, _payload in seen] == ["command", "action", "view", "view"]


async def test_closing_a_modal_is_told_when_asked_for(running):
    site, seen = running
    await run_command(site, "status")
    ts = (await site.seen("U0ALICE", "C0OPS"))[-1]["ts"]
    await site.operate("click", user="U0ALICE", channel="C0OPS", ts=ts, action_id="ask")
    (view,) = (await site.look("views", user="U0ALICE"))["stack"]
    foreign = await site.operate("close", user="U0BOB", view_id=view["id"])
    assert foreign["error"] == "not_found"
    assert (await site.operate("close", user="U0ALICE", view_id=view["id"]))["ok"]
    assert seen[-1][0] == "closed"
    assert seen[-1][1]["is_cleared"] is False


async def test_a_typed_ahead_menu_offers_and_takes_an_option(running):
    site, seen = running
    await run_command(site, "status")
    ts = (await site.seen("U0ALICE", "C0OPS"))[-1]["ts"]
    place = {"user": "U0ALICE", "channel": "C0OPS", "ts": ts, "action_id": "find"}
    assert (await site.operate("search", **place, text=""))["options"] == []
    options = (await site.operate("search", **place, text="ord"))["options"]
    assert [option["text"]["text"] for option in options] == ["ord 1", "ord 2"]
    assert (await site.operate("click", **place, value=options[1]))["ok"]
    assert seen[-1][1]["actions"][0]["selected_option"]["value"] == "2"


async def test_a_mention_is_answered(running):
    site, seen = running
    await site.operate("say", user="U0BOB", channel="C0OPS", text="@pgops are you there")
    await wait_until(
        lambda: any(m.text == "you called" for m in site.workspace.channels["C0OPS"].messages.values())
    )
    assert seen[0][1]["event"]["text"] == "<@U0PGBOT> are you there"


async def test_a_message_names_people_and_groups_by_their_id_alone(running):
    site, seen = running
    told = await site.operate("say", user="U0BOB", channel="C0OPS", text="@vera and @dba: see #ops, a|b")
    assert told["message"]["text"] == "<@U0VERA> and <!subteam^S0DBA>: see <#C0OPS|ops>, a|b"
    await site.operate("say", user="U0BOB", channel="D0BOB", text="@pgops in private")
    assert site.workspace._tasks == set()
    assert seen == []


async def test_the_home_tab_is_published_when_opened(running):
    site, _seen = running
    await site.operate("home", user="U0VERA")
    await wait_until(lambda: site.workspace.views.home("U0VERA") is not None)
    assert (await site.look("views", user="U0VERA"))["home"]["blocks"][0]["type"] == "divider"


async def test_words_are_escaped_as_the_manifest_says(running):
    site, seen = running
    typed = "show @bob #ops #dba http://db1.example.com/x db2.example.com a&b <x> @nobody"
    await run_command(site, typed, user="U0BOB")
    assert seen[0][1]["text"] == (
        "show <@U0BOB|bob> <#C0OPS|ops> <#C0DBA|> <http://db1.example.com/x> "
        "<http://db2.example.com|db2.example.com> a&amp;b &lt;x&gt; @nobody"
    )
    plain = SlashCommand(name="/pg", should_escape=False)
    site.workspace.manifest = AppManifest(commands=(plain,))
    await run_command(site, "show @bob a&b")
    assert seen[1][1]["text"] == "show @bob a&amp;b"


async def test_who_may_type_where(running):
    site, seen = running
    for user, channel, line, word in (
        ("U0GONE", "C0OPS", "/pg x", "account_inactive"),
        ("U0PGBOT", "C0OPS", "/pg x", "user_not_found"),
        ("U0NOBODY", "C0OPS", "/pg x", "user_not_found"),
        ("U0ALICE", "C0DBA", "/pg x", "channel_not_found"),
        ("U0ALICE", "C0OLD", "/pg x", "is_archived"),
        ("U0ALICE", "C0OPS", "/other x", "unknown_command"),
    ):
        assert (await site.operate("slash", user=user, channel=channel, text=line))["error"] == word
    assert seen == []


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_command_that_is_not_acked_in_time_is_an_error_for_the_person(transport):
    async with workspace_site(ack_seconds=0.2) as site, TRANSPORTS[transport](site) as (_handler, seen):
        outcome = await run_command(site, "silence")
        # Bolt answers 404 over HTTP when a listener has not acked, and nothing at all over a socket.
        word = {"socket": "operation_timeout", "http": "dispatch_failed"}[transport]
        assert (outcome["ok"], outcome["error"]) == (False, word)
        told = (await site.seen("U0ALICE", "C0OPS"))[-1]
        assert (told["text"], told["error"]) == (f'/pg failed with the error "{word}"', True)
        assert len(seen) == 1


async def test_a_command_that_nobody_hears_fails(running):
    site, _seen = running
    site.workspace.request_url = "http://127.0.0.1:9/slack/events"
    assert (await run_command(site, "x"))["error"] == "dispatch_failed"


async def test_a_lost_ack_is_an_error_although_the_bot_did_it(running):
    site, seen = running
    await site.operate("faults", target="slash_commands", kind="lost_ack")
    assert (await run_command(site, "status"))["error"] == "operation_timeout"
    assert len(seen) == 1
    assert (await run_command(site, "status"))["ok"]


async def test_a_duplicate_delivery_has_the_same_trigger(running):
    site, seen = running
    await site.operate("faults", target="slash_commands", kind="duplicate")
    await run_command(site, "public")
    while len(seen) < 2:
        await wait_until(lambda: True)
        await site.look("state")
    assert seen[0][1]["trigger_id"] == seen[1][1]["trigger_id"]


async def test_a_trigger_can_be_made_stale(running):
    site, _seen = running
    await run_command(site, "status")
    ts = (await site.seen("U0ALICE", "C0OPS"))[-1]["ts"]
    site.workspace.ack_seconds = 0.2
    await site.operate("faults", target="block_actions", kind="expired_trigger")
    await site.operate("click", user="U0ALICE", channel="C0OPS", ts=ts, action_id="ask")
    assert (await site.look("views", user="U0ALICE"))["stack"] == []
