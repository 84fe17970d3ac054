"""Slack's Bolt for JavaScript, which must not notice that it talks to a simulator: Socket Mode and HTTP."""

import asyncio

import pytest
from bolt_js import SECONDS, js_app
from sdk_environments import NoEnvironment

from bot.demo.workspace.state import AppCredentials

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module", params=["socket", "http"])
async def app(request):
    try:
        async with js_app(request.param) as running:
            ready = await running.told("ready")
            assert (ready["bot"], ready["pages"]) == ("U0PGBOT", [3, 3, 1])
            if running.mode == "http":
                url = f"http://127.0.0.1:{ready['port']}/slack/events"
                assert (await running.act("request_url", url=url, verify=True))["ok"]
            yield running
    except NoEnvironment as error:
        pytest.fail(str(error), pytrace=False)


async def stack(app):
    return (await app.site.look("views", user="U0ALICE"))["stack"]


async def question(app):
    """Return the answer to a new `/cake`, with its button and its menu."""
    kind = f"no. {next(app.numbers)}"
    assert (await app.type_line(f"/cake {kind}"))["ok"]
    return {"channel": "C0OPS", "ts": (await app.message(f"Which {kind} cake?"))["ts"]}


async def open_form(app):
    """Press the button, and return the form that opens."""
    asked = await question(app)
    assert (await app.act("click", **asked, label="Order"))["ok"]
    opened = await app.told("opened")
    assert (opened["value"], opened["ephemeral"]) == ("cake", True)
    assert (await app.message(f"Ordering in {opened['view']}"))["ts"] == asked["ts"]
    return {"view_id": opened["view"]}


async def test_a_form_is_corrected_updated_and_sent_and_a_message_posted_edited_and_answered(app):
    form = await open_form(app)
    wrong = await app.act("submit", **form, values={"count": "many"})
    (view,) = await stack(app)
    assert (wrong["error"], view["errors"]) == ("errors", {"slices": "A number, please."})
    assert (await app.act("submit", **form, values={"count": "0"}))["ok"]
    (view,) = await stack(app)
    assert view["title"]["text"] == "Again"

    assert (await app.act("submit", **form, values={"count": "2"}))["ok"]
    uploaded = await app.told("uploaded")
    posted = await app.message("<@U0ALICE> takes 2, thank you")
    bill = await app.message("The bill")
    contents = [app.site.workspace.files.find(each).content for each in uploaded["files"]]
    assert await stack(app) == []
    assert posted["edited"]
    assert (bill["thread_ts"], [each["title"] for each in bill["files"]]) == (
        posted["ts"],
        ["bill.csv", "Crumbs"],
    )
    assert contents == [b"slices;price\n2;5\n", bytes([0, 13, 10, 255])]


async def test_a_form_is_closed(app):
    form = await open_form(app)
    assert (await app.act("close", **form))["ok"]
    assert await app.told("closed") == {"view": form["view_id"]}


async def test_a_menu_offers_what_is_typed(app):
    menu = {**await question(app), "block_id": "row", "action_id": "find"}
    offered = await app.act("search", **menu, text="plum")
    assert [each["text"]["text"] for each in offered["options"]] == ["plum 1", "plum 2"]
    assert (await app.act("click", **menu, value="2"))["ok"]
    assert await app.told("found") == {"value": "2"}


async def test_an_ack_is_an_answer_to_one_or_to_all(app):
    assert (await app.type_line("/cake word"))["ack"] == {"text": "Just a word"}
    assert (await app.type_line("/cake public"))["ok"]
    assert (await app.message("Just a word"))["ephemeral"]
    assert not (await app.message("Cake for all", user="U0BOB"))["ephemeral"]


async def test_a_response_url_takes_five_answers(app):
    assert (await app.type_line("/cake many"))["ok"]
    refused = await app.told("error")
    await app.message("answer 5")
    assert (refused["code"], "404" in refused["message"]) == ("slack_bolt_respond_error", True)


async def test_events_and_shortcuts_are_answered(app):
    asked = (await app.act("say", channel="C0OPS", text="@pgops cake?"))["message"]
    said = await app.told("said")
    answer = await app.message("You called?")
    assert (answer["ts"], answer["thread_ts"]) == (said["ts"], asked["ts"])

    await app.act("home")
    async with asyncio.timeout(SECONDS):
        while (await app.site.look("views", user="U0ALICE"))["home"] is None:
            await asyncio.sleep(0.01)

    assert (await app.act("shortcut", callback_id="look", channel="C0OPS", ts=asked["ts"]))["ok"]
    await app.message(f"Looked at {asked['text']}")


async def test_every_refusal_has_slacks_word_and_the_data_of_it(app):
    for fault in (
        {"target": "users.info", "kind": "rate_limited", "seconds": 30},
        {"target": "conversations.info", "kind": "server_error"},
    ):
        assert (await app.act("faults", **fault))["ok"]
    assert (await app.type_line("/cake failures"))["ok"]
    seen = await app.told("failures")

    limited, broken = seen.pop("limited"), seen.pop("broken")
    assert limited == {"code": "slack_webapi_rate_limited_error", "retryAfter": 30}
    assert (broken["code"], broken["statusCode"]) == ("slack_webapi_http_error", 500)
    assert {each["code"] for each in seen.values()} == {"slack_webapi_platform_error"}
    assert {name: each["data"]["error"] for name, each in seen.items()} == {
        "unknown_channel": "channel_not_found",
        "unknown_method": "unknown_method",
        "no_text": "no_text",
        "bad_blocks": "invalid_blocks",
        "wrong_token": "invalid_auth",
        "wrong_kind": "not_allowed_token_type",
        "missing_scope": "missing_scope",
    }
    lacking = seen["missing_scope"]["data"]
    assert (lacking["needed"], lacking["response_metadata"]["acceptedScopes"]) == (
        "reactions:write",
        ["reactions:write"],
    )
    assert "chat:write" in lacking["response_metadata"]["scopes"]
    assert seen["bad_blocks"]["data"]["response_metadata"]["messages"]


@pytest.mark.parametrize("app", ["socket"], indirect=True)
@pytest.mark.parametrize("cut", [{"disconnect": "refresh_requested"}, {"drop": True}])
async def test_a_connection_that_ends_is_opened_again(app, cut):
    (before,) = app.site.workspace.sockets.connections
    assert (await app.act("connections", **cut))["ok"]
    async with asyncio.timeout(SECONDS):
        while app.site.workspace.sockets.connections in {(), (before,)}:
            await asyncio.sleep(0.01)
    assert (await app.type_line("/cake word"))["ok"]


@pytest.mark.parametrize("app", ["http"], indirect=True)
async def test_a_wrong_signature_is_refused(app):
    workspace = app.site.workspace
    workspace.credentials = AppCredentials(signing_secret="another-secret")
    refused = await app.type_line("/cake word")
    workspace.credentials = AppCredentials()
    assert (refused["ok"], refused["error"]) == (False, "dispatch_failed")
    await app.message('/cake failed with the error "dispatch_failed"')
    assert (await app.type_line("/cake word"))["ok"]
