"""`cluster create`: like another, from a backup, or from flags; with a user that nobody types."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from api_fakes import fleet, page, v1_cluster
from api_values import both_apis
from change_requests import ALICE, BOB, ask, carried_out, cluster, effects, now
from one_contract import SETTINGS
from terminal_site import terminal_site
from workflow_kit import WorkflowRunner, hurry

from bot.changes.record import ChangeState
from bot.domain.cluster import Api, Backup
from bot.domain.cluster_properties import describe_differences

pytestmark = pytest.mark.anyio
LIKE = "cluster create payments-prod-2 --like payments-prod"


async def test_like_another_cluster_with_a_free_address(terminal):
    record = await ask(terminal, LIKE, BOB)

    told, near = effects(record), cluster(terminal, "payments-prod").network
    assert told["Location"] == ("", "de/txl, v2 API, contract shop")
    assert told["Primary user"] == ("", "payments, database payments")
    assert near.address not in told["Network"][1]
    assert "may be taken" in record.plan.warnings[0]
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
        ("cluster create payments-prod --like payments-prod", "A cluster called payments-prod"),
        (
            "cluster create orders-next --like orders-prod",
            "app.yaml has none for one called orders-next",
        ),
        ("cluster create payments-prod-2", "No contract was given."),
        ("cluster create payments-prod-2 --contract shop", "No region was given."),
        ("cluster create payments-prod-2 --contract shop --region de/txl", "No network was given."),
        (f"{LIKE} --to 2h", "--to needs a backup"),
        (f"{LIKE} --from-backup nonsense", "There is no backup “nonsense” that you may see"),
        (f"{LIKE} --version 9", "PostgreSQL 9 is not available there"),
        (f"{LIKE} --ram 1", "RAM"),
    ],
)
async def test_what_cannot_be_is_said_before_anything_is_kept(three_contracts, line, says):
    reply = await three_contracts.run(line, BOB)

    assert not reply.ok
    assert says in reply.title
    assert await three_contracts.kernel.dispatcher.changes.rows.latest() == []


BY_TIER = (
    ('  - {match: {name: "*test*"}, tier: test}\n', '  - {match: {name: "*"}, tier: test}\n'),
    ("  - to: [developer]\n", "  - to: [developer]\n    clusters: [{tier: test}]\n"),
)
"""Whatever is not tagged before is test, and developers have what is test."""


def write_settings(tmp_path, *changes):
    """Write the demo's app.yaml, with these texts in the place of others."""
    text = SETTINGS.read_text()
    for before, after in changes:
        assert text.count(before) == 1
        text = text.replace(before, after)
    path = tmp_path / "app.yaml"
    path.write_text(text)
    return path


async def delete_cluster(terminal, record):
    """Delete a cluster at the cloud, and let it be gone."""
    there = await terminal.kernel.fleet.clusters()
    await terminal.kernel.fleet.delete(next(each for each in there.items if each.name == record.name))
    terminal.kernel.clock.advance(timedelta(hours=1))


def spell_copy_line(record):
    """Return the line that makes a cluster of its backup, in its place and network."""
    near = record.network
    return (
        f"cluster create orders-copy-restored --from-backup {record.backups[-1].v1_id} "
        f"--version {record.version} --region {record.location} --datacenter {near.datacenter_id} "
        f"--lan {near.lan_id} --address 10.9.9.7/24"
    )


async def test_a_backup_of_a_cluster_that_is_gone_is_not_for_whoever_may_see_any_name(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch, settings=write_settings(tmp_path, *BY_TIER)) as terminal:
        prod = cluster(terminal, "orders-prod")
        before = await terminal.run(spell_copy_line(prod), ALICE)
        await delete_cluster(terminal, prod)

        after = await terminal.run(spell_copy_line(prod), ALICE)
        record = await ask(terminal, spell_copy_line(prod), BOB)

    assert "that you may see" in before.title
    assert "that you may see" in after.title
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
    async with terminal_site(tmp_path, monkeypatch, settings=write_settings(tmp_path, *COPYING)) as terminal:
        prod = cluster(terminal, "orders-prod")
        line = spell_copy_line(prod).replace("orders-copy-restored", "scratch-1")
        record = await ask(terminal, f"{line} --reason test", ALICE)
        empty = await ask(terminal, "cluster create scratch-2 --like orders-prod", ALICE)
        await delete_cluster(terminal, prod)
        gone = await ask(terminal, f"{line} --reason test", ALICE)

    assert (record.need.words(), record.plan.source.id) == ("2 DBA approvals", prod.id)
    assert record.plan.warnings == ("It will hold a copy of the data and users of orders-prod.",)
    assert (empty.need.words(), empty.plan.source) == ("a confirmation", None)
    assert gone.need.words() == "2 DBA approvals"
    assert gone.need.rule == "approval rule 1, as for the cluster whose data is copied"
    assert gone.plan.warnings == (
        f"It will hold a copy of the data and users of a deleted cluster ({prod.id}).",
    )


async def test_nothing_is_copied_while_nobody_can_tell_whose_data_it_is(terminal):
    prod = cluster(terminal, "orders-prod")
    await delete_cluster(terminal, prod)
    await terminal.fault(kind="status", status=403, api="v2", region="de-fra", path="/clusters")

    reply = await terminal.run(spell_copy_line(prod), BOB)

    assert not reply.ok
    assert "The cluster of backup" in reply.title


async def test_a_cluster_that_only_a_listing_lacks_is_not_taken_for_deleted(terminal):
    """The owner of a deleted cluster is asked nothing: a listing alone must not say that it is."""

    def answer(request):
        listed = request.url.path.endswith("/clusters")
        return page([]) if listed else httpx.Response(200, json=v1_cluster(1))

    dispatcher = terminal.kernel.dispatcher
    command = dispatcher.registry.get(("cluster", "create"))
    context = dispatcher.make_context(terminal.invocation("cluster create", BOB), command)
    backup = Backup(id="b-1", api=Api.V1, contract="main", cluster_id=v1_cluster(1)["id"])

    found = await replace(context, fleet=fleet(both_apis(answer, []))).cluster_of_backup(backup)

    assert (found.state, found.name) == ("AVAILABLE", "cluster 1")


V1 = (
    "cluster create payments-prod-2 --api v1 --contract shop --region {region} --version 16 --datacenter "
    "11111111-2222-4333-8444-555555555555 --lan 1 --address 192.168.77.4/24"
)
EVERYTHING = (
    f"{LIKE} --pooler session --retention 30 --day Monday --time 05:00:00 --logs on --metrics on "
    "--description copy"
)


async def test_all_that_is_sent_is_expected_and_nothing_that_is_not(terminal):
    of_v2 = (await ask(terminal, EVERYTHING, BOB)).plan
    of_v1 = (
        await ask(terminal, f"{V1.format(region='de/txl')} --storage-type HDD --pooler session", BOB)
    ).plan

    sizes = {"name", "postgres_version", "instances", "cores", "ram_mb", "storage_mb", "replication"}
    shared = sizes | {"connections", "pooler"}
    assert of_v1.ending.expected.keys() == shared | {"storage_type"}
    assert of_v1.ending.expected["storage_type"] == "HDD"
    only_v2 = {"description", "logs_enabled", "metrics_enabled", "backup_retention_days"}
    assert of_v2.ending.expected.keys() == shared | only_v2 | {"maintenance", "backup_location"}
    assert None not in [*of_v1.ending.expected.values(), *of_v2.ending.expected.values()]


@pytest.mark.parametrize("storage", ["HDD", '"SSD Premium"', "SSD"])
async def test_on_v1_what_was_sent_reads_back(terminal, storage):
    lines = f"--storage-type {storage} --pooler transaction --backup-location de --day Monday --time 05:00:00"

    assert (
        await carried_out(terminal, await ask(terminal, f"{V1.format(region='de/txl')} {lines}", BOB)) == []
    )


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"pooler_enabled": False}, "connection pooler is disabled, not session"),
        ({"retention_days": 7}, "backup retention (days) is 7, not 30"),
        ({"logs_enabled": False}, "logs shipped is off, not on"),
        ({"metrics_enabled": False}, "metrics shipped is off, not on"),
        ({"description": None}, "description is "),
        ({"backup_location": "elsewhere"}, "backup location is elsewhere, not "),
        ({"day": "Sunday"}, "maintenance window is Sunday 05:00:00 UTC, not Monday 05:00:00 UTC"),
    ],
    ids=str,
)
async def test_what_a_new_cluster_did_not_get_is_said(terminal, other, says):
    record = await ask(terminal, EVERYTHING, BOB)
    assert await carried_out(terminal, record) == []

    made = cluster(terminal, "payments-prod-2")
    for name, value in other.items():
        made.window = replace(made.window, day=value) if name == "day" else made.window
        if name in made.switches:
            made.switches[name] = value
        elif name != "day":
            setattr(made, name, value)
    (shown,) = [each for each in (await terminal.kernel.fleet.clusters()).items if each.id == made.id]
    (differs,) = describe_differences(record.plan.ending.expected, shown)
    assert differs.startswith(says)


async def test_its_user_and_database_are_decided_on_with_it(terminal, tmp_path, monkeypatch):
    first = await ask(terminal, LIKE, BOB)
    assert first.plan.observed["primary_user"] == first.plan.observed["database"] == "payments"

    other = tmp_path / "app.yaml"
    was = '{username: payments, password: "env:DEMO_PRIMARY_PASSWORD", database: payments}'
    text = SETTINGS.read_text(encoding="utf-8")
    assert was in text
    other.write_text(text.replace(was, was.replace(": payments", ": mallory")), encoding="utf-8")
    async with terminal_site(tmp_path / "other", monkeypatch, settings=other) as elsewhere:
        second = await ask(elsewhere, LIKE, BOB)
    differences_ = first.plan.differences(second.plan)
    assert "primary user was payments and is now mallory" in differences_
    assert "database was payments and is now mallory" in differences_


@pytest.mark.parametrize("region", ["de/fra", "de/fra/2"])
@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_after_a_lost_answer_it_is_found_wherever_in_frankfurt(terminal, api, region):
    line = V1.format(region=region).replace("--api v1", f"--api {api}")
    async with hurry(terminal):
        runner = WorkflowRunner(terminal)
        record = await runner.start(line)
        await terminal.fault(kind="crash_after_accept", method="POST", path="/clusters", times=1)
        await runner.run(record)
        after = await now(terminal, record)

    assert (after.state, after.made) == (ChangeState.DONE, cluster(terminal, "payments-prod-2").id)


@pytest.mark.parametrize(
    ("status", "step"), [(401, "Check the contract's token"), (403, "Ask the contract's owner")]
)
async def test_a_name_is_not_free_where_nobody_could_look(terminal, status, step):
    line = V1.format(region="de/txl")
    await terminal.fault(kind="status", status=status, api="v1", method="GET", path="/clusters")
    reply = await terminal.run(line, BOB)

    assert reply.title.startswith("It is unknown whether a cluster payments-prod-2 exists: v1 (contract")
    assert step in reply.parts[0].text
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []
    elsewhere = f"cluster create payments-prod-2 --like {cluster(terminal, 'payments-prod').id}"
    assert (await ask(terminal, elsewhere, BOB)).plan.observed["name_is_free"]


async def test_a_name_is_taken_on_v2_also_where_v1_shows_the_cluster(terminal):
    terminal.cloud.switches = replace(terminal.cloud.switches, v2_clusters_in_v1=True)
    reply = await terminal.run("cluster create payments-prod --like payments-prod --api v2", BOB)

    assert reply.title == "A cluster called payments-prod already exists on v2 in shop."


async def test_a_new_cluster_on_v1_says_what_would_block_its_move_and_nothing_that_the_api_chooses(terminal):
    line = "cluster create payments-prod-{} --like orders-prod --address {}"
    fine = (await ask(terminal, line.format("a", "192.168.1.9/24"), BOB)).plan
    blocked = (await ask(terminal, line.format("b", "10.209.1.9/24"), BOB)).plan

    assert not any("PGR" in each for each in (*fine.warnings, *fine.notes))
    assert [each[-8:] for each in blocked.warnings if "PGR" in each] == ["PGR006)."]
