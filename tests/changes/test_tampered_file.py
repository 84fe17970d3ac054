"""Rows put into the file as in the security test: nothing is sent, everybody hears, the turn is kept."""

import asyncio
import json

import pytest
from approved_change import put_secrets
from change_kit import TARGET, change_stage
from tampered_changes import Intruder

from bot.changes.record import ChangeState
from bot.demo.http_client import loopback_client

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    put_secrets(monkeypatch)


def insert_vote(file, change, voter="U0CAROL"):
    """Vote as somebody else and move the change on, as the bot would have stored it."""
    file.run(
        "INSERT INTO votes (change_id, voter, name, word, roles, digest, at)"
        " SELECT id, ?, 'carol', 'approve', '[\"dba\"]', digest, proposed_at FROM changes"
        " WHERE id = ?",
        voter,
        change,
    )
    move(file, change)


def move(file, change, state="approved"):
    file.run("UPDATE changes SET state = ?, ended_at = NULL, result = '' WHERE id = ?", state, change)


def insert_approved(file, change):
    """Add a change like this one, approved, which nobody ever proposed."""
    row = file.run("SELECT * FROM changes WHERE id = ?", change)[0] | {"id": "c-forged", "state": "approved"}
    marks = ", ".join("?" for _ in row)
    file.run(f"INSERT INTO changes ({', '.join(row)}) VALUES ({marks})", *row.values())  # noqa: S608


def weaken(file, change):
    """Take the approval out of what it needs, and go ahead."""
    need = json.loads(file.run("SELECT need FROM changes WHERE id = ?", change)[0]["need"])
    text = json.dumps(need | {"kind": "none", "roles": {}})
    file.run("UPDATE changes SET need = ?, state = 'approved' WHERE id = ?", text, change)


def swap_plan(file, change, other):
    """Put the plan for another cluster, with its digest, into an approved change and its votes."""
    plan = file.run("SELECT plan, digest FROM changes WHERE id = ?", other)[0]
    file.run("UPDATE changes SET plan = ?, digest = ? WHERE id = ?", plan["plan"], plan["digest"], change)
    file.run("UPDATE votes SET digest = ? WHERE change_id = ?", plan["digest"], change)


def edit_roles(file, change):
    file.run('UPDATE votes SET roles = \'["dba", "owner"]\' WHERE change_id = ?', change)


class Scene:
    """Changes on clusters of their own, and what was done to them in the file."""

    def __init__(self, stage, room):
        self.stage, self.room = stage, room
        self.clusters = iter(stage.clusters("v1"))
        self.targets = {}

    async def proposed(self):
        cluster = next(self.clusters)
        record = await self.room.asks("alice", f"restore {cluster.id} --to {TARGET}")
        self.targets[record.id] = cluster
        return record.id

    async def approved(self):
        change = await self.proposed()
        assert (await self.room.says("bob", f"change approve {change}")).ok
        return change

    async def denied(self):
        change = await self.proposed()
        assert (await self.room.says("bob", f"change deny {change}")).ok
        return change


async def forged_into(scene, file):
    """Have the file say that changes may run which nobody approved; return the changes."""
    voted, weakened, denied = await scene.proposed(), await scene.proposed(), await scene.denied()
    insert_vote(file, voted)
    insert_approved(file, await scene.proposed())
    weaken(file, weakened)
    move(file, denied)
    return {voted, "c-forged", weakened, denied}


async def edited_in(scene, file):
    """Edit changes that people approved; return the changes."""
    edited, swapped = await scene.approved(), await scene.approved()
    edit_roles(file, edited)
    swap_plan(file, swapped, await scene.proposed())
    return {edited, swapped}


async def stopped(room, changes):
    """Wait until an alarm is open about each of these changes."""
    async with asyncio.timeout(120):
        while {each.change for each in room.rows.log.alarms} != changes:
            await asyncio.sleep(0.02)
    return {each.change: each.why for each in room.rows.log.alarms}


async def in_channel(stage, words):
    """Wait for a message outside of threads with these words."""
    async with asyncio.timeout(120):
        while not any(words in each.text for each in stage.messages()):
            await asyncio.sleep(0.02)


async def test_what_was_put_into_the_file_while_the_bot_was_stopped_is_never_sent(tmp_path):
    async with change_stage() as stage:
        async with stage.room(tmp_path / "data") as room:
            scene, file = Scene(stage, room), Intruder(tmp_path / "data" / "pgbot.db")
            changes = await forged_into(scene, file) | await edited_in(scene, file)
        async with stage.served(tmp_path / "data") as room:
            why = await stopped(room, changes)
            await room.told()

        assert stage.cloud.posts.rows() == []
        assert why.keys() == changes


async def test_what_is_put_into_the_file_while_it_runs_is_never_sent(tmp_path):
    async with change_stage() as stage, stage.served(tmp_path / "data") as room:
        changes = await forged_into(Scene(stage, room), Intruder(tmp_path / "data" / "pgbot.db"))
        room.kernel.waker()
        await stopped(room, changes)

        assert stage.cloud.posts.rows() == []


@pytest.mark.parametrize("point", ["claimed", "before observing", "observed", "before arming"])
async def test_what_is_edited_at_any_point_before_it_is_sent_is_never_sent(tmp_path, point):
    file = Intruder(tmp_path / "data" / "pgbot.db")

    def edit(name):
        if name == point:
            (running,) = file.run("SELECT id FROM changes WHERE state = 'running'")
            swap_plan(file, running["id"], other)

    async with change_stage() as stage, stage.served(tmp_path / "data", edit) as room:
        scene = Scene(stage, room)
        other = await scene.proposed()
        change = await scene.approved()
        await stopped(room, {change})

        assert stage.cloud.posts.rows() == []


async def test_people_the_channel_readyz_and_the_log_hear_of_it_and_the_turn_is_kept(tmp_path):
    async with change_stage() as stage:
        async with stage.room(tmp_path / "data") as room:
            scene = Scene(stage, room)
            change = await scene.approved()
            edit_roles(Intruder(tmp_path / "data" / "pgbot.db"), change)
        async with stage.served(tmp_path / "data") as room, loopback_client() as http:
            await stopped(room, {change})
            cluster = scene.targets[change]
            waiting = await room.asks("alice", f"restore {cluster.id} --to {TARGET}")
            assert (await room.says("carol", f"change approve {waiting.id}")).ok
            ready = (await http.get(f"{room.url}/readyz")).json()
            await room.told()
            held = await room.until(change, ChangeState.UNKNOWN)
            stood = (await room.rows.get(waiting.id)).state
            (alarm,) = await room.audit(kind="alarm")
            await in_channel(stage, f"Error: {change} was stopped: the audit log does not prove it")
            thread = str([each.blocks for each in stage.messages((await room.rows.cards(change))[0].ts)])
            before = len(stage.posts(cluster))
            assert (await room.says("bob", f"change settle {change} not-run")).ok
            after = await room.until(waiting.id)

        assert (stood, before) == (ChangeState.APPROVED, 0)
        why = {"audit": f"The log does not prove {change}."}
        assert (ready["audit"], ready["stuck_changes"], ready["why"]) == (False, 1, why)
        assert (alarm["change"], alarm["outcome"]) == (change, "stopped")
        assert "bob did not have the roles dba, owner in audit row" in held.result
        assert "U0BOB" in thread
        assert "U0CAROL" in thread
        assert (after.state, len(stage.posts(cluster))) == (ChangeState.DONE, 1)
