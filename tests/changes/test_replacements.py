"""A request is replaced a bounded number of times, whatever its cluster shows at each look."""

import asyncio
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from approved_change import put_secrets
from change_kit import SETTINGS, change_stage
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_changes import NEEDS, StoredChanges, plan_entry
from yaml_files import read_yaml, write_yaml

from bot.changes.record import ChangeState
from bot.changes.run_log import MAX_REPLACEMENTS, REPLACEMENT_PERIOD

NOTHING = NEEDS[0]


@pytest.mark.anyio
async def test_a_value_that_differs_at_each_look_makes_few_changes(tmp_path, monkeypatch):
    put_secrets(monkeypatch)
    document = read_yaml(SETTINGS)
    document["approvals"]["rules"] = [{"changes": ["*"], "need": "none"}]
    write_yaml(tmp_path / "app.yaml", document)
    restless = []

    def touch_first(application):
        async def touched(scope, receive, send):
            for cluster in restless:
                cluster.modified_at += timedelta(seconds=1)
            await application(scope, receive, send)

        return touched

    async with (
        change_stage(wrap=touch_first, settings=tmp_path / "app.yaml") as stage,
        stage.served(tmp_path / "data") as room,
    ):
        restless += stage.clusters("v1")[:1]
        await room.says("alice", f"cluster maintenance {restless[0].id} --day sunday --time 03:30")
        async with asyncio.timeout(120):
            while (await room.all())[-1].is_open:
                await asyncio.sleep(0.02)
        found = await room.all()
        posts = stage.posts(restless[0])

    assert posts == []
    assert [each.state for each in found] == [ChangeState.REPLACED] * MAX_REPLACEMENTS + [ChangeState.FAILED]
    assert found[0].result.endswith(f"{found[1].id} supersedes it")
    assert "This request was superseded 5 times within an hour" in found[-1].result


@settings(max_examples=8)
@given(waits=st.lists(st.integers(0, 30), min_size=MAX_REPLACEMENTS, max_size=12))
def test_no_sequence_of_looks_makes_more_changes_than_the_bound(waits):
    """Each number is the minutes until the next look, which finds another value."""
    with tempfile.TemporaryDirectory(prefix="pgbot-looks-") as folder:
        made = asyncio.run(replace_at_each_look(Path(folder), waits))

    for first in made:
        assert sum(first <= at < first + REPLACEMENT_PERIOD for at in made) <= MAX_REPLACEMENTS + 1


async def replace_at_each_look(folder, waits):
    """Let a change run into another value at each look; return the times at which changes were made."""
    room = StoredChanges(folder)
    await room.open()

    async def propose_again(record, plan):
        new = replace(room.record("a", NOTHING, "ann"), plan=plan, digest=plan.digest(), replaces=record.id)
        await room.rows.add(new, plan_entry(new))
        return new

    run_log = replace(room.run_log, propose_again=propose_again)
    await room.propose("a", NOTHING, "ann")
    for number, minutes in enumerate(waits):
        room.now += timedelta(minutes=minutes)
        for record in await room.all():
            if await run_log.claim(record):
                other = record.plan.model_copy(update={"observed": {"value": number}})
                await run_log.supersede(record, other)
    made = [each.proposed_at for each in await room.all()]
    await room.close()
    return made
