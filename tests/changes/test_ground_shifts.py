"""An approved plan that is outdated when it is to run: nothing is sent, and people are told why."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from approved_change import approved_restore, put_secrets
from change_kit import TARGET, change_stage

from bot.changes.record import ChangeState
from bot.demo.cloud.faults import FaultOrder
from bot.demo.cloud.records import Phase
from bot.demo.http_client import loopback_client
from bot.demo.workspace.slack_faults import SlackFault

pytestmark = pytest.mark.anyio
FOR_EVER = 10_000


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    put_secrets(monkeypatch)


def resized(stage, cluster):
    cluster.cores += 1


def renamed(stage, cluster):
    cluster.name += "-old"


def touched(stage, cluster):
    cluster.modified_at = stage.clock.now()


def without_its_backup(stage, cluster):
    (backup, *_) = cluster.backups
    cluster.backups = [replace(backup, suffix=f"{backup.suffix}x")]


def with_a_later_backup(stage, cluster):
    (backup, *_) = cluster.backups
    later = stage.clock.now() - timedelta(days=1)
    cluster.backups = [replace(backup, created_at=later, recoverable_at=later)]


def failed(stage, cluster):
    cluster.phase = Phase.FAILED


def deleted(stage, cluster):
    stage.cloud.discard(cluster)


@pytest.mark.parametrize("api", ["v1", "v2"])
@pytest.mark.parametrize("shift", [resized, renamed, touched])
async def test_another_configuration_asks_anew(tmp_path, shift, api):
    async with approved_restore(tmp_path, api) as (stage, room, record, cluster):
        shift(stage, cluster)
        async with stage.served(tmp_path / "data"):
            ended = await room.until(record.id)
            await room.told()

        assert stage.posts(cluster) == []
        assert ended.state is ChangeState.REPLACED
        (new,) = [each for each in await room.all() if each.id != record.id]
        assert (new.state, new.votes, new.replaces) == (ChangeState.PROPOSED, (), record.id)
        assert new.id in ended.result
        assert ended.result.startswith("Nothing was sent, because ")


async def test_a_bot_that_stopped_while_it_asked_anew_asks_once(tmp_path):
    async with approved_restore(tmp_path) as (stage, room, record, cluster):
        # As if it had been stopped after the new proposal and before the end of the old change.
        await room.proposes("alice", record.plan, replaces=record.id)
        resized(stage, cluster)
        async with stage.served(tmp_path / "data"):
            again = await room.until(record.id)

        assert again.state is ChangeState.REPLACED
        assert len(await room.all()) == 2


@pytest.mark.parametrize("shift", [without_its_backup, with_a_later_backup, failed, deleted])
async def test_what_cannot_be_restored_any_more_is_not(tmp_path, shift):
    async with approved_restore(tmp_path) as (stage, room, record, cluster):
        shift(stage, cluster)
        async with stage.served(tmp_path / "data"):
            ended = await room.until(record.id)

        assert stage.posts(cluster) == []
        assert ended.state is ChangeState.FAILED
        assert ended.result.startswith("Nothing was sent: ")


@pytest.mark.parametrize(
    ("who", "what", "words"),
    [
        ("U0ALICE", {"deleted": True}, "the account is deactivated"),
        ("U0BOB", {"deleted": True}, "The approval of bob no longer counts"),
        ("U0BOB", {"guest": True}, "The approval of bob no longer counts"),
    ],
)
async def test_people_who_are_gone_neither_ask_nor_approve(tmp_path, who, what, words):
    async with approved_restore(tmp_path) as (stage, room, record, cluster):
        stage.workspace.people[who] = replace(stage.workspace.people[who], **what)
        async with stage.served(tmp_path / "data"):
            ended = await room.until(record.id)

        assert stage.posts(cluster) == []
        assert ended.state is ChangeState.FAILED
        assert words in ended.result


async def test_an_approver_who_left_the_role_no_longer_counts(tmp_path):
    async with approved_restore(tmp_path) as (stage, room, record, cluster):
        _settings(stage, tmp_path, "dba: [U0BOB, U0CAROL]", "dba: [U0CAROL]")
        async with stage.served(tmp_path / "data"):
            ended = await room.until(record.id)

        assert stage.posts(cluster) == []
        assert (ended.state, "no longer counts" in ended.result) == (ChangeState.FAILED, True)


@pytest.mark.parametrize("left", ["the role", "the company"])
async def test_whoever_goes_ahead_without_approval_must_still_be_allowed_to(tmp_path, left):
    async with change_stage() as stage, stage.room(tmp_path / "data") as room:
        cluster = stage.clusters("v1")[0]
        record = await room.asks("alice", f"restore {cluster.id} --to {TARGET}")
        line = f"change breakglass {record.id} --name {cluster.name} --reason x"
        assert (await room.says("bob", line)).ok
        if left == "the role":
            _settings(stage, tmp_path, "dba: [U0BOB, U0CAROL]", "dba: [U0CAROL]")
        else:
            bob = stage.workspace.people["U0BOB"]
            stage.workspace.people["U0BOB"] = replace(bob, deleted=True)
        async with stage.served(tmp_path / "data"):
            ended = await room.until(record.id)

        assert stage.posts(cluster) == []
        assert ended.state is ChangeState.FAILED
        assert "used break-glass no longer has the role" in ended.result


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("roles: {dba: 2}", "2 DBA approvals"),
        ("roles: {developer: 1}", "1 DBA approval, and 1 developer approval"),
        ("roles: {dba: 1, developer: 1}", "1 DBA approval and 1 developer approval"),
    ],
)
async def test_a_rule_that_asks_for_other_approvals_by_now_asks_anew(tmp_path, rule, words):
    """However many it asks for: one of another role is not the same."""
    async with approved_restore(tmp_path) as (stage, room, record, cluster):
        _settings(stage, tmp_path, "roles: {dba: 1}", rule)
        async with stage.served(tmp_path / "data") as served:
            ended = await room.until(record.id)
            new = await served.rows.replacing(record.id)

        assert stage.posts(cluster) == []
        assert ended.state is ChangeState.REPLACED
        assert f"app.yaml now requires more: {words}" in ended.result
        assert (new.state, new.need.words()) == (ChangeState.PROPOSED, words)


@pytest.mark.parametrize("rule", ["break_glass: []", "break_glass: [developer]"])
async def test_break_glass_that_a_rule_has_taken_back_no_longer_counts(tmp_path, rule):
    async with change_stage() as stage, stage.room(tmp_path / "data") as room:
        cluster = stage.clusters("v1")[0]
        record = await room.asks("alice", f"restore {cluster.id} --to {TARGET}")
        line = f"change breakglass {record.id} --name {cluster.name} --reason x"
        assert (await room.says("carol", line)).ok
        _settings(stage, tmp_path, "break_glass: [dba]", rule)
        async with stage.served(tmp_path / "data"):
            ended = await room.until(record.id)

        assert stage.posts(cluster) == []
        assert "used break-glass no longer has the role" in ended.result


async def test_a_rule_that_asks_for_less_by_now_asks_its_successor_for_no_less(tmp_path):
    """Else a rename between the two would be a way around."""
    async with approved_restore(tmp_path) as (stage, room, record, cluster):
        _settings(stage, tmp_path, "roles: {dba: 1}", "need: confirm")
        touched(stage, cluster)
        async with stage.served(tmp_path / "data") as served:
            await room.until(record.id)
            new = await served.rows.replacing(record.id)

        assert new.need.words() == record.need.words() == "1 DBA approval"


async def test_a_freeze_that_was_set_since_holds_it(tmp_path):
    async with approved_restore(tmp_path) as (stage, room, record, cluster):
        _settings(stage, tmp_path, "roles: {dba: 1}", 'roles: {dba: 1}, freeze: [{zone: "UTC"}]')
        async with stage.served(tmp_path / "data"):
            held = await _says(room, record, "Held by a change freeze")

        assert stage.posts(cluster) == []
        assert held.state is ChangeState.APPROVED


async def test_a_change_that_this_release_does_not_know_is_over(tmp_path):
    def alter(plan):
        return {"command": "restore sideways"}

    async with approved_restore(tmp_path, alter=alter) as (stage, room, record, cluster):
        assert (await room.says("alice", f"change confirm {record.id} --name {cluster.name}")).ok
        async with stage.served(tmp_path / "data"):
            ended = await room.until(record.id)

        assert stage.posts(cluster) == []
        assert ended.state is ChangeState.FAILED
        assert "This release has no command “restore sideways”" in ended.result


def _settings(stage, tmp_path, old, new):
    """Write another app.yaml, in force from the next start on."""
    assert old in stage.settings.read_text()
    changed = tmp_path / "app.yaml"
    changed.write_text(stage.settings.read_text().replace(old, new))
    stage.settings = changed


async def test_a_cluster_at_work_is_waited_for_and_its_work_not_taken_for_ours(tmp_path):
    async with approved_restore(tmp_path) as (stage, room, record, cluster):
        cluster.phase = Phase.CHANGING
        async with stage.served(tmp_path / "data"):
            await _says(room, record, "is BUSY")
            before = stage.posts(cluster)
            cluster.phase = Phase.AVAILABLE
            ended = await room.until(record.id)

        assert before == []
        assert len(stage.posts(cluster)) == 1
        assert ended.state is ChangeState.DONE


async def test_a_cloud_that_is_away_holds_an_approved_change_up_and_does_not_end_it(tmp_path):
    async with (
        approved_restore(tmp_path) as (stage, room, record, cluster),
        loopback_client() as http,
    ):
        await http.put(f"{stage.cloud_url}/_cloud/outages/v1", json={"how": "503"})
        async with stage.served(tmp_path / "data"):
            await _says(room, record, "Nothing was sent yet")
            await http.delete(f"{stage.cloud_url}/_cloud/outages/v1")
            ended = await room.until(record.id)

        assert len(stage.posts(cluster)) == 1
        assert ended.state is ChangeState.DONE


async def test_a_cloud_that_goes_away_after_the_plan_was_made_again_holds_it_up_as_well(tmp_path):
    points = []

    def at_point(name):
        points.append(name)
        if points.count("before arming") == 1 and name == "before arming":
            stage.cloud.faults.add(FaultOrder(kind="status", status=503, method="GET"))

    async with approved_restore(tmp_path) as (stage, room, record, cluster):
        async with stage.served(tmp_path / "data", at_point):
            await _says(room, record, "Nothing was sent yet")
            stage.cloud.faults.clear()
            ended = await room.until(record.id)

        assert points.count("before arming") > 1
        assert len(stage.posts(cluster)) == 1
        assert ended.state is ChangeState.DONE


async def test_a_slack_that_is_away_holds_it_up_and_gets_every_milestone_later(tmp_path):
    methods = []

    def at_point(name):
        if name == "before arming" and not methods:
            methods.extend(("users.info", "chat.postMessage", "chat.update"))
            for method in methods:
                stage.workspace.faults.add(SlackFault(target=method, kind="server_error", times=FOR_EVER))

    async with approved_restore(tmp_path) as (stage, room, record, cluster):
        async with stage.served(tmp_path / "data", at_point):
            # Who has approved it, or after a while which bot may send.
            waits = await _says(room, record, "Slack does not")
            stage.workspace.faults.clear()
            ended = await room.until(record.id)
            await room.told()

        assert waits.state is ChangeState.RUNNING
        assert (ended.state, len(stage.posts(cluster))) == (ChangeState.DONE, 1)
        (card,) = await room.rows.cards(record.id)
        told = [each.text.partition("\n")[0] for each in stage.messages(card.ts)]
        assert told == [each.words for each in await room.rows.milestones(record.id)]


async def test_a_change_whose_people_are_gone_is_shown_to_an_approver_and_keeps_no_other_waiting(tmp_path):
    async with approved_restore(tmp_path) as (stage, room, record, cluster):
        settings = tmp_path / "app.yaml"
        archived = f"clusters:\n  - {{match: {{id: {cluster.id}}}, channel: C0OLD}}"
        settings.write_text(stage.settings.read_text().replace("clusters:", archived))
        stage.settings = settings
        await room.says("alice", f"change withdraw {record.id}")
        await room.kernel.database.write(lambda db: db.execute("UPDATE changes SET requester = 'U0NOBODY'"))
        async with stage.served(tmp_path / "data"):
            other = await room.asks("alice", f"restore {stage.clusters('v1')[1].id} --to {TARGET}")
            async with asyncio.timeout(120):
                while not await room.rows.cards(other.id):
                    await asyncio.sleep(0.02)

        assert any(other.id in str(each.blocks) for each in stage.messages())
        # In the channel for approvals, else in an approver's direct messages.
        assert {each.channel for each in await room.rows.cards(record.id)} <= {"C0OPS", "D0BOB"}


async def _says(room, record, words):
    """Wait until the change's progress has these words."""
    async with asyncio.timeout(120):
        while words not in (now := await room.rows.get(record.id)).progress:
            await asyncio.sleep(0.02)
    return now
