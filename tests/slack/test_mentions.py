"""Commands in channels, threads and direct messages, in both modes."""

from datetime import timedelta

import pytest
from bot_site import OPS, bot_site
from form_kit import act, lines, message, text_of

from bot.slack.payloads import read_command

pytestmark = pytest.mark.anyio
ALICE, BOB, VERA, GUEST = "U0ALICE", "U0BOB", "U0VERA", "U0GUEST"
BOT = "U0PGBOT"


@pytest.fixture(params=["socket", "http"])
async def site(request, tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch, mode=request.param) as site:
        yield site


@pytest.fixture
async def http_site(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch, mode="http") as site:
        yield site


async def direct(site, user):
    channels = (await site.http.get("/_workspace/channels", params={"user": user})).json()["channels"]
    return next(each["id"] for each in channels if each["kind"] == "im")


async def say(site, user, text, channel=OPS, **more):
    return (await act(site, "say", user=user, channel=channel, text=text, **more))["message"]


async def test_a_mention_is_answered_in_a_thread_for_all_who_read_there(site):
    asked = await say(site, BOB, "@pgops cluster show orders-prod")
    answer = await message(site, ALICE, "PostgreSQL")
    await site.idle()

    assert answer["thread_ts"] == asked["ts"]
    assert lines(site) == [("cluster show orders-prod", "accepted")]


async def test_in_a_thread_the_answer_stays_in_it(site):
    begun = await say(site, ALICE, "is orders-prod all right?")
    await say(site, BOB, "@pgops cluster show orders-prod", thread_ts=begun["ts"])
    answer = await message(site, ALICE, "PostgreSQL")

    assert answer["thread_ts"] == begun["ts"]


async def test_where_another_company_reads_along_only_the_asker_sees_the_answer(http_site):
    asked = await say(http_site, BOB, "@pgops cluster show orders-prod", channel="C0SHARED")
    answer = await message(http_site, BOB, "PostgreSQL", "C0SHARED")
    await http_site.idle()

    assert answer["thread_ts"] == asked["ts"]
    assert "PostgreSQL" not in text_of(await http_site.seen(ALICE, "C0SHARED"))


async def test_what_is_missing_in_a_mention_is_said_with_a_button_to_the_form(http_site):
    await say(http_site, BOB, "@pgops cluster show")
    answer = await message(http_site, BOB, "Fill in a form")
    clicked = await http_site.click(BOB, answer, "Fill in a form")

    assert "needs" in text_of(answer)
    assert clicked["ok"], clicked


async def test_a_direct_message_is_answered_beside_it(site):
    channel = await direct(site, BOB)
    await say(site, BOB, "whoami", channel=channel)
    answer = await message(site, BOB, "You are bob", channel)
    await site.idle()

    assert not answer.get("thread_ts")
    assert lines(site) == [("whoami", "accepted")]


async def test_a_question_is_answered_with_a_command_that_only_reads_and_its_button(http_site):
    await say(http_site, BOB, "@pgops what clusters are broken?")
    answer = await message(http_site, BOB, "can't answer questions")
    clicked = await http_site.click(BOB, answer, "Run status")
    await http_site.idle()

    assert "“status” may answer this." in text_of(answer)
    assert clicked["ok"], clicked
    assert [line for line, _ in lines(http_site)] == ["what clusters are broken?", "status"]


@pytest.mark.parametrize("typed", ["hello", "hi there!", "@pgops", "?"])
async def test_a_first_direct_message_is_answered_with_the_start_page(http_site, typed):
    channel = await direct(http_site, BOB)
    await say(http_site, BOB, typed, channel=channel)
    answer = await message(http_site, BOB, "What you can do here", channel)

    assert "Show read commands" in text_of(answer)


async def test_who_opens_the_direct_messages_first_gets_the_start_page_once(http_site):
    channel = await direct(http_site, BOB)
    for _ in range(2):
        await act(http_site, "home", user=BOB, tab="messages")
        await message(http_site, BOB, "What you can do here", channel)
        await http_site.idle()

    assert len(await http_site.seen(BOB, channel)) == 1
    assert lines(http_site) == [("help", "accepted")]


@pytest.mark.parametrize("typed", ["cluster resize", "cluster resize x --bogus", "resize orders-prod"])
async def test_what_is_refused_is_offered_no_form(http_site, typed):
    await say(http_site, GUEST, f"@pgops {typed}")
    answer = await message(http_site, BOB, "You may not run")
    await http_site.idle()

    assert "Fill in" not in text_of(answer)
    assert "actions" not in {block["type"] for block in answer["blocks"]}


async def test_a_mention_of_somebody_without_rights_is_refused(http_site):
    await say(http_site, GUEST, "@pgops cluster list")
    await message(http_site, BOB, "You may not run")
    await http_site.idle()

    assert lines(http_site) == [("cluster list", "denied")]


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast", "me_message"])
async def test_every_form_of_a_message_by_a_person_is_answered(http_site, subtype):
    channel = await direct(http_site, BOB)
    await say(http_site, BOB, "whoami", channel=channel, subtype=subtype)
    await message(http_site, BOB, "You are bob", channel)
    begun = await say(http_site, ALICE, "who is who?")
    await say(http_site, BOB, "@pgops whoami", subtype=subtype, thread_ts=begun["ts"])

    assert (await message(http_site, ALICE, "You are bob"))["thread_ts"] == begun["ts"]


async def test_an_edit_is_answered_and_not_run(http_site):
    channel = await direct(http_site, BOB)
    for place, typed, shown, edited in (
        (channel, "wohami", "is not a command", "whoami"),
        (OPS, "whoami", "whoami", "@pgops whoami"),
    ):
        first = await say(http_site, BOB, typed, channel=place)
        await message(http_site, BOB, shown, place)
        http_site.demo.clock.advance(timedelta(seconds=2))  # a channel takes a message a second
        changed = {"user": BOB, "channel": place, "ts": first["ts"], "text": edited}
        assert (await act(http_site, "edit", **changed))["ok"]
        answer = await message(http_site, BOB, "An edited message isn't run", place)
        assert "Send “whoami” as a new message." in text_of(answer)
    await http_site.idle()

    assert lines(http_site) == [("wohami", "mistyped")]


def event(**more):
    return {
        "type": "app_mention",
        "user": BOB,
        "channel": OPS,
        "ts": "1.0",
        "text": f"<@{BOT}> status",
        **more,
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"<@{BOT}> status", "status"),
        (f"<@{BOT}|pgops>: status", "status"),
        (f"status <@{BOT}>", "status"),
        (f"<@{BOT}>", ""),
        (f"<@{BOT}> please status", "status"),
        (f"hey <@{BOT}>, can you run `/pg status`?", "status"),
        (f"`<@{BOT}> /pg /pg status`", "status"),
        ("```\n/pg status\n```", "status"),
        ("&gt; status", "status"),
        ("*status orders*", "status orders"),
        ("“status orders”", "status orders"),
        ("status, thank you!", "status"),
        ("note x --reason please", "note x --reason please"),
        (f"<@{BOT}> show &lt;a&gt; &amp;lt; <b> <mailto:a@b.de|a@b.de>", "show <a> &lt; <b> a@b.de"),
        (f"<@{BOT}> policy explain <@{ALICE}>", f"policy explain {ALICE}"),
        (f" \n<@{BOT}> , : status , <@{BOT}|pgops>\xa0", "status"),
        (f"<@{BOT}><@{BOT}>", ""),
        (f"<@{ALICE}> status <@{BOT}", f"{ALICE} status <@{BOT}"),
        (f"<@{BOT}> help <@{BOT}> now", f"help {BOT} now"),
        (f"{' ' * 39_000}x<@{BOT}>", "x"),
    ],
)
def test_the_line_is_what_stands_beside_the_name(text, line):
    assert read_command(event(text=text), BOT).text == line


@pytest.mark.parametrize(
    "other",
    [
        {"bot_id": "B1"},
        {"user": BOT},
        {"subtype": "message_changed"},
        {"type": "message", "channel_type": "im", "subtype": "channel_join"},
        {"type": "message", "channel_type": "im", "subtype": "message_deleted"},
        {"subtype": "message_changed", "message": {"user": BOB, "text": "status"}},  # a preview was added
        {"user": ""},
        {"type": "reaction_added"},
        {"type": "message", "channel_type": "channel"},
    ],
)
def test_what_no_person_said_to_the_bot_is_no_line(other):
    assert read_command(event(**other), BOT) is None
