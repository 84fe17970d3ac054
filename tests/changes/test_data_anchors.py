"""Anchors of the data are kept before a request leaves; without them, none does."""

from dataclasses import replace

import pytest
from api_fakes import V1_PLACE
from approved_change import approved_restore, put_secrets
from change_kit import CHANNEL, TARGET, change_stage
from copied_files import copy_files

from bot.audit.lineage_store import EngineAnchor
from bot.changes.record import ChangeState
from bot.changes.transitions import alarm_entry
from bot.demo.cloud.cloud import MUTATING
from bot.demo.workspace.slack_faults import SlackFault
from bot.domain.errors import NotTheHolder
from bot.ionos.http_errors import HttpCall
from bot.programs.kernel import before_write
from bot.programs.outside_places import WORDS

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    put_secrets(monkeypatch)


def in_slack(stage):
    """Return what the bot's own message in Slack holds."""
    (found,) = [
        each.metadata["event_payload"]
        for each in stage.workspace.channels[CHANNEL].messages.values()
        if each.text == WORDS
    ]
    return found


async def test_both_anchors_know_of_a_request_before_it_reaches_the_cloud(tmp_path):
    seen = []

    def watched(app):
        async def answer(scope, receive, send):
            if scope.get("method") in MUTATING:
                (engine,) = await EngineAnchor(tmp_path / "data" / "engine.db").read()
                slack = in_slack(stage)
                seen.append(
                    ((engine.seq, engine.sent, engine.epoch), (slack["seq"], slack["sent"], slack["epoch"]))
                )
            await app(scope, receive, send)

        return answer

    async with change_stage(wrap=watched) as stage, stage.served(tmp_path / "data") as room:
        record = await room.asks("alice", f"restore {stage.clusters('v1')[0].id} --to {TARGET}")
        await room.says("bob", f"change approve {record.id}")
        await room.until(record.id)
        (intent,) = await room.audit(kind="intent")
        epoch = room.kernel.gate.right.epoch

    assert seen == [((intent["seq"], record.id, epoch), (intent["seq"], record.id, epoch))]
    assert epoch


async def test_a_moment_without_slack_holds_the_request_up_and_does_not_fail_the_change(tmp_path):
    def at_point(name):
        if name == "armed":
            fault = SlackFault(target="chat.update", kind="error", code="internal_error", times=3)
            stage.workspace.faults.add(fault)

    async with approved_restore(tmp_path) as (stage, _, record, cluster):
        async with stage.served(tmp_path / "data", at_point) as room:
            ended = await room.until(record.id)

        assert stage.workspace.faults.pending == []
        assert ended.state is ChangeState.DONE
        assert len(stage.posts(cluster)) == 1


async def test_without_an_answer_of_slack_nothing_is_sent_and_the_change_says_so(tmp_path):
    def at_point(name):
        if name == "armed":
            stage.workspace.faults.add(SlackFault(target="chat.update", kind="server_error", times=200))

    async with approved_restore(tmp_path) as (stage, _, record, cluster):
        async with stage.served(tmp_path / "data", at_point) as room:
            ended = await room.until(record.id)

        assert ended.state is ChangeState.FAILED
        assert ended.result.startswith("Nothing was sent: Slack")
        assert stage.posts(cluster) == []


async def test_a_lease_that_has_run_out_meanwhile_is_no_refusal_by_the_cloud(tmp_path):
    def at_point(name):
        if name == "armed":
            stage.clock.ahead += 600
            stage.workspace.faults.add(SlackFault(target="*", kind="server_error", times=10_000))

    async with approved_restore(tmp_path) as (stage, _, record, cluster):
        async with stage.served(tmp_path / "data", at_point) as room:
            ended = await room.until(record.id)
            stage.workspace.faults.clear()
            rows = await room.audit(kind="change")

        assert ended.state is ChangeState.FAILED
        assert ended.result.startswith("Nothing was sent: ")
        assert "refused" not in {row["outcome"] for row in rows}
        assert stage.posts(cluster) == []


async def test_a_bot_that_does_not_hold_the_app_leaves_the_anchor_of_the_one_that_does(tmp_path):
    async with change_stage() as stage, stage.served(tmp_path / "one") as first:
        await first.asks("alice", f"restore {stage.clusters('v1')[0].id} --to {TARGET}")
        await first.kernel.lineage.keep()
        with pytest.raises(NotTheHolder, match="since the request was made ready"):
            await first.kernel.gate.require("an earlier epoch")
        copy_files(tmp_path / "one", tmp_path / "two")
        async with stage.served(tmp_path / "two") as second:
            kernel = second.kernel
            kept = in_slack(stage)
            await kernel.audit.append(alarm_entry("c-2345ab", stage.clock.now(), "a row of the copy"))
            hook = before_write(kernel.lineage, kernel.gate)
            with pytest.raises(NotTheHolder):
                await hook(HttpCall(place=V1_PLACE, method="POST", path="/clusters"))
            assert in_slack(stage) == kept


async def test_an_engine_s_file_that_knows_better_lets_nothing_leave(tmp_path):
    def at_point(name):
        if name == "armed":
            engine = EngineAnchor(tmp_path / "data" / "engine.db")
            (kept,) = engine.read_now()
            engine.put_now(replace(kept, seq=kept.seq + 1_000))

    async with approved_restore(tmp_path) as (stage, _, record, cluster):
        async with stage.served(tmp_path / "data", at_point) as room:
            ended = await room.until(record.id)

        assert (ended.state, stage.posts(cluster)) == (ChangeState.UNKNOWN, [])
