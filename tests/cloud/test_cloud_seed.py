"""The seeded fleet: the same each time, with the oddities of real fleets."""

import gc
import re
import tracemalloc

import pytest
from cloud_clients import cloud_site

from bot.demo.cloud.access import CONTRACT_A
from bot.demo.cloud.places import REGIONS
from bot.demo.cloud.records import Phase
from bot.demo.cloud.v1_views import state_of as v1_state
from bot.demo.cloud.v2 import STATES as V2_STATES
from bot.demo.cloud.v2_views import state_of as v2_state
from bot.demo.seeded_fleet import seed_cloud
from bot.demo.virtual_clock import VirtualClock

pytestmark = pytest.mark.anyio
COMPANY_NAME = re.compile(r"[a-z]+(-[a-z0-9]+)*")


def fleet(clusters=44, seed=1, **more):
    return list(seed_cloud(VirtualClock(), clusters, seed, **more).everything())


def test_the_same_seed_is_the_same_fleet_and_another_seed_another():
    assert fleet() == fleet()
    assert fleet(300) == fleet(300)
    assert fleet(300)[:44] == fleet()
    assert [one.id for one in fleet(seed=2)] != [one.id for one in fleet()]
    assert [one.name for one in fleet(seed=2)] == [one.name for one in fleet()]


def test_both_apis_all_regions_three_contracts_and_every_state():
    records = fleet()
    assert len(records) == 44
    assert len({one.contract for one in records}) == 3
    for api in ("v1", "v2"):
        assert {one.region for one in records if one.api == api} == set(REGIONS)
    v1 = {v1_state(one) for one in records if one.api == "v1"}
    v2 = {v2_state(one) for one in records if one.api == "v2"}
    assert {"AVAILABLE", "BUSY", "DESTROYING", "DEGRADED", "FAILED", "UNKNOWN"} < v1
    assert set(V2_STATES) < v2


async def test_the_two_main_characters():
    async with cloud_site() as site:
        orders, payments = await site.v1().named("orders-prod"), await site.v2().named("payments-prod")
        users = (await site.v1().get(f"/clusters/{orders['id']}/users")).json()["items"]
        databases = (await site.v1().get(f"/clusters/{orders['id']}/databases")).json()["items"]
    assert orders["metadata"]["state"] == payments["metadata"]["state"] == "AVAILABLE"
    assert orders["properties"]["location"] == "de/txl"
    assert [one["properties"]["username"] for one in users] == ["orders", "orders_readonly"]
    assert {one["properties"]["name"] for one in databases} == {"orders", "orders_archive", "postgres"}


async def test_what_is_at_work_finishes_as_time_goes_on():
    async with cloud_site() as site:
        site.pass_time(3600)
        assert (await site.v1().named("billing-staging"))["metadata"]["state"] == "AVAILABLE"
        assert (await site.v1().named("legacy-reports"))["metadata"]["state"] == "BUSY"
        assert "inventory-test" not in (await site.v1().get("/clusters")).text
        assert "fleet-telemetry" not in (await site.v2(region="es-vit").get("/clusters")).text


def test_a_smaller_fleet_begins_with_the_same_clusters():
    assert fleet(3) == fleet()[:3]


def test_ten_thousand_clusters_are_distinct_and_plain():
    records = fleet(10_000)
    assert len({one.id for one in records}) == 10_000
    made_up = records[44:]
    assert len({one.name for one in made_up}) == len(made_up)
    assert all(COMPANY_NAME.fullmatch(one.name) for one in made_up)
    assert {one.contract for one in made_up} == {CONTRACT_A}
    assert {one.phase for one in made_up} == {Phase.AVAILABLE}
    assert sum(one.api == "v1" for one in made_up) == len(made_up) // 2


def test_a_cluster_costs_little_memory():
    gc.collect()
    tracemalloc.start()
    records = fleet(1000)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size / len(records) < 4000


async def test_ten_thousand_clusters_are_listed_whole():
    async with cloud_site(clusters=10_000) as site:
        v1, seen = site.v1(checked=False), []
        for offset in range(0, 10_000, 1000):
            seen += (await v1.get(f"/clusters?limit=1000&offset={offset}")).json()["items"]
        expected = [one.id for one in site.cloud.clusters_of(CONTRACT_A, "v1", "")]
    assert [one["id"] for one in seen] == expected
    assert len(seen) > 4900
