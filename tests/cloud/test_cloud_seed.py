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
from bot.demo.cloud.v2_clusters import STATES as V2_STATES
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


@pytest.fixture
async def odd():
    """Return everything that v1 and v2 list of the whole fleet, oddities included."""
    async with cloud_site(oddities=True) as site:
        first, second = [], []
        for token in ("demo-token", "demo-token-b", "demo-token-c"):
            first += (await site.v1(token, checked=False).get("/clusters")).json()["items"]
            for region in REGIONS:
                answer = await site.v2(token, region=region.label, checked=False).get("/clusters")
                second += answer.json().get("items", [])
        yield first, second


V1_ODDITIES = {
    "empty poolMode": lambda one: one.get("connectionPooler", {}).get("poolMode") == "",
    "no dnsName": lambda one: "dnsName" not in one,
    "no connectionPooler": lambda one: "connectionPooler" not in one,
    "no backupLocation": lambda one: "backupLocation" not in one,
    "no maintenanceWindow": lambda one: "maintenanceWindow" not in one,
    "no connection": lambda one: one["connections"] == [],
    "no whole GB": lambda one: one["storageSize"] % 1024,
    "little RAM": lambda one: one["ram"] < 4096,
    "SYNCHRONOUS": lambda one: one["synchronizationMode"] == "SYNCHRONOUS",
    "SSD": lambda one: one["storageType"] == "SSD",
    "a mention": lambda one: one["displayName"] == "<!channel>",
    "blanks and punctuation": lambda one: re.search(r" \(.*!", one["displayName"]),
    "right to left": lambda one: re.search("[\u0590-\u06ff]", one["displayName"]),
    "emoji": lambda one: ord(one["displayName"][0]) > 0xFFFF,
    "a longer name": lambda one: one["displayName"] == "orders-prod-eu",
}


@pytest.mark.parametrize("oddity", V1_ODDITIES)
async def test_v1_has_clusters_with(odd, oddity):
    matching = [one for one in odd[0] if V1_ODDITIES[oddity](one["properties"])]
    assert 0 < len(matching) < len(odd[0])


async def test_states_that_nobody_knows_and_metadata_that_is_not_there(odd):
    first, second = ([one["metadata"] for one in listed] for listed in odd)
    assert "MAINTENANCE" in {one["state"] for one in first}
    assert "HIBERNATED" in {one["state"] for one in second}
    assert None in {one["lastModifiedDate"] for one in first}
    assert any("lastModifiedDate" not in one for one in second)
    assert any("dnsName" not in one for one in second)


async def test_times_come_in_several_forms(odd):
    times = [one["metadata"]["createdDate"] for listed in odd for one in listed]
    for form in (r"\.\d{3}Z$", r":\d\dZ$", r"\+01:00$", r"\.\d{3}$"):
        assert any(re.search(form, time) for time in times), form


async def test_one_name_stands_for_several_clusters(odd):
    first, second = odd
    places = {one["properties"]["location"] for one in first if one["properties"]["displayName"] == "search"}
    assert len(places) == 2
    assert "search" in {one["properties"]["name"] for one in second}


async def test_frankfurt_2_is_not_to_be_seen(odd):
    assert "de/fra/2" not in {one["properties"]["location"] for one in odd[0]}
    assert "de/fra/2" in {one.location for one in fleet()}


async def test_a_moved_cluster_keeps_what_v2_would_refuse(odd):
    moved = next(one["properties"] for one in odd[1] if one["properties"]["name"] == "Legacy CRM (2023)")
    assert moved["instances"]["ram"] == 2


def test_without_oddities_no_v2_cluster_is_smaller_than_ionos_own_client_reads():
    """The rest of the fleet is the same either way: its random values do not depend on this."""
    odd, plain = (
        {one.name: one.ram_mb for one in fleet(oddities=odd) if one.api == "v2"} for odd in (True, False)
    )
    assert min(plain.values()) == 4096
    assert {name for name in odd if odd[name] != plain[name]} == {"Legacy CRM (2023)"}
    assert min(one.ram_mb for one in fleet(oddities=False) if one.api == "v1") == 2048


async def test_the_older_backup_form_stands_beside_the_newer(odd):
    older = [one["properties"] for one in odd[1] if "backupLocation" in one["properties"]]
    assert [one["backupLocation"] == one["backup"]["location"] for one in older] == [True]


async def test_without_oddities_every_answer_keeps_to_the_specification():
    async with cloud_site(oddities=False) as site:
        for token in ("demo-token", "demo-token-b", "demo-token-c"):
            for one in (await site.v1(token).get("/clusters")).json()["items"]:
                for path in ("", "/users?system=true", "/databases", "/backups", "/logs", "/versions"):
                    answer = await site.v1(token).get(f"/clusters/{one['id']}{path}")
                    assert answer.status_code == 200
            for region in REGIONS:
                v2 = site.v2(token, region=region.label)
                for path in ("/clusters", "/backups", "/versions", "/backup-locations"):
                    assert (await v2.get(path)).status_code == 200


async def test_what_is_at_work_finishes_as_time_goes_on():
    async with cloud_site(oddities=False) as site:
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
