"""Requests and decisions that are refused: one sentence that says why, a row in the audit, and nothing
else."""

from dataclasses import replace
from datetime import timedelta

import pytest
from approved_change import approved_restore, put_secrets
from change_kit import TARGET, change_stage, person

from bot.changes.record import ChangeState
from bot.demo.cloud import vendor_migration
from bot.demo.cloud.records import Phase
from bot.domain.request import AccountStatus, Actor, Origin

pytestmark = pytest.mark.anyio
GUEST = Actor(origin=Origin.SLACK, id="U0GUEST", name="gus", team="T0DEMO", standing=AccountStatus.GUEST)


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    put_secrets(monkeypatch)


async def refused(stage, room, who, line):
    """Return the sentence of a refusal, after checking that it has left nothing but its audit rows."""
    before, rows = await room.all(), len(await room.audit())
    reply = await room.says(who, line)
    new = (await room.audit())[rows:]

    assert not reply.ok
    assert reply.title.endswith((".", "?"))
    assert "\n" not in reply.title
    assert await room.all() == before
    assert stage.cloud.posts.rows() == []
    assert [row["kind"] for row in new] in (["invocation"], ["invocation", "outcome"])
    assert new[-1]["outcome"] in {"mistyped", "denied", "failed"}
    assert reply.title[:-1] in new[-1]["detail"]
    return reply.title


def other_id(stage):
    return stage.clusters("v1")[1].backups[0].v1_id


def of_newer_major(stage, cluster):
    (backup, *_) = cluster.backups
    newer = replace(backup, version=str(int(cluster.version) + 1))
    cluster.backups.append(newer)
    return newer.v1_id


ASKED = {
    "no time": ("", "No target time was given."),
    "a time that is none": ("--to yesterdayish", "yesterdayish"),
    "a time to come": ("--to 2027-01-01T00:00Z", "in the future"),
    "a time before every backup": ("--to 2001-01-01T00:00Z", "no backup covers that time"),
    "a time and no time": ("--newest --to 2h", "can't be used together"),
    "a backup of another cluster": ("--backup {other}", "is not a backup of"),
    "a backup of a newer major": ("--backup {newer}", "runs the older version"),
}


@pytest.mark.parametrize("case", ASKED)
async def test_a_restore_that_cannot_be(tmp_path, case):
    flags, words = ASKED[case]
    async with change_stage() as stage, stage.room(tmp_path / "data") as room:
        cluster = stage.clusters("v1")[0]
        flags = flags.format(other=other_id(stage), newer=of_newer_major(stage, cluster))

        assert words in await refused(stage, room, "alice", f"restore {cluster.id} {flags}")


@pytest.mark.parametrize(
    ("phase", "words"),
    [(Phase.FAILED, "is FAILED"), (Phase.DESTROYING, "is DESTROYING"), (None, "There is no cluster")],
)
async def test_a_cluster_that_is_not_fit(tmp_path, phase, words):
    async with change_stage() as stage, stage.room(tmp_path / "data") as room:
        cluster = stage.clusters("v1")[0]
        if phase is None:
            stage.cloud.discard(cluster)
        else:
            cluster.phase = phase

        assert words in await refused(stage, room, "alice", f"restore {cluster.id} --to {TARGET}")


async def test_a_cluster_that_moved_to_v2_after_it_was_approved_is_asked_for_anew_or_refused(tmp_path):
    async with approved_restore(tmp_path) as (stage, room, record, cluster):
        vendor_migration.move(stage.cloud, cluster)
        async with stage.served(tmp_path / "data"):
            ended = await room.until(record.id)

        assert stage.posts(cluster) == []
        assert ended.state in {ChangeState.REPLACED, ChangeState.FAILED}
        assert ended.result.startswith("Nothing was sent")


DECIDED = {
    "by the requester": ("alice", "change approve {id}", "none of these roles"),
    "by a guest": (GUEST, "change approve {id}", "guests may not change anything"),
    "by somebody without the role": ("vera", "change approve {id}", "There is no change"),
    "of a change that is not there": ("bob", "change approve c-222222", "There is no change"),
    "with the value of another button": (
        "bob",
        "change approve {id} --digest 000000000000",
        "for another plan",
    ),
    "a denial with such a value": ("bob", "change deny {id} --digest 00000000", "for another plan"),
    "a confirmation in place of approval": ("alice", "change confirm {id}", "confirming it isn't enough"),
    "withdrawn by a bystander": ("vera", "change withdraw {id}", "There is no change"),
    "taken back by who gave nothing": ("carol", "change approve {id} --take-back", "have not approved"),
    "broken glass without a reason": ("bob", "change breakglass {id}", "--reason"),
    "settled while it waits": ("bob", "change settle {id} ran", "nothing to settle"),
}


@pytest.mark.parametrize("case", DECIDED)
async def test_a_decision_that_does_not_count(tmp_path, case):
    who, line, words = DECIDED[case]
    async with change_stage() as stage, stage.room(tmp_path / "data") as room:
        record = await room.asks("alice", f"restore {stage.clusters('v1')[0].id} --to {TARGET}")

        assert words in await refused(stage, room, who, line.format(id=record.id))


async def test_the_requester_does_not_approve_a_restore_even_with_the_role(tmp_path):
    async with change_stage() as stage, stage.room(tmp_path / "data") as room:
        record = await room.asks("bob", f"restore {stage.clusters('v1')[0].id} --to {TARGET}")

        assert "somebody else" in await refused(stage, room, "bob", f"change approve {record.id}")


@pytest.mark.parametrize("word", ["approve", "deny", "withdraw", "breakglass"])
async def test_nothing_is_decided_about_what_is_over(tmp_path, word):
    async with change_stage() as stage, stage.room(tmp_path / "data") as room:
        record = await room.asks("alice", f"restore {stage.clusters('v1')[0].id} --to {TARGET}")
        await room.says("bob", f"change deny {record.id}")

        assert "already denied" in await refused(stage, room, "carol", f"change {word} {record.id}")


async def test_a_second_click_is_told_that_the_first_has_counted(tmp_path):
    async with change_stage() as stage:
        settings = tmp_path / "app.yaml"
        settings.write_text(stage.settings.read_text().replace("roles: {dba: 1}", "roles: {dba: 2}"))
        stage.settings = settings
        async with stage.room(tmp_path / "data") as room:
            record = await room.asks("alice", f"restore {stage.clusters('v1')[0].id} --to {TARGET}")
            await room.says("bob", f"change approve {record.id}")

            assert "approved" in await refused(stage, room, "bob", f"change approve {record.id}")


async def test_nobody_decides_after_the_time_is_over(tmp_path):
    async with change_stage() as stage, stage.room(tmp_path / "data") as room:
        record = await room.asks("alice", f"restore {stage.clusters('v1')[0].id} --to {TARGET}")
        stage.clock.ahead += timedelta(hours=25).total_seconds()

        assert "expired at" in await refused(stage, room, "bob", f"change approve {record.id}")


async def test_of_two_requests_for_one_cluster_the_second_is_looked_at_again_when_its_turn_comes(
    tmp_path,
):
    async with approved_restore(tmp_path) as (stage, room, first, cluster):
        second = await room.asks("alice", f"restore {cluster.id} --to {TARGET}")
        await room.says("carol", f"change approve {second.id}")
        async with stage.served(tmp_path / "data"):
            done = await room.until(first.id)
            other = await room.until(second.id)

        assert len(stage.posts(cluster)) == 1
        assert (done.state, other.state) == (ChangeState.DONE, ChangeState.REPLACED)
        assert other.started_at >= done.ended_at


async def test_who_is_nobody_in_slack_asks_for_nothing(tmp_path):
    async with change_stage() as stage, stage.room(tmp_path / "data") as room:
        nobody = replace(person("alice"), person="")

        assert "terminal may only read" in await refused(stage, room, nobody, "change approve c-222222")
