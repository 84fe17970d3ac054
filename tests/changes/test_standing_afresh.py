"""Right before a request leaves, Slack is asked again who may have it sent: no earlier answer counts."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from approved_change import put_secrets
from change_kit import SETTINGS, SPEED, TARGET, change_stage

from bot.changes.record import ChangeState
from bot.demo.workspace import user_actions
from bot.demo.workspace.members import OTHER_TEAM, Group
from bot.demo.workspace.slack_faults import SlackFault

pytestmark = pytest.mark.anyio
BY_GROUP = ("dba: [U0BOB, U0CAROL]", "dba: [S0DBA, U0CAROL]")


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    put_secrets(monkeypatch)


def deactivate(stage, who):
    stage.workspace.people[who] = replace(stage.workspace.people[who], deleted=True)


def become_guest(stage, who):
    stage.workspace.people[who] = replace(stage.workspace.people[who], guest=True)


def move_away(stage, who):
    stage.workspace.people[who] = replace(stage.workspace.people[who], team=OTHER_TEAM)


def leave_group(stage, _who):
    group = stage.workspace.groups["S0DBA"]
    stage.workspace.groups["S0DBA"] = replace(group, users=())


LEAVING = (deactivate, become_guest, move_away)


@asynccontextmanager
async def about_to_be_sent(tmp_path, happens, *, mode="socket", by_group=False, glass=False, speed=SPEED):
    """Run a change that is approved while the bot runs, so that Slack has just been asked about everybody;
    `happens` is called at the last point before it would be sent. Yield stage, room, change and cluster."""
    path = tmp_path / "app.yaml"
    path.write_text(SETTINGS.read_text().replace(*(BY_GROUP if by_group else ("", ""))))
    async with change_stage(settings=path, speed=speed) as stage:
        stage.workspace.groups["S0DBA"] = Group(id="S0DBA", handle="dba", name="DBA", users=("U0BOB",))
        cluster = stage.clusters("v1")[0]

        def at_point(name):
            if name == "before arming":
                happens(stage)

        async with stage.served(tmp_path / "data", at_point, mode) as room:
            record = await room.asks("alice", f"restore {cluster.id} --to {TARGET}")
            line = f"change approve {record.id}"
            if glass:
                line = f"change breakglass {record.id} --name {cluster.name} --reason fire"
            await decide_in_slack(stage, line)
            yield stage, room, record, cluster


async def decide_in_slack(stage, line):
    """Let Bob type it in Slack, where user groups count."""
    outcome = await user_actions.slash(stage.workspace, user="U0BOB", channel="C0OPS", text=f"/pg {line}")
    assert outcome.ok, outcome


@pytest.mark.parametrize("mode", ["socket", "http"])
@pytest.mark.parametrize("glass", [False, True], ids=["approved", "break-glass"])
@pytest.mark.parametrize("leave", LEAVING)
async def test_somebody_who_left_in_the_last_minute_decides_nothing(tmp_path, leave, glass, mode):
    left = []

    def happens(stage):
        left.append(leave(stage, "U0BOB"))

    async with about_to_be_sent(tmp_path, happens, mode=mode, glass=glass) as (stage, room, record, cluster):
        ended = await room.until(record.id)

    assert len(left) == 1
    assert stage.posts(cluster) == []
    assert ended.state is ChangeState.FAILED
    assert ended.result.startswith("Nothing was sent: ")
    assert (
        "no longer has the role" in ended.result
        if glass
        else "The approval of bob no longer counts: the account" in ended.result
    )


@pytest.mark.parametrize("leave", LEAVING)
async def test_a_requester_who_left_in_the_last_minute_has_nothing_sent(tmp_path, leave):
    async with about_to_be_sent(tmp_path, lambda stage: leave(stage, "U0ALICE")) as found:
        stage, room, record, cluster = found
        ended = await room.until(record.id)

    assert stage.posts(cluster) == []
    assert ended.state is ChangeState.FAILED
    assert "Nothing was sent: You may not run “restore” here" in ended.result


async def test_an_approver_who_was_taken_out_of_the_group_no_longer_counts(tmp_path):
    async with about_to_be_sent(tmp_path, lambda stage: leave_group(stage, "U0BOB"), by_group=True) as (
        stage,
        room,
        record,
        cluster,
    ):
        ended = await room.until(record.id)

    assert stage.posts(cluster) == []
    assert "The approval of bob no longer counts: the role was removed" in ended.result


@pytest.mark.parametrize("method", ["users.info", "usergroups.users.list"])
async def test_while_slack_is_silent_it_is_not_sent_and_keeps_its_turn(tmp_path, method):
    def happens(stage):
        if not silent:
            silent.append(
                stage.workspace.faults.add(SlackFault(target=method, kind="server_error", times=99))
            )

    silent = []
    async with about_to_be_sent(tmp_path, happens, by_group=True) as (stage, room, record, cluster):
        async with asyncio.timeout(120):
            while "Nothing was sent yet" not in (now := await room.rows.get(record.id)).progress:
                await asyncio.sleep(0.02)
        before = list(stage.posts(cluster))
        stage.workspace.faults.clear()
        ended = await room.until(record.id)

    assert (before, now.state, now.is_unsent) == ([], ChangeState.RUNNING, True)
    assert (ended.state, len(stage.posts(cluster))) == (ChangeState.DONE, 1)


async def test_a_slack_that_stays_silent_for_an_hour_ends_it_unsent(tmp_path):
    def happens(stage):
        # The kept answers are still good, so that planning again succeeds each time.
        stage.workspace.faults.add(SlackFault(target="users.info", kind="server_error", times=1))
        stage.clock.ahead += 300

    async with about_to_be_sent(tmp_path, happens, speed=1_000) as (stage, room, record, cluster):
        ended = await room.until(record.id)

    assert stage.posts(cluster) == []
    assert ended.state is ChangeState.FAILED
    assert "Nothing was sent: Slack does not say who requested and approved it" in ended.result
