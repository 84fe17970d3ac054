"""Signed payloads in HTTP mode: repeated, of another workspace, and of any shape."""

import json
import time

import anyio
import pytest
from bot_site import OPS, Signed, bot_site
from structlog.testing import capture_logs

from bot.audit.verify import verify
from bot.demo.http_client import loopback_client
from bot.slack.receiver import LARGEST_BODY

pytestmark = pytest.mark.anyio
BOB = "U0BOB"


COMMAND = {
    "command": "/pg",
    "text": "whoami",
    "team_id": "T0DEMO",
    "user_id": BOB,
    "channel_id": OPS,
    "channel_name": "ops",
    "trigger_id": "1.2.abc",
    "api_app_id": "A0DEMO",
}


@pytest.fixture
async def signed(tmp_path, monkeypatch):
    async with (
        bot_site(tmp_path, monkeypatch, mode="http") as site,
        loopback_client() as http,
    ):
        yield Signed(site, http)


async def test_a_delivery_that_comes_twice_runs_once(signed):
    answers = [await signed.post(COMMAND) for _ in range(3)]
    await signed.site.idle()

    assert [each.status_code for each in answers] == [200] * 3
    assert [each.content for each in answers] == [b""] * 3
    assert len(signed.site.audit()) == 2


@pytest.mark.parametrize(
    "field",
    [{"text": "cluster list payload table"}, {"channel_name": "payload-team"}, {"user_name": "payload"}],
)
async def test_the_word_payload_in_a_command_does_not_lose_it(signed, field):
    """Without our parser, Bolt takes any form with that word for JSON and answers 404."""
    answer = await signed.post(COMMAND | field)
    await signed.site.idle()

    assert answer.status_code == 200
    assert signed.site.audit()[0]["actor"] == f"slack:{BOB}"


@pytest.mark.parametrize(
    ("headers", "at"),
    [
        ({"x-slack-signature": "v0=" + "0" * 64}, None),
        ({"x-slack-signature": ""}, None),
        ({"x-slack-request-timestamp": "yesterday"}, None),
        ({"x-slack-request-timestamp": "9" * 400}, None),
        ({"x-slack-request-timestamp": "0" * 400}, None),
        ({}, time.mktime((2020, 1, 1, 0, 0, 0, 0, 0, 0))),
    ],
)
async def test_a_request_that_slack_did_not_sign_is_refused(signed, headers, at):
    answer = await signed.post(COMMAND, headers=headers, at=at)

    assert answer.status_code == 401
    assert signed.site.audit() == []


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"payload": "{not json"}, 400),
        ({"payload": "[]"}, 400),
        ({"payload": "null"}, 400),
        ({"payload": '"block_actions"'}, 400),
        ({"payload": "7"}, 400),
        ({"payload": ""}, 400),
        ({"hello": "world"}, 404),
        ({"ssl_check": "1"}, 200),
    ],
)
async def test_odd_bodies_are_answered_and_not_audited(signed, form, status):
    answer = await signed.post(form)

    assert status == answer.status_code
    assert b"Traceback" not in answer.content
    assert signed.site.audit() == []


async def test_bytes_that_are_no_text_are_refused_with_the_id_of_the_log(signed):
    with capture_logs() as logs:
        answer = await signed.http.post(
            f"{signed.site.bot.url}/slack/events",
            content=b"command=/pg&text=\xff\xfe",
            headers={"x-slack-request-timestamp": "1", "x-slack-signature": "v0=0"},
        )

    assert answer.status_code == 400
    assert logs[0]["trace"] in answer.text


PRESS = {
    "type": "block_actions",
    "team": {"id": "T0DEMO"},
    "user": {"id": BOB},
    "channel": {"id": OPS},
    "actions": [{"type": "button", "action_id": "run:0", "value": "whoami"}],
}


@pytest.mark.parametrize(
    "odd",
    [
        {"actions": {}},
        {"actions": ["x"]},
        {"actions": [None]},
        {"actions": "run:0"},
        {"actions": [{"action_id": {}}]},
        {"team": "T0DEMO"},
        {"team": ["T0DEMO"]},
        {"channel": "C0OPS", "actions": 7},
        {"type": ["block_actions"]},
        {"type": "view_submission", "view": "x"},
        {"type": "view_submission"},
        {"type": "shortcut", "callback_id": 7},
        {"type": "block_suggestion", "action_id": []},
    ],
)
async def test_a_payload_of_another_shape_is_answered_and_leaves_a_trace(signed, odd):
    with capture_logs() as logs:
        answer = await signed.post({"payload": json.dumps(PRESS | odd)})

    assert answer.status_code in {200, 400, 404}, answer.text
    rows = signed.site.audit()
    assert {row["actor"] for row in rows} <= {f"slack:{BOB}"}
    assert {row["outcome"] for row in rows} <= {"failed", "refused"}
    if answer.status_code == 400:
        assert rows[0]["trace"] in answer.text
        assert rows[0]["trace"] in {each.get("trace") for each in logs}


@pytest.mark.parametrize("odd", [{"actions": {}}, {"actions": ["x"]}])
async def test_what_bolt_chokes_on_is_audited_where_the_person_is_known(signed, odd):
    answer = await signed.post({"payload": json.dumps(PRESS | odd)})

    assert answer.status_code == 400
    (row,) = signed.site.audit()
    assert (row["outcome"], row["actor"], row["channel"]) == ("failed", f"slack:{BOB}", OPS)
    assert row["code"] == "command.refused"


async def test_a_press_in_another_workspace_is_refused_and_audited(signed):
    answer = await signed.post({"payload": json.dumps(PRESS | {"team": {"id": "T0OTHER"}})})

    assert answer.status_code == 200
    (row,) = signed.site.audit()
    assert (row["outcome"], row["team"], row["text"]) == ("refused", "T0OTHER", "whoami")


async def test_half_a_character_is_stored_safely_and_answered(signed):
    button = {"type": "button", "action_id": "run:0", "value": "whoami \ud800", "action_ts": "1\udfff"}
    answer = await signed.post({"payload": json.dumps(PRESS | {"actions": [button]})})
    await signed.site.idle()

    assert answer.status_code == 200
    assert {row["text"] for row in signed.site.audit()} == {"whoami ?"}
    assert verify([signed.site.bot.kernel.database.path]).bad is None


async def test_an_error_nobody_foresaw_while_understanding_is_audited(signed):
    """Let the inbox raise an unforeseen exception: the answer names an id, the audit log the person."""
    await signed.site.bot.kernel.database.write(lambda db: db.execute("ALTER TABLE inbox RENAME TO outbox"))

    answer = await signed.post(COMMAND)

    assert "nothing was done" in answer.text
    with anyio.fail_after(120):
        while not (rows := signed.site.audit()):
            await anyio.sleep(0.01)
    (row,) = rows
    assert (row["outcome"], row["actor"], row["text"]) == ("failed", f"slack:{BOB}", "whoami")
    assert row["code"] == "store.unavailable"


async def test_a_body_without_end_is_cut_off(signed):
    answer = await signed.post(body="x" * (LARGEST_BODY + 1))

    assert answer.status_code == 413


@pytest.mark.parametrize("field", [{"team_id": "T0OTHER"}, {"command": "/pg", "team_id": ""}])
async def test_a_command_of_another_workspace_is_refused(signed, field):
    answer = await signed.post(COMMAND | field)

    assert b"another workspace" in answer.content
    (row,) = signed.site.audit()
    assert (row["kind"], row["outcome"], row["actor"]) == ("invocation", "refused", f"slack:{BOB}")
    assert (row["team"], row["code"]) == (field["team_id"] or "T0DEMO", "command.refused")


async def test_events_and_presses_that_nothing_is_made_of_are_acked(signed):
    answer = await signed.post({"payload": json.dumps(PRESS | {"actions": [{"action_id": "x"}]})})

    assert answer.status_code == 200
    assert signed.site.audit() == []
