"""Every invocation ends in one reply and an audit row; and nothing happens without the row before it."""

import asyncio
import json
from contextvars import Context
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from terminal_site import OPERATOR, terminal_site

from bot.audit.verify import verify
from bot.commands.declaration import Arguments, Command, Registry
from bot.domain.errors import StoreError
from bot.domain.reply import Audience, Reply
from bot.domain.reply_text import render_plain
from bot.domain.request import AccountStatus, Invocation, Origin
from bot.runtime.work_turns import WorkTurns, take_turn

pytestmark = pytest.mark.anyio


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        yield terminal


def with_command(terminal, run):
    """Return the same dispatcher with one command more, as if a handler of that name were there."""
    extra = Command(words=("probe",), summary="Probe.", details="", arguments=Arguments, run=run)
    dispatcher = replace(
        terminal.kernel.dispatcher, registry=Registry((*terminal.kernel.dispatcher.registry, extra))
    )
    terminal.kernel = replace(terminal.kernel, dispatcher=dispatcher)


async def test_the_row_before_is_durable_when_the_handler_runs(terminal):
    seen = []

    async def run(_args, _ctx):
        seen.extend(await terminal.audit())
        return Reply("done")

    with_command(terminal, run)
    await terminal.run("probe")

    assert [(row["kind"], row["outcome"]) for row in seen] == [("invocation", "accepted")]
    assert [(row["kind"], row["outcome"]) for row in await terminal.audit()][1:] == [("outcome", "ok")]


async def test_a_store_that_refuses_the_row_refuses_the_command(terminal):
    ran = []

    async def run(_args, _ctx):
        ran.append(True)
        return Reply("done")

    with_command(terminal, run)
    await terminal.kernel.database.write(lambda db: db.execute("PRAGMA query_only = ON").fetchone())

    reply = await terminal.run("probe")

    assert not reply.ok
    assert "nothing was done" in reply.title
    assert ran == []


async def test_a_store_that_fails_afterwards_is_said_and_not_that_nothing_was_done(terminal):
    ran = []

    async def run(_args, _ctx):
        ran.append(True)
        await terminal.kernel.database.write(lambda db: db.execute("PRAGMA query_only = ON").fetchone())
        return Reply("deleted it")

    with_command(terminal, run)
    reply = await terminal.run("probe --share")

    assert ran == [True]
    assert not reply.ok
    assert reply.audience is Audience.PRIVATE
    text = render_plain(reply)
    assert "The command ran, but its outcome could not be recorded" in text
    assert "Outcome (ok): deleted it" in text
    assert "feedbeef" in text
    assert "nothing was done" not in text
    assert [row["outcome"] for row in await terminal.audit()] == ["accepted"]


@pytest.mark.parametrize(
    ("external", "says"),
    [(True, "this channel is shared"), (None, "Slack does not say whether this channel")],
)
async def test_why_an_answer_is_held_back_is_said_as_it_is(terminal, external, says):
    invocation = Invocation(
        key="k",
        trace="t",
        actor=OPERATOR,
        channel="C1",
        text="whoami --share",
        at=terminal.kernel.clock.now(),
        external_channel=external,
    )

    reply = await terminal.kernel.dispatcher.dispatch(invocation)

    assert says in render_plain(reply)
    assert reply.audience is Audience.PRIVATE


async def test_what_never_got_as_far_as_a_command_has_a_row_too(terminal):
    invocation = Invocation(
        key="k",
        trace="t",
        actor=replace(OPERATOR, team="T\ud800"),
        channel="C\ud800",
        text="xoxb-1-canary \ud800",
        at=terminal.kernel.clock.now(),
    )

    await terminal.kernel.dispatcher.record_turned_away(invocation, "refused", "another app")

    (row,) = await terminal.audit()
    assert (row["kind"], row["outcome"], row["detail"]) == ("invocation", "refused", "another app")
    assert (row["team"], row["channel"], row["text"]) == ("T?", "C?", "[hidden] ?")


async def test_an_error_nobody_foresaw_shows_an_id_and_never_its_text(terminal):
    async def run(_args, _ctx):
        raise RuntimeError("canary: password=hunter22")

    with_command(terminal, run)
    with capture_logs() as logs:
        reply = await terminal.run("probe")

    assert "feedbeef" in reply.title
    assert "canary" not in render_plain(reply)
    assert logs[0]["trace"] == "feedbeef"
    (_, outcome) = await terminal.audit()
    assert (outcome["outcome"], outcome["detail"]) == ("error", "RuntimeError")


async def test_an_error_of_the_store_inside_a_handler_is_one_sentence(terminal):
    async def run(_args, _ctx):
        raise StoreError("The disk is full.", "Free some space.")

    with_command(terminal, run)

    assert render_plain(await terminal.run("probe")).startswith("Error: The disk is full.")


@pytest.mark.parametrize(
    ("text", "outcome"),
    [("cluster lsit", "mistyped"), ("", "accepted"), ("x" * 3000, "mistyped"), ("\ud800 half", "mistyped")],
)
async def test_whatever_is_typed_gets_a_row(terminal, text, outcome):
    await terminal.run(text)

    rows = await terminal.audit()
    assert outcome == rows[0]["outcome"]
    assert verify([terminal.kernel.database.path]).bad is None


async def test_a_refusal_is_recorded_with_the_actor_and_the_reason(terminal):
    stranger = replace(
        OPERATOR, origin=Origin.SLACK, id="U9", team="T0OTHER", standing=AccountStatus.STRANGER
    )

    reply = await terminal.run("help", stranger, "C1")

    (row,) = await terminal.audit()
    assert "another company" in reply.title
    assert (row["outcome"], row["actor"], row["team"], row["channel"]) == (
        "denied",
        "slack:U9",
        "T0OTHER",
        "C1",
    )
    assert "another company" in row["detail"]


async def test_a_secret_that_somebody_types_is_not_kept(terminal):
    await terminal.run("cluster show xoxb-1234-canary --password=canary-two")

    rows = json.dumps(await terminal.audit())
    assert "canary" not in rows


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ({"kind": "status", "status": 401}, "Could not read"),
        ({"kind": "status", "status": 402, "api": "v1"}, "trial"),
        ({"kind": "status", "status": 403}, "Could not read"),
        ({"kind": "status", "status": 404}, "Could not read"),
        ({"kind": "status", "status": 422}, "Could not read"),
        ({"kind": "status", "status": 500}, "Could not read"),
        ({"kind": "malformed"}, "Could not read"),
        ({"kind": "html"}, "Could not read"),
        ({"kind": "endless_pages", "api": "v2"}, "v2"),
    ],
)
async def test_whatever_the_cloud_answers_the_reply_is_clear(terminal, order, says):
    await terminal.fault(**order)

    reply = await terminal.run("cluster list")

    text = render_plain(reply)
    assert says in text
    assert "Traceback" not in text
    assert "No clusters" not in text


@pytest.mark.parametrize(("status", "retry_after"), [(429, 3), (503, None), (502, None), (504, None)])
async def test_a_read_that_is_told_to_wait_waits_on_the_clock_and_then_succeeds(
    terminal, status, retry_after
):
    await terminal.fault(kind="status", status=status, retry_after=retry_after, times=1)
    asked = asyncio.create_task(terminal.run("cluster list"))
    while not asked.done():
        await asyncio.sleep(0)
        terminal.kernel.clock.advance(timedelta(seconds=0.05))

    assert asked.result().title.startswith("44 clusters")
    assert max(request["attempt"] for request in json.loads((await terminal.audit())[-1]["requests"])) == 2


async def test_no_token_is_in_the_audit(terminal):
    await terminal.run("cluster list")

    assert "demo-token" not in json.dumps(await terminal.audit())


async def test_a_request_that_changes_something_is_recorded_before_it_leaves(terminal):
    cluster = await _find_cluster(terminal, "orders-prod")

    await terminal.kernel.fleet.delete(cluster)

    (row,) = await terminal.audit()
    assert (row["kind"], row["outcome"]) == ("request", "intended")
    assert row["text"].startswith(f"DELETE /clusters/{cluster.id} at v1")
    assert terminal.cloud.calls.count("DELETE") == 1


async def test_a_request_that_cannot_be_recorded_does_not_leave(terminal):
    cluster = await _find_cluster(terminal, "orders-prod")
    await terminal.kernel.database.write(lambda db: db.execute("PRAGMA query_only = ON").fetchone())

    with pytest.raises(StoreError):
        await terminal.kernel.fleet.delete(cluster)

    assert terminal.cloud.calls.count("DELETE") == 0


async def _find_cluster(terminal, name):
    return next(each for each in (await terminal.kernel.fleet.clusters()).items if each.name == name)


async def test_a_list_that_would_have_to_wait_too_long_is_refused_and_recorded_and_help_is_not(terminal):
    turns = WorkTurns(most=1, longest=60.0, seconds=70.0)
    dispatcher = replace(terminal.kernel.dispatcher, turns=turns)
    terminal.kernel = replace(terminal.kernel, dispatcher=dispatcher)
    with turns.ticket("somebody at work"):
        await take_turn()
        busy = await asyncio.create_task(terminal.run("cluster list"), context=Context())
        helped = await asyncio.create_task(terminal.run("help"), context=Context())
    done = await terminal.run("cluster list")

    assert busy.title == "The bot is busy: your turn would be in about 70 seconds."
    assert (helped.ok, done.ok) == (True, True)
    assert [row["outcome"] for row in await terminal.audit() if row["kind"] == "outcome"] == [
        "denied",
        "ok",
        "ok",
    ]
