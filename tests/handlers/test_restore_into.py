"""`restore --into`: a new cluster beside, planned as by `cluster create`, for people who may create one."""

from dataclasses import replace
from datetime import timedelta

import pytest
from change_requests import ALICE, BOB, ask, carried_out, cluster, now
from one_contract import SETTINGS
from terminal_site import terminal_site
from workflow_kit import WorkflowRunner, hurry

from bot.changes.record import ChangeState
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio
V1, V2 = "orders-prod", "payments-prod"
NEW = "beside-restored"


def id_of(terminal, name):
    found = cluster(terminal, name)
    return found.backups[0].v1_id if found.api == "v1" else found.backups[0].v2_id


@pytest.mark.parametrize("name", [V1, V2])
@pytest.mark.parametrize(
    ("how", "to"),
    [("--to 2h", "--to 2h"), ("--newest", ""), ("--backup {id}", ""), ("--backup {id} --to 3d", "--to 3d")],
)
async def test_it_is_what_cluster_create_plans(terminal, name, how, to):
    backup = id_of(terminal, name)
    plan = (await ask(terminal, f"restore {name} {how.format(id=backup)} --into {NEW} --reason x", BOB)).plan
    line = f"cluster create {NEW} --like {name} --from-backup {backup} {to} --reason x"

    assert plan == (await ask(terminal, line, BOB)).plan
    assert (plan.command, plan.target.name) == ("cluster create", NEW)


async def test_the_backup_is_chosen_as_for_a_restore_in_place(terminal):
    found, cut = cluster(terminal, V1), terminal.kernel.clock.now() - timedelta(days=3)
    old = replace(found.backups[0], ended_at=cut)
    found.backups = [old, replace(found.backups[0], suffix="newone1", created_at=cut, recoverable_at=cut)]
    plan = (await ask(terminal, f"restore {V1} --to 4d --into {NEW} --reason x", BOB)).plan

    assert plan.order["from_backup"] == {"backup_id": old.v1_id, "target": "2026-11-19T09:00:00Z"}


@pytest.mark.parametrize("name", [V1, V2])
async def test_it_makes_the_cluster_and_leaves_the_other_alone(terminal, name):
    record = await ask(terminal, f"restore {name} --to 2h --into {NEW} --reason x", BOB)

    assert await carried_out(terminal, record) == []
    assert cluster(terminal, NEW).phase.value == "AVAILABLE"
    assert [post["id"] for post in terminal.cloud.posts.rows()] == [""], "one, and about no cluster there was"


async def test_it_is_planned_again_as_what_it_is(terminal):
    runner = WorkflowRunner(terminal)
    record = await runner.start(f"restore {V1} --to 2h --into {NEW} --reason x")
    async with hurry(terminal):
        assert not await runner.run(record)

    assert (await now(terminal, record)).state is ChangeState.DONE


async def test_a_cluster_that_cannot_be_changed_can_be_restored_beside(terminal):
    plan = (await ask(terminal, f"restore analytics-dev --newest --into {NEW} --reason x", BOB)).plan

    assert plan.order["from_backup"]["backup_id"] == id_of(terminal, "analytics-dev")


async def test_who_may_not_create_clusters_may_not_restore_into_one(tmp_path, monkeypatch):
    path = tmp_path / "app.yaml"
    text = SETTINGS.read_text(encoding="utf-8").replace(
        '["cluster *", "backup *"', '["cluster show", "backup *"'
    )
    path.write_text(text, encoding="utf-8")
    async with terminal_site(tmp_path, monkeypatch, settings=path) as terminal:
        beside = await terminal.run(f"restore {V1} --to 2h --into {NEW} --reason x", ALICE)
        in_place = await terminal.run(f"restore {V1} --to 2h --reason x", ALICE)

    assert beside.title.startswith("You may not run “cluster create” here")
    assert in_place.ok


async def test_policy_asks_for_what_a_creation_needs(terminal):
    beside = await ask(terminal, f"restore {V1} --to 2h --into {NEW}", ALICE)
    created = await ask(
        terminal, f"cluster create {NEW} --like {V1} --from-backup {id_of(terminal, V1)}", ALICE
    )

    assert beside.need == created.need


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (f"restore {V1} --into {NEW}", "No target time was given."),
        (f"restore {V1} --to 2h --into orders-next", "app.yaml has none for one called orders-next"),
        (f"restore {V1} --to 30d --into {NEW}", "no backup covers that time"),
        (f"restore {V1} --to 2h --into payments-prod --backup nonsense", "is not a backup of orders-prod"),
    ],
)
async def test_what_cannot_be_is_said_before_anything_is_kept(terminal, line, says):
    reply = await terminal.run(line, BOB)

    assert not reply.ok
    assert says in reply.title
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []


async def test_the_line_of_the_other_tool_is_that_of_a_creation(terminal):
    reply = await terminal.run(f"restore {V1} --to 2h --into {NEW} --reason x --as cli", BOB)

    assert "ionosctl dbaas postgres cluster create " in render_plain(reply)
    assert f"--name {NEW} " in render_plain(reply)
