"""The limit of open changes per person: said with the time when one is free, and never exceeded by a race."""

import asyncio

import pytest
from approved_change import put_secrets
from change_kit import SETTINGS, TARGET, change_stage

from bot.changes.record import ChangeState
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio
MOST = 3


@pytest.fixture
async def stage(tmp_path, monkeypatch):
    put_secrets(monkeypatch)
    path = tmp_path / "app.yaml"
    path.write_text(f"{SETTINGS.read_text()}\nlimits: {{open_changes: {MOST}}}\n")
    async with change_stage(settings=path) as stage:
        yield stage


def lines(stage, number):
    clusters = stage.clusters("v1")
    return [f"restore {clusters[each % len(clusters)].id} --to {TARGET}" for each in range(number)]


async def test_of_many_at_once_as_many_are_kept_as_there_may_be(stage, tmp_path):
    async with stage.room(tmp_path / "data") as room:
        replies = await asyncio.gather(*(room.says("alice", line) for line in lines(stage, 12)))
        kept = await room.all()
        rows = await room.audit(kind="outcome", outcome="denied")

    refused = [render_plain(each) for each in replies if not each.ok]
    assert (len(kept), len(refused), len(rows)) == (MOST, 12 - MOST, 12 - MOST)
    first = min(kept, key=lambda each: (each.expires_at, each.id))
    assert refused[0].startswith(f"Error: You have {MOST} open changes, which is the limit for one person.")
    assert "Withdraw one (“change list mine” shows them), or try again at 2026-11-24 " in refused[0]
    assert any(f"when {first.id} expires" in each for each in refused)


@pytest.mark.parametrize("ends", ["change withdraw {id}", "change deny {id}"])
async def test_one_that_has_ended_makes_room_and_others_have_their_own(stage, tmp_path, ends):
    async with stage.room(tmp_path / "data") as room:
        kept = [await room.asks("alice", line) for line in lines(stage, MOST)]
        assert not (await room.says("alice", lines(stage, 1)[0])).ok
        assert (await room.says("bob", lines(stage, 1)[0])).ok

        who = "alice" if "withdraw" in ends else "bob"
        assert (await room.says(who, ends.format(id=kept[0].id))).ok
        assert (await room.says("alice", lines(stage, 1)[0])).ok


async def test_what_takes_the_place_of_an_outdated_change_is_not_refused(stage, tmp_path):
    async with stage.room(tmp_path / "data") as room:
        kept = [await room.asks("alice", line) for line in lines(stage, MOST)]
        await room.says("bob", f"change approve {kept[0].id}")
        cluster = next(each for each in stage.cloud.everything() if each.id == kept[0].plan.target.id)
        cluster.cores += 1
        async with stage.served(tmp_path / "data"):
            ended = await room.until(kept[0].id)
        new = await room.rows.replacing(kept[0].id)

    assert (ended.state, new.state) == (ChangeState.REPLACED, ChangeState.PROPOSED)
