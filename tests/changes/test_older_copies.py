"""Older copies of the bot's files, put back: nothing is sent twice, and nothing is done without a trace."""

import asyncio

import pytest
from approved_change import put_secrets
from change_kit import CHANNEL, TARGET
from older_copies import APPROVED, ENDED, LOST, walked, wrong_after
from programs_site import run

from bot.changes.record import ChangeState
from bot.programs.outside_places import WORDS

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    put_secrets(monkeypatch)


async def said(stage, words):
    """Wait for messages outside of threads with these words."""
    async with asyncio.timeout(120):
        while not (found := [each.text for each in stage.messages() if words in each.text]):
            await asyncio.sleep(0.02)
    return found


async def asked_again(walk, rows, engine):
    """Serve on copies, and return what was recorded once the change has been replaced by one to decide."""
    async with walk.on_copies(rows, engine) as room:
        before = await room.until(walk.change, ChangeState.REPLACED)
        (after,) = [each for each in await room.all() if each.replaces == walk.change]
        (row,) = await room.audit(kind="lineage")

    assert "it is unknown whether it has run" in before.result
    assert after.state is ChangeState.PROPOSED
    return row


async def test_what_had_run_is_asked_for_again_where_the_engine_s_file_is_lost_too(tmp_path):
    """Without a channel nothing outside of the machine knows better."""
    async with walked(tmp_path, trace="none", channel=False) as walk:
        for rows in (APPROVED, "before arming"):
            row = await asked_again(walk, rows, LOST)

            assert row["detail"] == "engine.db is missing or cannot be read"
        assert len(walk.stage.posts(walk.cluster)) == 1


async def test_an_anchor_that_is_gone_from_slack_proves_nothing_and_people_hear_of_it(tmp_path):
    async with walked(tmp_path, trace="none") as walk:
        messages = walk.stage.workspace.channels[CHANNEL].messages
        for ts in [each.ts for each in messages.values() if each.text == WORDS]:
            del messages[ts]
        row = await asked_again(walk, "observed", "observed")
        told = await said(walk.stage, "Changes approved before this start are not sent.")

        assert (row["detail"], row["outcome"], len(told)) == ("Slack has lost its anchor", "asked again", 1)
        assert len(walk.stage.posts(walk.cluster)) == 1


async def test_rows_that_are_older_than_the_engine_s_file_send_and_end_nothing(tmp_path):
    async with walked(tmp_path) as walk:
        for rows, engine in ((APPROVED, ENDED), ("before arming", "acted"), ("before arming", "watched")):
            async with walk.on_copies(rows, engine) as room:
                told = await said(walk.stage, "The bot's data is older than it was")
                if engine != ENDED:
                    # Its workflow goes on after the request, of which the rows know nothing.
                    ended = await room.until(walk.change)
                    assert ended.state is ChangeState.UNKNOWN
                    assert (
                        "the workflow engine says that it was sent, and pgbot.db has no record"
                        in ended.result
                    )
                refused = await room.says("bob", walk.line)

            assert "pgbot recover --dry-run" in told[0]
            assert f"Not sent for now: {walk.change} (Restore {walk.cluster.name}" in told[-1]
            assert not refused.ok
        assert len(walk.stage.posts(walk.cluster)) == 1


async def test_an_engine_s_file_that_is_older_than_the_last_request_proves_nothing(tmp_path):
    async with walked(tmp_path, channel=False) as walk:
        async with walk.on_copies("sent", "claimed") as room:
            (row,) = await room.audit(kind="lineage")
            ended = await room.until(walk.change)

        assert row["detail"] == "the anchor in engine.db is older than the last request"
        assert ended.state is ChangeState.DONE
        assert len(walk.stage.posts(walk.cluster)) == 1


async def test_no_older_copy_of_either_file_doubles_or_makes_up_anything(tmp_path):
    assert await wrong_after(tmp_path, "full", seed=1, count=8) == {}


async def recover(walk, data, *arguments):
    return await run("recover", *arguments, env=walk.stage.environment(data))


async def test_recover_shows_what_is_lost_and_goes_on_from_there(tmp_path):
    async with walked(tmp_path) as walk:
        data = walk.put_back("before arming", ENDED)
        shown = await recover(walk, data, "--dry-run")
        again = await recover(walk, data, "--dry-run")
        done = await recover(walk, data, "--reason", "the disk failed")
        nothing = await recover(walk, data, "--dry-run")
        async with walk.stage.served(data) as room:
            now = await room.rows.get(walk.change)
            (row,) = await room.audit(kind="accepted")
            fresh = await room.asks("alice", f"restore {walk.stage.clusters('v1')[1].id} --to {TARGET}")
            await room.says("bob", f"change approve {fresh.id}")
            after = await room.until(fresh.id)

    assert (shown.code, shown.out) == (0, again.out)
    assert f"{walk.change} was sent to the cloud, but this data does not show it." in shown.out
    assert "It ends. Request it again." in shown.out
    assert (done.code, "Accepted in row" in done.out) == (0, True), done
    assert "There is nothing to recover" in nothing.out
    assert (row["actor"].partition(":")[0], row["detail"]) == ("os", "the disk failed")
    assert now.state is ChangeState.WITHDRAWN
    assert (after.state, len(walk.stage.posts(walk.cluster))) == (ChangeState.DONE, 1)


async def test_only_slack_can_tell_that_both_files_are_older(tmp_path):
    async with walked(tmp_path, trace="none") as walk:
        for point in (APPROVED, "before arming"):
            async with walk.on_copies(point, point) as room:
                told = await said(walk.stage, "in Slack has row")
                now = await room.rows.get(walk.change)

            assert "The bot's data is older than it was" in told[0]
            assert now.state is not ChangeState.DONE
        assert len(walk.stage.posts(walk.cluster)) == 1
