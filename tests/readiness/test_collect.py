"""The collector in front of the simulator: few calls, nothing that no rule needs, and gaps that show."""

from dataclasses import replace

import pytest
from terminal_site import terminal_site

from bot.demo.cloud.vendor_migration import move
from bot.domain.cluster import Api
from migrations.collect import Collector
from migrations.facts import NOT_FETCHED, FactNeed, MissingFact
from migrations.v2_presence import PresenceState

pytestmark = pytest.mark.anyio
EVERYTHING = frozenset(FactNeed)


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        yield terminal


async def collect(terminal, needs=EVERYTHING, include=lambda _cluster: True, progress=None):
    collector = Collector(terminal.kernel.fleet, needs, *([progress] if progress else []))
    now = terminal.kernel.clock.now()
    return await collector.collect(now, include=include, owner_of=lambda _cluster: None)


def named(collected, name):
    return next(each for each in collected.facts if each[0].cluster.name == name)


async def test_every_v1_cluster_comes_with_every_fact(terminal):
    collected = await collect(terminal)

    expected = {each.id for each in (await terminal.kernel.fleet.sightings()).items if each.api is Api.V1}
    assert {facts.cluster.id for facts, _ in collected.facts} == expected
    facts, where = named(collected, "orders-prod")
    assert where.state is PresenceState.PENDING
    assert facts.v2_cluster is None
    for need in (
        FactNeed.BACKUPS,
        FactNeed.USERS,
        FactNeed.DATABASES,
        FactNeed.V2_VERSIONS,
        FactNeed.V2_LOCATIONS,
    ):
        assert getattr(facts, need.value)


async def test_lists_come_before_clusters_and_nothing_is_asked_twice(terminal):
    calls = terminal.cloud.calls
    await collect(terminal)
    clusters = len((await collect(terminal, frozenset())).facts)
    contracts = 1

    assert calls.count("GET", "/clusters/{clusterId}/backups") == 0
    assert calls.count("GET", "/clusters/backups", api="v1") == contracts
    assert calls.count("GET", "/backup-locations") == 9 * contracts
    assert calls.count("GET", "/clusters/{clusterId}/users") == clusters
    assert calls.count("GET", "/clusters/{clusterId}/databases") == clusters
    assert calls.count("GET", "/clusters/{clusterId}") == 0


async def test_what_no_rule_needs_is_not_fetched(terminal):
    collected = await collect(terminal, frozenset({FactNeed.V2_CLUSTER}))

    facts, _ = named(collected, "orders-prod")
    assert facts.users is NOT_FETCHED
    assert facts.backups is NOT_FETCHED
    assert terminal.cloud.calls.count("GET", "/clusters/{clusterId}/users") == 0
    assert terminal.cloud.calls.count("GET", "/versions") == 0


async def test_only_the_selected_clusters_are_read(terminal):
    collected = await collect(terminal, include=lambda cluster: cluster.name == "orders-prod")

    assert [facts.cluster.name for facts, _ in collected.facts] == ["orders-prod"]
    assert terminal.cloud.calls.count("GET", "/clusters/{clusterId}/users") == 1


@pytest.mark.parametrize("status", [401, 403, 500])
async def test_a_region_that_refuses_makes_its_clusters_undetermined_and_its_facts_missing(terminal, status):
    await terminal.fault(kind="status", status=status, api="v2", region="de-txl")

    facts, where = named(await collect(terminal), "orders-prod")

    assert where.state is PresenceState.UNDETERMINED
    assert isinstance(facts.v2_cluster, MissingFact)
    assert isinstance(facts.v2_versions, MissingFact)
    assert not isinstance(facts.users, MissingFact)


async def test_users_that_cannot_be_read_are_missing_and_the_rest_is_there(terminal):
    await terminal.fault(kind="status", status=500, api="v1", path="/clusters/*/users")

    facts, _ = named(await collect(terminal), "orders-prod")

    assert isinstance(facts.users, MissingFact)
    assert not isinstance(facts.databases, MissingFact)


@pytest.mark.parametrize("still_in_v1", [True, False])
async def test_a_cluster_that_the_vendor_has_moved_is_visible_or_gone_from_v1(terminal, still_in_v1):
    before, _ = named(await collect(terminal), "orders-prod")
    cloud = terminal.cloud
    cloud.switches = replace(cloud.switches, v2_clusters_in_v1=still_in_v1)
    move(cloud, cloud.find(before.cluster.id))

    collected = await collect(terminal)

    standings = {facts.cluster.id: where.state for facts, where in collected.facts}
    assert standings.get(before.cluster.id) is (PresenceState.VISIBLE if still_in_v1 else None)


async def test_progress_is_told(terminal):
    said = []

    async def progress(words):
        said.append(words)

    await collect(terminal, progress=progress)

    assert said[0].startswith("Reading clusters")
