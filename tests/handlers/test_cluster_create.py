"""`cluster create`: like another, from a backup, or from what is said; with a user that nobody types."""

from datetime import timedelta

import pytest
from decisions import ALICE, BOB, ask, carried_out, cluster, effects
from terminal_site import terminal_site

from bot.demo.stage import SETTINGS

pytestmark = pytest.mark.anyio
LIKE = "cluster create payments-prod-2 --like payments-prod"


async def test_like_another_cluster_with_a_free_address(terminal):
    record = await ask(terminal, LIKE, BOB)

    told, near = effects(record), cluster(terminal, "payments-prod").network
    assert told["Place"] == ("", "de/txl, v2 API, contract shop")
    assert told["Primary user"] == ("", "payments, database payments")
    assert near.address not in told["Network"][1]
    assert "is a guess" in record.plan.warnings[0]
    assert "hunter" not in record.plan.model_dump_json()
    assert await carried_out(terminal, record) == []
    assert terminal.cloud.calls.count("POST", "/clusters") == 1


async def test_its_final_arguments_plan_the_same_again(terminal):
    record = await ask(terminal, LIKE, BOB)
    command = terminal.kernel.dispatcher.registry.get(("cluster", "create"))

    again = command.arguments(**record.plan.arguments)
    assert (again.like, again.region, again.version) == (None, "de/txl", record.plan.arguments["version"])


async def test_from_a_backup_at_a_time(terminal):
    backup = cluster(terminal, "payments-prod").backups[0].v2_id
    record = await ask(terminal, f"{LIKE} --from-backup {backup} --to 2h", BOB)

    assert record.plan.order["from_backup"] == {"backup_id": backup, "target": "2026-11-23T07:00:00Z"}
    assert "2026-11-23 07:00:00 UTC" in effects(record)["Data"][1]
    assert await carried_out(terminal, record) == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("cluster create payments-prod --like payments-prod", "There is a cluster payments-prod"),
        ("cluster create orders-next --like orders-prod", "app.yaml has none for one called orders-next"),
        ("cluster create payments-prod-2", "In which contract?"),
        ("cluster create payments-prod-2 --contract shop", "Where shall it be?"),
        ("cluster create payments-prod-2 --contract shop --region de/txl", "In which network?"),
        (f"{LIKE} --to 2h", "--to needs a backup"),
        (f"{LIKE} --from-backup nonsense", "is no backup that you may see"),
        (f"{LIKE} --version 9", "PostgreSQL 9 is not offered there"),
        (f"{LIKE} --ram 1", "RAM"),
    ],
)
async def test_what_cannot_be_is_said_before_anything_is_kept(terminal, line, says):
    reply = await terminal.run(line, BOB)

    assert not reply.ok
    assert says in reply.title
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []


BY_TIER = (
    ('  - {match: {name: "*test*"}, tier: test}\n', '  - {match: {name: "*"}, tier: test}\n'),
    ("  - to: [developer]\n", "  - to: [developer]\n    clusters: [{tier: test}]\n"),
)
"""Whatever is not tagged before is test, and developers have what is test."""


def settings(tmp_path, *changes):
    """The demo's, with these texts in the place of others."""
    text = SETTINGS.read_text()
    for before, after in changes:
        assert text.count(before) == 1
        text = text.replace(before, after)
    path = tmp_path / "app.yaml"
    path.write_text(text)
    return path


async def remove(terminal, record):
    """Delete a cluster at the cloud, and let it be gone."""
    there = await terminal.kernel.fleet.clusters()
    await terminal.kernel.fleet.delete(next(each for each in there.items if each.name == record.name))
    terminal.kernel.clock.advance(timedelta(hours=1))


def beside(record):
    """The line that makes a cluster of its backup, in its place and network."""
    near = record.network
    return (
        f"cluster create orders-copy-restored --from-backup {record.backups[-1].v1_id} "
        f"--version {record.version} --region {record.location} --datacenter {near.datacenter_id} "
        f"--lan {near.lan_id} --address 10.9.9.7/24"
    )


async def test_a_backup_of_a_cluster_that_is_gone_is_not_for_whoever_may_see_any_name(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch, settings=settings(tmp_path, *BY_TIER)) as terminal:
        prod = cluster(terminal, "orders-prod")
        before = await terminal.run(beside(prod), ALICE)
        await remove(terminal, prod)

        after = await terminal.run(beside(prod), ALICE)
        record = await ask(terminal, beside(prod), BOB)

    assert "is no backup that you may see" in before.title
    assert "is no backup that you may see" in after.title
    assert record.plan.order["from_backup"]["backup_id"] == prod.backups[-1].v1_id


COPYING = (
    (
        'changes: ["restore", "cluster delete", "cluster upgrade"]',
        'changes: ["restore", "cluster delete", "cluster upgrade", "cluster create"]',
    ),
    ('  - match: {name: "*-restored*"}', '  - match: {name: "scratch*"}'),
)
"""Making what is prod needs two of dba, and scratch may be made by everybody who may make a cluster."""


async def test_a_copy_of_prod_needs_what_prod_needs_whatever_it_is_called(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch, settings=settings(tmp_path, *COPYING)) as terminal:
        prod = cluster(terminal, "orders-prod")
        line = beside(prod).replace("orders-copy-restored", "scratch-1")
        record = await ask(terminal, f"{line} --reason test", ALICE)
        empty = await ask(terminal, "cluster create scratch-2 --like orders-prod", ALICE)
        await remove(terminal, prod)
        gone = await ask(terminal, line, ALICE)

    assert (record.need.roles, record.plan.source.id) == ({"dba": 2}, prod.id)
    assert record.plan.warnings == ("It copies the data of orders-prod, with its users.",)
    assert (empty.need.words(), empty.plan.source) == ("a confirmation", None)
    assert gone.need.words() == "a confirmation"
    assert gone.plan.warnings == (
        f"It copies the data of a cluster that is gone ({prod.id}), with its users.",
    )


async def test_nothing_is_copied_while_nobody_can_tell_whose_data_it_is(terminal):
    prod = cluster(terminal, "orders-prod")
    await remove(terminal, prod)
    await terminal.fault(kind="status", status=403, api="v2", region="de-fra", path="/clusters")

    reply = await terminal.run(beside(prod), BOB)

    assert not reply.ok
    assert "Nobody can tell which cluster backup" in reply.title
