"""The quota of a contract: an excess is refused in numbers, and uncertainty is stated."""

import json
from dataclasses import dataclass, replace

import pytest
from change_requests import ALICE, BOB, ask, cluster, now
from one_contract import DEMO_SETTINGS as SETTINGS
from pydantic import ValidationError
from terminal_site import terminal_site
from workflow_kit import WorkflowRunner, hurry

from bot.changes.record import ChangeState
from bot.demo.cloud.records import Phase
from bot.demo.seeded_fleet import seed_cloud
from bot.demo.virtual_clock import VirtualClock
from bot.domain.errors import InputError
from bot.domain.request import Invocation
from bot.settings.sections import ContractSettings

pytestmark = pytest.mark.anyio

SHOP = "{name: shop, number: 21000001, token: env:DEMO_TOKEN_SHOP"
GRANT = 'permissions:\n  - {to: [developer], allow: [drill], clusters: [{name: "orders-prod"}]}\n'
DRILL = "drill orders-prod"
CREATE = "cluster create payments-prod-2 --like payments-prod"
PLENTY = {"clusters": 99, "cores": 9_999, "ram": 99_999, "storage": 999_999}


def list_shop_clusters(cloud):
    """Return the simulator's clusters of contract shop."""
    return [each for each in cloud.everything() if each.contract == 21000001]


@dataclass(frozen=True)
class Used:
    """The resources of the clusters of contract shop, all instances together; `staying` are not being
    deleted."""

    clusters: int
    staying: int
    cores: int
    ram_mb: int


@pytest.fixture(scope="module")
def used():
    there = list_shop_clusters(seed_cloud(VirtualClock(), 44))
    return Used(
        len(there),
        len([each for each in there if each.phase != Phase.DESTROYING]),
        sum(each.instances * each.cores for each in there),
        sum(each.instances * each.ram_mb for each in there),
    )


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """Open a terminal whose contract shop has this quota; developers may drill orders-prod alone."""

    def open_terminal(**quota):
        settings = tmp_path / "app.yaml"
        text = SETTINGS.read_text(encoding="utf-8").replace("permissions:\n", GRANT)
        assert SHOP in text
        text = text.replace(SHOP, f"{SHOP}, quota: {json.dumps(quota)}")
        settings.write_text(text, encoding="utf-8")
        return terminal_site(tmp_path, monkeypatch, settings=settings)

    return open_terminal


def add_another(cloud, number):
    """Add another cluster to contract shop."""
    like = next(each for each in list_shop_clusters(cloud) if each.name == "orders-staging")
    cloud.add(replace(like, id=f"00000000-0000-4000-8000-{number:012d}", name=f"another-{number}"))


async def finish_deletions(terminal):
    """Return a runner, once the deleted clusters are gone."""
    while any(each.phase == Phase.DESTROYING for each in list_shop_clusters(terminal.cloud)):
        await terminal.kernel.clock.sleep(60)
    return WorkflowRunner(terminal)


def join_notes(record):
    return " ".join(record.plan.notes)


# Excess over the quota


async def test_a_drill_that_would_not_fit_is_refused_in_numbers(shop, used):
    async with shop(clusters=used.clusters, cores=used.cores + 3) as terminal:
        reply = await terminal.run(DRILL, BOB)
        kept = await terminal.kernel.dispatcher.changes.rows.latest()

    assert reply.title == (
        f"The quota of contract shop is too small for this: {used.clusters} of {used.clusters} clusters "
        f"are in use, and this needs 1 more; {used.cores} of {used.cores + 3} cores are in use, and this "
        "needs 4 more."
    )
    assert (
        "ask IONOS support to raise the quota and then update ionos.contracts[].quota" in reply.parts[0].text
    )
    assert kept == []


async def test_it_counts_every_instance_of_what_is_made(shop, used):
    present = -(-used.ram_mb // 1024)
    async with shop(ram=present + 47) as terminal:
        refused = await terminal.run(CREATE, BOB)
    async with shop(ram=present + 48) as terminal:
        assert (await terminal.run(CREATE, BOB)).ok

    assert f"of {present + 47} GB of RAM are in use" in refused.title
    assert refused.title.endswith("this needs 48 more.")  # three instances with 16 GB each


@pytest.mark.parametrize("line", [DRILL, CREATE, "cluster resize orders-prod --storage 200 --cores 5"])
async def test_what_fits_is_planned_without_a_doubt(shop, line):
    async with shop(**PLENTY) as terminal:
        assert "quota" not in join_notes(await ask(terminal, line, BOB))


@pytest.mark.parametrize(("more", "fits"), [(2, True), (1, False)])
async def test_a_clusters_present_size_is_counted_once(shop, used, more, fits):
    """orders-prod has two instances: one more core for each is two more."""
    async with shop(cores=used.cores + more) as terminal:
        reply = await terminal.run("cluster resize orders-prod --cores 5", BOB)

    assert reply.ok is fits
    assert fits or f"{used.cores} of {used.cores + 1} cores are in use, and this needs 2 more" in reply.title


async def test_what_shrinks_fits_into_a_quota_that_is_exceeded(shop):
    async with shop(clusters=1, cores=1, ram=1, storage=1) as terminal:
        assert "quota" not in join_notes(await ask(terminal, "cluster resize orders-prod --cores 2", BOB))


async def test_a_cluster_that_both_apis_show_is_counted_once(shop, used):
    async with shop(clusters=used.clusters + 1) as terminal:
        both = {"v2_clusters_in_v1": True, "v1_clusters_in_v2": True}
        terminal.cloud.switches = replace(terminal.cloud.switches, **both)

        assert (await terminal.run(DRILL, BOB)).ok


async def test_what_the_asker_may_not_see_is_counted_right_before_it_is_sent_and_without_a_number(shop, used):
    async with shop(clusters=used.clusters) as terminal:
        reply = await terminal.run(DRILL, ALICE)
        [record] = await terminal.kernel.dispatcher.changes.rows.latest()
        with pytest.raises(InputError) as refused:
            await plan_again(terminal, record, ALICE)

    assert "counts only clusters that you may see" in f"{reply}"
    assert str(used.clusters) not in reply.title
    assert refused.value.sentence == "The quota of contract shop is too small for this."


async def test_what_the_asker_sees_alone_may_be_too_much(shop):
    async with shop(clusters=1) as terminal:
        reply = await terminal.run(DRILL, ALICE)

    assert "1 of 1 clusters are in use, and this needs 1 more" in reply.title


async def plan_again(terminal, record, actor):
    """Plan a stored change again, as is done right before it is sent."""
    dispatcher = terminal.kernel.dispatcher
    command = dispatcher.registry.get(tuple(record.plan.command.split()))
    invocation = Invocation(
        key="again", trace=record.id, actor=actor, channel="", text="", at=terminal.kernel.clock.now()
    )
    ctx = replace(dispatcher.make_context(invocation, command), is_replan=True)
    return await command.change.plan(command.arguments(**record.plan.arguments), ctx)


# Uncertain quotas


async def test_without_a_quota_the_note_names_the_setting(shop):
    async with shop() as terminal:
        drill, create = await ask(terminal, DRILL, BOB), await ask(terminal, CREATE, BOB)

    assert "no API reports it, and ionos.contracts[].quota in app.yaml is not set" in join_notes(drill)
    assert "quota" not in join_notes(create)


async def test_the_parts_that_are_not_set_are_named(shop):
    async with shop(clusters=99, cores=9_999) as terminal:
        record = await ask(terminal, DRILL, BOB)

    assert "The contract's quota of RAM and storage is unknown" in join_notes(record)


@pytest.mark.parametrize("fits", [True, False])
async def test_where_a_place_could_not_be_read_what_is_known_counts(shop, used, fits):
    on_v1 = len([each for each in list_shop_clusters(seed_cloud(VirtualClock(), 44)) if each.api == "v1"])
    assert on_v1 < used.clusters
    async with shop(clusters=on_v1 + fits) as terminal:
        await terminal.fault(kind="status", status=403, api="v2", method="GET", path="/clusters")
        reply = await terminal.run(f"drill {cluster(terminal, 'orders-prod').id}", BOB)
        kept = await terminal.kernel.dispatcher.changes.rows.latest()

    assert reply.ok is fits
    for record in kept:
        assert "Not every cluster of the contract could be counted (v2 de/" in join_notes(record)
        assert "so the quota may not have enough room." in join_notes(record)
        assert "contract billing" not in join_notes(record)


async def test_a_size_that_is_not_told_is_said_and_not_taken_for_none(shop):
    async with shop(**PLENTY) as terminal:
        cluster(terminal, "orders-staging").instances = None
        record = await ask(terminal, DRILL, BOB)

    assert (
        "1 cluster in the contract did not report cores, RAM and storage, so the quota may not have enough "
        "room." in join_notes(record)
    )


# From the approval on


async def test_it_is_counted_again_before_it_runs_and_never_digested(shop, used):
    async with shop(clusters=used.staying + 2) as terminal, hurry(terminal):
        runner = await finish_deletions(terminal)
        record, later = await runner.start(DRILL), await runner.start("drill orders-staging")
        add_another(terminal.cloud, 1)
        await runner.run(record)
        add_another(terminal.cloud, 2)
        runner.steps.results.clear()
        await runner.run(later)
        ends = [await now(terminal, each) for each in (record, later)]

    assert [each.state for each in ends] == [ChangeState.DONE, ChangeState.FAILED]
    assert ends[1].result.startswith("Nothing was sent: The quota of contract shop is too small for this")
    assert runner.count("/clusters", "POST") == 1


async def test_a_drill_takes_the_last_room_and_gives_it_back(shop, used):
    async with shop(clusters=used.staying + 1) as terminal, hurry(terminal):
        runner = await finish_deletions(terminal)
        record = await runner.start(DRILL)
        assert await runner.run(record, kill_at="sending recorded")
        assert not (await terminal.run("drill orders-staging", BOB)).ok
        await runner.run(record)

        assert (await now(terminal, record)).state is ChangeState.DONE
        assert (await terminal.run("drill orders-staging", BOB)).ok


async def test_what_ionos_itself_refuses_ends_the_drill_in_its_words_and_leaves_nothing(shop):
    async with shop(clusters=99) as terminal, hurry(terminal):
        runner = WorkflowRunner(terminal)
        record = await runner.start(DRILL)
        await terminal.fault(kind="status", method="POST", path="/clusters", status=422, times=1)
        await runner.run(record)
        after = await now(terminal, record)
        rows = [row for row in await terminal.audit() if row["change"] == record.id]

    assert (after.state, runner.drill_clusters(record)) == (ChangeState.FAILED, [])
    assert after.result.startswith("v1 (contract shop) rejects the request (422). Check the values")
    [refused] = [row for row in rows if row["outcome"] == "refused"]
    assert json.loads(refused["requests"])[0]["said"].startswith("dbaas-err-validation-422 · ")
    assert runner.count("/clusters", "POST") == 1
    assert runner.count("/clusters/{clusterId}", "DELETE") == 0


# The setting


@pytest.mark.parametrize("quota", [{"clusters": 0}, {"ram": 1.5}, {"storage": "much"}, {"cpus": 4}])
def test_a_quota_is_whole_numbers_of_what_is_counted(quota):
    with pytest.raises(ValidationError):
        ContractSettings(name="shop", token="env:TOKEN", quota=quota)


def test_every_part_of_it_may_be_left_out():
    quota = ContractSettings(name="shop", token="env:TOKEN", quota={"ram": 32}).quota

    assert (quota.clusters, quota.cores, quota.ram, quota.storage) == (None, None, 32, None)
