"""The admin API."""

import dataclasses

import httpx
import pytest
from cloud_clients import PASSWORD, cloud_site, v1_cluster

from bot.demo.cloud.app import create_app
from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.oddities import Oddity
from bot.demo.cloud.switches import Durations, Switches
from bot.runtime.clock import SystemClock

pytestmark = pytest.mark.anyio


async def test_the_clock_is_read_and_moved():
    async with cloud_site() as site:
        assert (await site.admin("GET", "/clock")).json() == {"now": "2026-11-23T09:00:00+00:00"}
        moved = await site.admin("POST", "/clock/advance", json={"seconds": 90.5})
        assert moved.json() == {"now": "2026-11-23T09:01:30.500000+00:00"}
        for body in ({"seconds": -1}, {}, {"minutes": 1}, [], {"seconds": 1e12}):
            assert (await site.admin("POST", "/clock/advance", json=body)).status_code == 422


async def test_a_clock_that_is_not_virtual_cannot_be_moved():
    transport = httpx.ASGITransport(create_app(Cloud(SystemClock())))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        assert (await http.post("/_cloud/clock/advance", json={"seconds": 1})).status_code == 409


@pytest.mark.parametrize(("path", "known"), [("/switches", Switches()), ("/durations", Durations())])
async def test_settings_are_read_and_turned(path, known):
    field = {"/switches": ("sort", "name"), "/durations": ("create", 5.0)}[path]
    async with cloud_site() as site:
        before = (await site.admin("GET", path)).json()
        assert set(before) == {one.name for one in dataclasses.fields(known)}
        after = (await site.admin("PATCH", path, json=dict([field]))).json()
        assert after == before | dict([field])
        assert (await site.admin("PATCH", path, json={"nonsense": 1})).status_code == 422
        assert (await site.admin("PATCH", path, json={field[0]: "nonsense"})).status_code == 422
        assert (await site.admin("PATCH", path, content=b"{")).status_code == 400
        assert (await site.admin("GET", path)).json() == after


async def test_calls_are_counted_per_route_and_forgotten_on_request():
    async with cloud_site() as site:
        v1, v2 = site.v1(), site.v2()
        await v1(
            "POST", "/clusters", json=v1_cluster(credentials={"username": "owner", "password": PASSWORD})
        )
        await v1.get("/clusters")
        await v1.get("/clusters")
        await v2.get("/clusters/46c151c7-55f8-42a4-86c3-06ad6b4b91ea")
        await v2.get("/nothing")
        calls = await site.admin("GET", "/calls")
        assert PASSWORD not in calls.text
        assert calls.json() == {
            "most_in_flight": 1,
            "calls": [
                {"api": "v1", "region": "", "method": "GET", "path": "/clusters", "status": 200, "count": 2},
                {"api": "v1", "region": "", "method": "POST", "path": "/clusters", "status": 200, "count": 1},
                {
                    "api": "v2",
                    "region": "de-txl",
                    "method": "GET",
                    "path": "(unknown)",
                    "status": 404,
                    "count": 1,
                },
                {
                    "api": "v2",
                    "region": "de-txl",
                    "method": "GET",
                    "path": "/clusters/{clusterId}",
                    "status": 404,
                    "count": 1,
                },
            ],
        }
        assert site.cloud.calls.count("GET") == 4
        assert site.cloud.calls.count("POST", "/clusters", api="v1") == 1
        assert site.cloud.calls.count(region="de-txl") == 2
        await site.admin("DELETE", "/calls")
        assert (await site.admin("GET", "/calls")).json()["calls"] == []


async def test_faults_are_listed_ended_and_cleared():
    async with cloud_site() as site:
        first = (await site.admin("POST", "/faults", json={"kind": "status"})).json()["id"]
        await site.admin("POST", "/faults", json={"kind": "html"})
        assert len((await site.admin("GET", "/faults")).json()) == 2
        assert (await site.admin("DELETE", f"/faults/{first}")).status_code == 204
        assert (await site.admin("DELETE", f"/faults/{first}")).status_code == 404
        assert (await site.admin("DELETE", "/faults")).status_code == 204
        assert (await site.admin("GET", "/faults")).json() == []
        for body in ({"kind": "nonsense"}, {}, {"kind": "status", "times": 0}, {"kind": "status", "x": 1}):
            assert (await site.admin("POST", "/faults", json=body)).status_code == 422
        assert (await site.admin("PUT", "/outages/mars", json={})).status_code == 404


async def test_a_cluster_is_put_into_any_state_also_one_that_nobody_knows():
    async with cloud_site() as site:
        v1 = site.v1(checked=False)
        cluster = (await v1.named("orders-prod"))["id"]
        for phase, shown in (("FAILED", "FAILED"), ("CHANGING", "BUSY"), ("HIBERNATED", "HIBERNATED")):
            body = {"phase": phase, "status_message": "on request"}
            assert (await site.admin("PATCH", f"/clusters/{cluster}", json=body)).status_code == 200
            assert await v1.state(cluster) == shown
        assert (await site.admin("PATCH", "/clusters/x", json={})).status_code == 404


async def test_the_next_change_can_be_made_to_fail():
    async with cloud_site() as site:
        v2 = site.v2()
        v1 = site.v1()
        cluster = (await v1.named("orders-prod"))["id"]
        await site.admin("PATCH", f"/clusters/{cluster}", json={"fail_next": True})
        await v1("PATCH", f"/clusters/{cluster}", json={"properties": {"cores": 8}})
        site.pass_time(100)
        assert await v1.state(cluster) == "FAILED"
        await v1("PATCH", f"/clusters/{cluster}", json={"properties": {"cores": 4}})
        site.pass_time(100)
        assert await v1.state(cluster) == "AVAILABLE"
        assert await v2.state(cluster) == 404


async def test_the_vendor_moves_a_cluster_under_the_same_id():
    async with cloud_site(oddities=frozenset({Oddity.FREE_NAMES, Oddity.UNEVEN_STORAGE})) as site:
        v1, v2 = site.v1(), site.v2()
        before = await v1.named("Customer data (EU), 2nd copy!")
        assert (await site.admin("POST", f"/clusters/{before['id']}/move")).status_code == 200
        assert await v1.state(before["id"]) == 404
        after = (await v2.get(f"/clusters/{before['id']}")).json()
        assert "Customer data" not in (await v1.get("/clusters")).text
        backups = (await v2.get(f"/backups?filter.clusterId={before['id']}")).json()["items"]
        again = await site.admin("POST", f"/clusters/{before['id']}/move")
    old, new = before["properties"], after["properties"]
    assert new["name"] == old["displayName"]
    assert old["storageSize"] == 30480
    assert new["instances"] == {
        "count": old["instances"],
        "cores": old["cores"],
        "ram": old["ram"] // 1024,
        "storageSize": 30,
    }
    assert new["connection"]["primaryInstanceAddress"] == old["connections"][0]["cidr"]
    assert new["backup"] == {"location": "eu-central-3", "retentionDays": 7}
    assert after["metadata"]["dnsName"] == old["dnsName"]
    assert len(backups) == 1
    assert again.status_code == 409


async def test_what_v2_has_no_word_for_is_converted_in_the_move():
    async with cloud_site(oddities=frozenset({Oddity.OLD_REPLICATION, Oddity.DETACHED})) as site:
        v1 = site.v1()
        synchronous, detached = await v1.named("ledger-prod"), await v1.named("fulfilment-prod")
        degraded = await v1.named("inventory-prod")
        assert synchronous["properties"]["synchronizationMode"] == "SYNCHRONOUS"
        for cluster in (synchronous, degraded):
            await site.admin("POST", f"/clusters/{cluster['id']}/move")
        moved = (await site.v2().get(f"/clusters/{synchronous['id']}")).json()
        assert moved["properties"]["replicationMode"] == "ASYNCHRONOUS"
        assert await site.v2().state(degraded["id"]) == "AVAILABLE"
        assert (await site.admin("POST", f"/clusters/{detached['id']}/move")).status_code == 409
        assert await v1.state(detached["id"]) == "AVAILABLE"


async def test_the_truth_of_one_cluster_and_the_list_of_all():
    async with cloud_site() as site:
        listed = (await site.admin("GET", "/clusters")).json()
        assert len(listed) == 44
        truth = await site.true_state(listed[0]["id"])
        assert truth["passwords"] == {"orders": "Seeded-Passw0rd!", "orders_readonly": "Seeded-Passw0rd!"}
        assert truth["restores"] == []
        assert (await site.admin("GET", "/clusters/x")).status_code == 404
