"""Logs from Slack, through Socket Mode: typed, by form with times from a calendar, shared by button."""

from datetime import timedelta

import pytest
from form_kit import form, message, modals, search, submit, text_of
from password_site import ALICE, BOB

pytestmark = pytest.mark.anyio


def to_seconds(at):
    return int(at.timestamp())


async def test_the_newest_lines_come_at_once_and_all_of_them_by_direct_message(socket_site):
    site = socket_site
    answer = await site.ask(BOB, "/pg log show orders-prod --since 2h")
    await site.idle()
    channels = (await site.http.get("/_workspace/channels", params={"user": BOB})).json()["channels"]
    direct = next(each["id"] for each in channels if each["kind"] == "im")
    files = [file["name"] for each in await site.seen(BOB, direct) for file in each.get("files", [])]

    assert "log lines" in answer["text"]
    assert answer["ephemeral"]
    assert files == ["orders-prod-log.txt"]


async def test_by_form_with_a_time_that_lies_ahead_and_then_with_one_that_does_not(socket_site):
    site = socket_site
    now = site.demo.clock.now()
    view = await form(site, BOB, "/pg log show")
    offered = await search(site, BOB, view, "cluster", "orders-p")
    before = site.demo.cloud.calls.count()
    ahead = await submit(site, BOB, view, cluster="orders-prod", since=to_seconds(now + timedelta(hours=1)))
    asked_meanwhile = site.demo.cloud.calls.count() - before
    outcome = await submit(
        site, BOB, view, cluster="orders-prod", since=to_seconds(now - timedelta(hours=2)), grep="timeout"
    )
    answer = await message(site, BOB, "log lines")

    assert offered[0] == "orders-prod"
    assert list(ahead["ack"]["errors"]) == ["field:since"]
    assert asked_meanwhile == 0
    assert outcome["ok"], outcome
    assert await modals(site, BOB) == []
    assert "statement timeout" in text_of(answer)


async def test_nobody_else_sees_them_until_they_are_shared(socket_site):
    site = socket_site
    answer = await site.ask(BOB, "/pg log show orders-prod --grep timeout")
    unseen = [each for each in await site.seen(ALICE) if "log line" in each["text"]]
    await site.click(BOB, answer, "Share to channel")
    shared = await message(site, ALICE, "log line")

    assert unseen == []
    assert not shared.get("ephemeral")


async def test_on_v2_the_answer_says_where_the_logs_go(socket_site):
    answer = await socket_site.ask(BOB, "/pg log show payments-prod")

    assert "observability" in text_of(answer) or "Logging" in text_of(answer)
