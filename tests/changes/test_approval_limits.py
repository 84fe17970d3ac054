"""Limits of decisions: a change whose decisions are too old when it could be sent asks again."""

import asyncio
import json
import re
import tempfile
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from approved_change import put_secrets
from change_kit import SETTINGS, change_stage
from change_requests import become
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_changes import StoredChanges, approval, need, plan_entry
from yaml_files import read_yaml, write_yaml

from bot.audit.evidence.program import problems
from bot.changes import transitions
from bot.changes.card import describe_progress, load_card
from bot.changes.decision_checks import DecisionAges, find_allowed_age
from bot.changes.record import ChangeState
from bot.demo.virtual_clock import EPOCH
from bot.domain.approval_requirement import EXTRA_LOSS, RequirementKind
from bot.domain.attempt import Attempt
from bot.domain.reply import File
from bot.domain.reply_text import render_plain

RESTORE = {"changes": ["restore"], "roles": {"dba": 1}, "expires": "1h"}
BRIEF = {"changes": ["cluster maintenance"], "valid_for": "30m"}
MINUTES_AGO = f"{EPOCH - timedelta(minutes=30):%Y-%m-%dT%H:%MZ}"


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    put_secrets(monkeypatch)


@asynccontextmanager
async def ruled(tmp_path, *rules):
    """Open a stage under these approval rules, and people in front of it: yield both, and a cluster."""
    document = read_yaml(SETTINGS)
    document["approvals"]["rules"] = list(rules)
    write_yaml(tmp_path / "app.yaml", document)
    async with (
        change_stage(settings=tmp_path / "app.yaml") as stage,
        stage.room(tmp_path / "data") as room,
    ):
        yield stage, room, stage.clusters("v1")[0]


def advance(stage, **by):
    stage.clock.ahead += timedelta(**by).total_seconds()


async def replaced_by(room, record):
    """Wait until the change is replaced; return it and the one in its place."""
    old = await room.until(record.id, ChangeState.REPLACED)
    await room.told()
    return old, await room.rows.replacing(record.id)


@pytest.mark.anyio
async def test_a_restore_that_a_freeze_held_over_the_weekend_asks_again(tmp_path):
    weekend = {"days": ["mon", "tue", "wed"], "zone": "UTC"}
    async with ruled(tmp_path, {**RESTORE, "freeze": [weekend]}) as (stage, room, cluster):
        async with stage.served(tmp_path / "data") as served:
            record = await served.asks("alice", f"restore {cluster.id} --to {MINUTES_AGO}")
            told = render_plain(await served.says("bob", f"change approve {record.id}"))
            held = await served.rows.get(record.id)
            advance(stage, days=3)
            old, new = await replaced_by(served, record)
            lines = await served.rows.milestones(record.id)
            asked = await served.rows.milestones(new.id)
            busy = await served.rows.busy()
        found = await room.rows.evidence(new.id)

        assert stage.posts(cluster) == []
    assert "Held by a change freeze until 2026-11-26 00:00:00 UTC, then needs new decisions" in told
    assert describe_progress(held) in told
    assert (
        "it was approved 3 days 1 hour ago, and decisions are valid for 15 minutes of further data loss"
        in old.result
    )
    assert old.result.endswith(f"{new.id} supersedes it and needs a new decision")
    assert lines[-1].tells == ("U0ALICE",)  # the new change mentions those who decided
    assert set(asked[0].tells) == {"U0BOB", "U0CAROL"}
    assert (new.state, busy, found.votes) == (ChangeState.PROPOSED, set(), ())
    assert "3 days 1 hour of data when requested" in new.plan.warnings[0]


@pytest.mark.anyio
async def test_a_restore_behind_a_change_of_unknown_outcome_asks_again(tmp_path):
    async with ruled(tmp_path, {**RESTORE, "extra_loss": "50m"}) as (stage, room, cluster):
        first, second = [await room.asks("alice", f"restore {cluster.id} --to {MINUTES_AGO}") for _ in "ab"]
        for each in (first, second):
            await room.says("bob", f"change approve {each.id}")
        await become(room.kernel, first.id, unknown=True)
        waiting = await room.rows.get(second.id)
        card = render_plain(await load_card(waiting, room.rows))
        listed = render_plain(await room.says("alice", "change list"))
        advance(stage, days=5)
        async with stage.served(tmp_path / "data") as served:
            await served.says("bob", f"change settle {first.id} not-run")
            _, new = await replaced_by(served, second)
            assert (await served.says("bob", f"change approve {new.id}")).ok
            ended = await served.until(new.id)
            shown = await served.says("bob", f"change show {second.id} --bundle")

        assert len(stage.posts(cluster)) == 1
    until = waiting.votes[0].at + timedelta(minutes=50)
    for text in (card, listed):
        assert f"Queued behind {first.id} on the same cluster, next in line" in text
        assert f"If it isn't sent by {until:%Y-%m-%d %H:%M:%S} UTC, it needs new decisions" in text
    assert ended.state is ChangeState.DONE
    [bundle] = [json.loads(part.content) for part in shown.parts if isinstance(part, File)]
    assert list(problems(bundle)) == []


@pytest.mark.anyio
@pytest.mark.parametrize("point", ["before arming", "observed"])
async def test_a_decision_that_gets_too_old_before_the_request_leaves_does_not_let_it(tmp_path, point):
    async with ruled(tmp_path, {**RESTORE, "extra_loss": "50m"}) as (stage, room, cluster):
        record = await room.asks("alice", f"restore {cluster.id} --to {MINUTES_AGO}")
        await room.says("bob", f"change approve {record.id}")
        passed = []

        def at_point(name):
            if name == point and not passed:
                passed.append(name)
                advance(stage, minutes=51)

        async with stage.served(tmp_path / "data", at_point) as served:
            _, new = await replaced_by(served, record)

        assert stage.posts(cluster) == []
    assert (passed, new.state) == ([point], ChangeState.PROPOSED)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("rule", "decision", "needs", "verb"),
    [
        ({"need": "none"}, "", RequirementKind.CONFIRM, "requested"),
        ({"need": "confirm"}, "change confirm {}", RequirementKind.CONFIRM, "confirmed"),
        (
            {"roles": {"dba": 1}, "break_glass": ["dba"]},
            "change breakglass {} --name {} --reason x",
            RequirementKind.APPROVAL,
            "approved",
        ),
    ],
)
async def test_every_way_to_run_a_change_is_good_for_a_while_only(tmp_path, rule, decision, needs, verb):
    async with ruled(tmp_path, {**BRIEF, **rule}) as (stage, room, cluster):
        record = await room.asks("alice", f"cluster maintenance {cluster.id} --day sunday --time 03:30")
        who = "bob" if "breakglass" in decision else "alice"
        assert not decision or (await room.says(who, decision.format(record.id, cluster.name))).ok
        advance(stage, minutes=31)
        async with stage.served(tmp_path / "data") as served:
            old, new = await replaced_by(served, record)
            again = decision.format(new.id, cluster.name) or f"change confirm {new.id}"
            assert (await served.says(who, again)).ok
            ended = await served.until(new.id)

        assert (ended.state, len(stage.posts(cluster))) == (ChangeState.DONE, 1)
    words = rf"it was {verb} \d+ minutes ago, and decisions are valid for 30 minutes\. {new.id} supersedes it"
    assert re.search(words, old.result)
    assert new.need.kind is needs


@pytest.mark.anyio
async def test_a_change_that_needs_nothing_says_at_once_that_a_freeze_holds_it(tmp_path):
    rule = {**BRIEF, "need": "none", "freeze": [{"zone": "UTC", "to": "10:00"}]}
    async with ruled(tmp_path, rule) as (_stage, room, cluster):
        line = f"cluster maintenance {cluster.id} --day sunday --time 03:30"
        told = render_plain(await room.says("alice", line))

    assert "Held by a change freeze until 2026-11-23 10:00:00 UTC, then needs new decisions" in told
    assert "Nothing more is needed." in told


@pytest.mark.anyio
async def test_an_approval_that_got_too_old_while_others_were_missing_can_be_renewed(tmp_path):
    async with ruled(tmp_path, {**RESTORE, "roles": {"dba": 2}}) as (stage, room, cluster):
        record = await room.asks("alice", f"restore {cluster.id} --to {MINUTES_AGO}")
        line = f"change approve {record.id}"
        assert (await room.says("bob", line)).ok
        assert not (await room.says("bob", line)).ok
        advance(stage, minutes=16)
        assert (await room.says("bob", line)).ok
        assert (await room.says("carol", line)).ok
        shown = await room.says("bob", f"change show {record.id} --bundle")
        after = await room.rows.get(record.id)

    assert (after.state, len(after.votes)) == (ChangeState.APPROVED, 2)
    assert after.first_decided_at > record.proposed_at + timedelta(minutes=15)
    [bundle] = [json.loads(part.content) for part in shown.parts if isinstance(part, File)]
    assert list(problems(bundle)) == []


STEPS = st.lists(
    st.sampled_from(
        [
            *(("pass_time", minutes) for minutes in (5, 10, 20)),
            *(("set_clock", minutes) for minutes in (-120, -20, 45)),
            *(("freeze",), ("let_other_run",), ("send",)),
        ]
    ),
    min_size=2,
    max_size=8,
)


@settings(max_examples=25)
@given(steps=STEPS)
def test_no_restore_loses_more_than_was_approved_and_the_tolerance(steps):
    """Freezes, another change of the cluster, and a clock that is set back or forward come in any order."""
    with tempfile.TemporaryDirectory(prefix="pgbot-loss-") as folder:
        asyncio.run(let_it_wait(WaitingRestore(Path(folder)), [*steps, ("send",)]))


async def let_it_wait(waiting, steps):
    """Take an approved restore through these steps; numbers are minutes."""
    await waiting.room.open()
    await waiting.approve()
    for name, *minutes in steps:
        await getattr(waiting, name)(*minutes)
    await waiting.room.close()


class WaitingRestore:
    """A restore and another change of its cluster, both approved; `age` is how long ago that was."""

    def __init__(self, folder):
        self.room, self.age = StoredChanges(folder), timedelta()
        self.run_log, self.ages = self.room.run_log, DecisionAges(self.room.clock)

    async def approve(self):
        self.restore, self.other = [
            await self._approved(end) for end in (EPOCH - timedelta(minutes=30), None)
        ]

    async def _approved(self, loses_after):
        record = self.room.record("a", need(approval(roles={"dba": 1})), "eve")
        record = replace(record, plan=record.plan.model_copy(update={"loses_after": loses_after}))
        await self.room.rows.add(record, plan_entry(record))
        await self.room.rows.step(record.id, lambda now: transitions.approve(now, self.room.voter("ann")))
        self.ages.note(record.id, "ann")
        return record.id

    async def pass_time(self, minutes):
        self.age += timedelta(minutes=minutes)
        self.room.ticks += minutes * 60
        self.room.now += timedelta(minutes=minutes)

    async def set_clock(self, minutes):
        self.room.now += timedelta(minutes=minutes)

    async def freeze(self):
        record = await self.run_log.get_change(self.restore)
        await self.run_log.stays_running(record, self.room.now + timedelta(hours=1))

    async def let_other_run(self):
        await self.run_log.claim(await self.run_log.get_change(self.other))

    async def send(self):
        await self.run_log.stop(await self.run_log.get_change(self.other), "It was only in the way.")
        await self.run_log.claim(await self.run_log.get_change(self.restore))
        record = await self.run_log.get_change(self.restore)
        is_lapsed = partial(self.ages.describe_lapse, allowed=find_allowed_age(record, record.need))
        armed = await self.run_log.arm(record, Attempt(armed_at=self.room.now), is_lapsed)
        assert not armed or self.age <= EXTRA_LOSS
