"""Changes that an earlier release left in the middle are finished by this one.

The recordings are made by tests/support/record_changes.py, one folder for each schema that was released.
"""

import asyncio
import gzip
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from approved_change import approved_restore, put_secrets
from change_kit import change_stage

from bot.audit.evidence.program import problems
from bot.audit.evidence.replay import gaps
from bot.audit.verify import verify
from bot.changes.operation import ExecutionContext
from bot.changes.record import ChangeState
from bot.domain.reply import File

pytestmark = pytest.mark.anyio
RECORDED = Path(__file__).parent / "recorded"

SINCE = 420
"""Seconds of the clock after which nothing was decided any more in a recording."""


RESTORE = 10
"""Seconds of the clock that a restore takes: the bot waits for it, and looks at it, in every test."""


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    put_secrets(monkeypatch)


def left_behind(*places):
    """Yield, for each released schema, the data that its bot left when it was stopped, if that was
    recorded."""
    found = [
        f"{schema.name}/{place}"
        for schema in sorted(RECORDED.iterdir())
        for place in places
        if (schema / f"{place}.pgbot.db.gz").exists()
    ]
    return pytest.mark.parametrize("data", found, indirect=True)


@pytest.fixture
def data(request, tmp_path):
    """Return the folder that an earlier bot worked in."""
    schema, _, place = request.param.partition("/")
    folder = tmp_path / "data"
    folder.mkdir()
    for file in (RECORDED / schema).glob(f"{place}.*.gz"):
        name = file.name.removeprefix(f"{place}.").removesuffix(".gz")
        (folder / name).write_bytes(gzip.decompress(file.read_bytes()))
    return folder


@left_behind("proposed")
async def test_what_was_proposed_is_decided_and_run(data):
    async with change_stage(restore=RESTORE) as stage, stage.served(data) as room:
        (record,) = await room.all()
        await room.says("bob", f"change approve {record.id} --digest {record.digest[:12]}")
        ended = await room.until(record.id)

        assert ended.state is ChangeState.DONE, ended.result
        assert len(stage.posts(stage.cloud.find(record.plan.target.id))) == 1
    assert verify([data / "pgbot.db"]).bad is None


@left_behind("proposed")
async def test_what_was_proposed_earlier_has_evidence_of_what_its_rows_can_prove(data):
    async with change_stage(restore=RESTORE) as stage, stage.served(data) as room:
        (record,) = await room.all()
        await room.says("bob", f"change approve {record.id} --digest {record.digest[:12]}")
        await room.until(record.id)
        reply = await room.says("bob", f"change show {record.id} --bundle")
    [content] = [json.loads(part.content) for part in reply.parts if isinstance(part, File)]
    paths = {path for gap in gaps(content) for path in gap.paths}

    assert list(problems(content)) == []
    assert ("plan", "harm") in paths
    assert paths.isdisjoint({("votes", 0, "voter"), ("votes", 0, "name"), ("attempt",), ("change", "made")})


@left_behind("unsent")
async def test_what_ran_and_was_not_sent_is_sent_once(data):
    async with change_stage(restore=RESTORE) as stage:
        stage.clock.ahead += SINCE
        async with stage.served(data) as room:
            (record,) = await room.all()
            ended = await room.until(record.id)

        assert ended.state is ChangeState.DONE, ended.result
        assert len(stage.posts(stage.cloud.find(record.plan.target.id))) == 1


@left_behind("sent", "acted", "acted-v2", "seen")
async def test_what_was_sent_is_followed_and_never_sent_again(data, tmp_path):
    async with change_stage(restore=RESTORE) as stage:
        record = await sent_before(stage, data, tmp_path)
        async with stage.served(data) as room:
            ended = await room.until(record.id)
            began = await workflows(data)

        assert (record.state, ended.state) == (ChangeState.RUNNING, ChangeState.DONE), ended.result
        assert len(stage.posts(stage.cloud.find(record.plan.target.id))) == 1
    assert began == {f"change:{record.id}": "SUCCESS"}  # the same, from the step where it had been stopped


@left_behind("drilled")
async def test_a_drill_that_was_followed_is_cleared_away_and_nothing_more(data, tmp_path):
    async with change_stage(restore=RESTORE) as stage:
        record = await sent_before(stage, data, tmp_path)
        stage.clock.ahead += 600  # and have brought it up
        async with stage.served(data) as room:
            ended = await room.until(record.id)
            began = await workflows(data)

        assert ended.state is ChangeState.DONE, ended.result
        assert record.plan.throwaway.name not in {each.name for each in stage.cloud.everything()}
        assert [post["method"] for post in stage.cloud.posts.rows()] == ["POST", "DELETE"]
    assert began == {f"drill:{record.id}": "SUCCESS"}


@left_behind("unknown")
@pytest.mark.parametrize(("word", "end"), [("ran", ChangeState.DONE), ("not-run", ChangeState.FAILED)])
async def test_what_was_unknown_is_settled_and_what_waited_behind_it_runs(data, word, end):
    async with change_stage(restore=RESTORE) as stage:
        stage.clock.ahead += SINCE
        async with stage.served(data) as room:
            record, waiting = await room.all()
            assert (await room.says("bob", f"change settle {record.id} {word}")).ok
            ended = await room.until(record.id, end)
            after = await room.until(waiting.id)
            sent = len(stage.posts(stage.cloud.find(record.plan.target.id)))

    assert (record.state, waiting.state) == (ChangeState.UNKNOWN, ChangeState.APPROVED)
    assert (ended.state, after.state, sent) == (end, ChangeState.DONE, 1)


async def sent_before(stage, data, folder):
    """Make the cloud accept the request that the earlier bot had sent; return the change."""
    async with stage.room(data) as left:
        (record,) = await left.all()
    async with stage.room(folder / "earlier") as earlier:
        command = earlier.kernel.dispatcher.registry.get(tuple(record.plan.command.split()))
        await command.change.execute(record.plan, context_of(earlier.kernel))
    return record


def context_of(kernel):
    return ExecutionContext(
        fleet=kernel.fleet,
        settings=kernel.setup.settings,
        handover=kernel.dispatcher.handover,
        now=kernel.clock.now,
    )


async def workflows(data):
    """Return the workflows that the engine has started, and how they ended, once all have."""
    async with asyncio.timeout(120):
        while "PENDING" in (found := _workflows(data)).values():
            await asyncio.sleep(0.05)
    return found


def _workflows(data):
    with closing(sqlite3.connect(data / "engine.db")) as db:
        return dict(db.execute("SELECT workflow_uuid, status FROM workflow_status").fetchall())


async def test_what_an_earlier_release_did_not_observe_asks_nobody_anew(tmp_path):
    def alter(plan):
        return {"observed": {name: value for name, value in plan.observed.items() if name != "cores"}}

    async with approved_restore(tmp_path, alter=alter) as (stage, room, record, cluster):
        async with stage.served(tmp_path / "data"):
            ended = await room.until(record.id)

        assert (ended.state, len(stage.posts(cluster))) == (ChangeState.DONE, 1)


async def test_a_backup_that_an_earlier_release_kept_for_v2_is_no_reason_to_refuse(tmp_path):
    def alter(plan):
        return {"arguments": {**plan.arguments, "backup": plan.observed["backup"]}}

    async with approved_restore(tmp_path, "v2", alter) as (stage, room, record, cluster):
        async with stage.served(tmp_path / "data"):
            ended = await room.until(record.id)

        assert (ended.state, len(stage.posts(cluster))) == (ChangeState.DONE, 1), ended.result


async def test_what_it_did_observe_still_has_to_be_so(tmp_path):
    def alter(plan):
        return {"observed": {**plan.observed, "gone": "was observed once"}}

    async with approved_restore(tmp_path, alter=alter) as (stage, room, record, cluster):
        async with stage.served(tmp_path / "data"):
            ended = await room.until(record.id)

        assert (ended.state, stage.posts(cluster)) == (ChangeState.REPLACED, [])
