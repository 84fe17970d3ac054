"""Texts of strangers: bounded before they are read, answered at once, and each row names the sender."""

import json
import sqlite3
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache

import anyio
import pytest
from bot_site import OPS, Signed, bot_site
from example_counts import examples
from form_kit import act, choose, form, search, submit
from pattern_paths import SEARCH, find_attacks, find_pumps
from programs_site import open_programs_stage, running_program

from bot.commands.tokenizer import LONGEST, keep_beginning
from bot.demo.http_client import loopback_client
from bot.domain import redaction
from bot.slack.payloads import LONGEST_ID, LONGEST_TEXT, MOST_PARTS, bound_payload

pytestmark = pytest.mark.anyio
ALICE, BOB, GUEST, STRANGER = "U0ALICE", "U0BOB", "U0GUEST", "U0STRANGER"
SHARED = "C0SHARED"

BACKSLASHES = "user create " + "\\" * 64
HOSTILE = (
    BACKSLASHES,
    'user create "' + '\\"' * 900,
    "cluster show " + "`" * 1_900,
    "cluster show " + "\u0301\u0327" * 900,
    "<@U1|" * 390,
    "cluster list " + "--a-" * 480,
)


@cache
def from_patterns():
    """Return texts that are made to slow each pattern of the redaction.

    The search for attacks takes most of the time, and test_patterns does it for every pattern.
    """
    patterns = redaction._PATTERNS
    found = [find_pumps(pattern, SEARCH)[0] for pattern in patterns]
    for pattern in patterns[: examples(3, len(patterns))]:
        found += find_attacks(pattern, SEARCH)
    found = [each.prefix + each.pump * 600 for each in found]
    return [(each if each.startswith("USER") else f"cluster list {each}")[:LONGEST] for each in found]


@asynccontextmanager
async def serving_program(tmp_path, mode):
    """Start pgbot as a program; yield its simulators, a client of the simulated Slack, and the process."""
    async with open_programs_stage(tmp_path) as (demo, environment):
        demo.workspace.ack_seconds = 10.0
        env = environment | {"PGBOT_SLACK__MODE": mode}
        async with (
            running_program("serve", env=env) as process,
            loopback_client(base_url=demo.slack_url, timeout=20) as http,
        ):
            said = json.loads(await process.stderr.readline())
            assert said["event"] == "ready", said
            if mode == "http":
                demo.workspace.request_url = f"{said['url']}/slack/events"
            yield http, process


def rows_of(tmp_path):
    connection = sqlite3.connect(tmp_path / "data" / "pgbot.db")
    connection.row_factory = sqlite3.Row
    rows = [dict(row) for row in connection.execute("SELECT * FROM audit ORDER BY seq")]
    connection.close()
    return rows


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_program_that_strangers_write_to_goes_on_answering(tmp_path, mode):
    async with serving_program(tmp_path, mode) as (http, process):
        with anyio.fail_after(120):
            for user, channel, text in (
                (GUEST, OPS, f"/pg {BACKSLASHES}"),
                (GUEST, OPS, '/pg user create "' + '\\"' * 60),
            ):
                body = {"user": user, "channel": channel, "text": text}
                assert (await http.post("/_workspace/slash", json=body)).json()["ok"]
            for text in (f"@pgops {BACKSLASHES}", f"@pgops{' ' * 39_000}x", "@pgops " + "“" * 39_000):
                body = {"user": STRANGER, "channel": SHARED, "text": text}
                assert (await http.post("/_workspace/say", json=body)).json()["ok"]
            body = {"user": BOB, "channel": OPS, "text": "/pg whoami"}
            assert (await http.post("/_workspace/slash", json=body)).json()["ok"]
            while "whoami" not in {row["command"] for row in rows_of(tmp_path) if row["outcome"] == "ok"}:
                await anyio.sleep(0.05)
            process.terminate()
            assert await process.wait() == 0

    rows = [row for row in rows_of(tmp_path) if row["kind"] == "invocation"]
    assert [row["actor"] for row in rows].count(f"slack:{GUEST}") == 2
    strangers = [row for row in rows if row["actor"] == f"slack:{STRANGER}"]
    assert [row["team"] for row in strangers] == ["T0OTHER"] * 3
    assert {row["outcome"] for row in rows if row["actor"] != f"slack:{BOB}"} <= {"denied", "mistyped"}
    assert max(len(row["text"]) for row in rows) <= LONGEST + 1


@pytest.fixture(params=["socket", "http"])
async def site(request, tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch, mode=request.param) as site:
        yield site


@pytest.fixture(scope="module")
def texts():
    """Found before a bot runs: the search takes seconds, in which its loop would stand still."""
    return [*HOSTILE, *from_patterns()]


@pytest.mark.hypothesis
async def test_every_way_in_leaves_a_row_with_the_sender(texts, site):
    for text in texts:
        assert (await site.slash(GUEST, f"/pg {text}"))["ok"]
        mention = {"user": STRANGER, "channel": SHARED, "text": f"@pgops {text}"}
        assert (await act(site, "say", **mention))["ok"]
    direct = (await site.http.get("/_workspace/channels", params={"user": GUEST})).json()["channels"]
    channel = next(each["id"] for each in direct if each["kind"] == "im")
    assert (await act(site, "say", user=GUEST, channel=channel, text=BACKSLASHES))["ok"]
    await site.idle()

    rows = site.audit()
    assert {row["kind"] for row in rows} == {"invocation"}
    assert {row["outcome"] for row in rows} <= {"denied", "mistyped"}
    senders = [row["actor"] for row in rows]
    assert senders.count(f"slack:{GUEST}") == len(texts) + 1
    assert senders.count(f"slack:{STRANGER}") == len(texts)
    assert "You are bob" in (await site.ask(BOB, "/pg whoami"))["text"]


async def test_fields_and_searches_of_a_form_take_any_text(site):
    to = int((site.demo.clock.now() - timedelta(hours=2)).timestamp())
    for text in HOSTILE:
        view = await form(site, BOB, "/pg restore")
        assert await search(site, BOB, view, "cluster", text) == []
        await search(site, BOB, view, "cluster", "orders-prod")
        view = await choose(site, BOB, view, "choice:0", "1")
        outcome = await submit(site, BOB, view, cluster="orders-prod", to=to, reason=text[:700])
        assert outcome["ok"], outcome
    await site.idle()

    asked = [
        row
        for row in site.audit()
        if row["kind"] == "invocation" and row["text"].startswith("restore orders")
    ]
    assert [row["actor"] for row in asked] == [f"slack:{BOB}"] * len(HOSTILE)
    assert "You are bob" in (await site.ask(BOB, "/pg whoami"))["text"]


@pytest.fixture
async def signed(tmp_path, monkeypatch):
    async with (
        bot_site(tmp_path, monkeypatch, mode="http") as site,
        loopback_client(timeout=20) as http,
    ):
        yield Signed(site, http)


async def rows_in(site):
    """Wait for rows and return them. Not for the answer: it may have nowhere to go."""
    with anyio.fail_after(120):
        while not (rows := site.audit()):
            await anyio.sleep(0.01)
    return rows


LONG = "a long text of words " * 40_000

PAYLOADS = {
    "command": {"command": "/pg", "text": LONG, "team_id": "T0DEMO", "user_id": GUEST, "channel_id": OPS},
    "button": {
        "type": "block_actions",
        "team": {"id": "T0DEMO"},
        "user": {"id": GUEST},
        "channel": {"id": OPS},
        "actions": [{"type": "button", "action_id": "run:0", "value": LONG}],
    },
    "mention": {
        "type": "event_callback",
        "team_id": "T0DEMO",
        "event_id": "Ev1",
        "event": {
            "type": "app_mention",
            "user": GUEST,
            "channel": OPS,
            "ts": "1.1",
            "text": f"<@U0PGBOT> {LONG}",
        },
    },
}


def form_of(payload):
    return payload if "command" in payload else {"payload": json.dumps(payload)}


def body_of(payload):
    return json.dumps(payload) if payload.get("type") == "event_callback" else None


@pytest.mark.parametrize("kind", PAYLOADS)
async def test_a_text_of_any_length_is_cut_refused_and_recorded(signed, kind):
    payload = PAYLOADS[kind]
    headers = {"content-type": "application/json"} if body_of(payload) else None
    answer = await signed.post(form_of(payload), body=body_of(payload), headers=headers)
    (row,) = await rows_in(signed.site)
    assert answer.status_code == 200
    assert (row["actor"], row["outcome"], len(row["text"])) == (f"slack:{GUEST}", "mistyped", LONGEST + 1)
    assert "A command can have at most 2,000 characters" in row["detail"]


@pytest.mark.parametrize("field", ["user_id", "channel_id", "trigger_id", "team_id", "response_url"])
async def test_an_id_of_any_length_is_cut(signed, field):
    payload = PAYLOADS["command"] | {"text": "whoami", field: "U" * 300_000}
    answer = await signed.post(payload)
    row, *_ = await rows_in(signed.site)

    assert answer.status_code == 200
    assert max(len(row[each]) for each in ("actor", "team", "channel")) <= LONGEST_ID + len("slack:")


@pytest.mark.parametrize("deep", ["[" * 200_000, '{"a":' * 30_000])
async def test_a_body_that_is_nested_too_deep_is_refused(signed, deep):
    answer = await signed.post({"payload": deep})

    assert answer.status_code == 400
    assert b"Traceback" not in answer.content


async def test_of_a_body_with_too_many_parts_the_sender_is_known(signed):
    payload = {**PAYLOADS["button"], "message": {"blocks": [7] * 200_000}}
    payload["actions"] = [{"action_id": "run:0", "value": "whoami"}]
    answer = await signed.post({"payload": json.dumps(payload)})
    row, *_ = await rows_in(signed.site)

    assert answer.status_code == 200
    assert row["actor"] == f"slack:{GUEST}"


def test_a_payload_is_bounded_from_the_inside():
    payload = {"deep": [[["x"] * MOST_PARTS] * 2] * 2, "text": "y" * 9_000, "user": {"id": "U1"}, "n": None}
    kept = bound_payload(payload)

    assert kept["user"] == {"id": "U1"}
    assert kept["text"] == "y" * LONGEST_TEXT
    assert kept["n"] is None
    assert len(json.dumps(kept)) < 7 * MOST_PARTS


def test_what_is_within_the_bounds_is_not_changed():
    payload = {
        "a": [1, 2.5, None, True, {"b": ["c", []]}],
        "view": {"private_metadata": "m" * 3_000},
        "e": {},
    }

    assert bound_payload(payload) == payload


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("whoami", "whoami"),
        ("x" * LONGEST, "x" * LONGEST),
        ("whoami " + "x" * LONGEST, "whoami"),
        ("x" * 9_000, ""),
        ("a " * LONGEST, ("a " * LONGEST)[:LONGEST].strip()),
    ],
)
def test_a_long_text_is_cut_behind_a_blank_and_stays_too_long(text, kept):
    cut = keep_beginning(text)

    assert cut.rstrip("…").strip() == kept
    assert (len(cut) > LONGEST) is (len(text) > LONGEST)


@pytest.mark.parametrize("at", range(LONGEST - 40, LONGEST + 1))
def test_no_half_of_a_secret_is_kept(at):
    secret = "canary-7f3a9c2e5b1d48"
    redaction.remember_secrets([secret])
    for word in (secret, f"xoxb-{secret}", f"postgres://u:{secret}@db/x"):
        stored = redaction.make_storable(keep_beginning(f"{'a ' * LONGEST}"[:at] + word + " more" * 900))

        assert "canary" not in stored
