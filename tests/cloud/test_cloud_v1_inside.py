"""v1 of the simulator: users, databases, logs and versions."""

import pytest
from cloud_clients import cloud_site

from bot.demo.cloud.oddities import Oddity

pytestmark = pytest.mark.anyio


async def test_users_come_and_go_and_keep_the_cluster_busy():
    async with cloud_site() as site:
        v1 = site.v1()
        cluster = (await v1.named("orders-prod"))["id"]
        users = f"/clusters/{cluster}/users"
        body = {"properties": {"username": "Reports-2", "password": "0123456789"}}
        made = await v1("POST", users, json=body)
        assert made.status_code == 200
        assert "password" not in made.text
        assert made.json()["properties"] == {"username": "Reports-2", "system": False}
        assert await v1.state(cluster) == "BUSY"
        site.pass_time(20)
        changed = await v1("PATCH", f"{users}/Reports-2", json={"properties": {"password": "9876543210"}})
        assert changed.json()["metadata"]["lastModifiedDate"] == "2026-11-23T09:00:20.000Z"
        assert (await site.true_state(cluster))["passwords"]["Reports-2"] == "9876543210"
        site.pass_time(20)
        assert (await v1("DELETE", f"{users}/Reports-2")).status_code == 204
        assert (await v1.get(f"{users}/Reports-2")).status_code == 404


async def test_system_users_are_shown_on_request_and_never_changed():
    async with cloud_site() as site:
        v1 = site.v1()
        users = f"/clusters/{(await v1.named('orders-prod'))['id']}/users"
        ordinary = (await v1.get(users)).json()
        everyone = (await v1.get(f"{users}?system=true")).json()
        password = {"properties": {"password": "0123456789"}}
        refused = [
            await v1("PATCH", f"{users}/postgres", json=password),
            await v1("DELETE", f"{users}/postgres"),
        ]
    assert "_links" in ordinary
    assert not any(one["properties"]["system"] for one in ordinary["items"])
    system = [one for one in everyone["items"] if one["properties"]["system"]]
    assert system
    assert all(one["metadata"]["createdBy"].endswith("_system_") for one in system)
    assert [answer.status_code for answer in refused] == [422, 422]


async def test_what_was_made_by_sql_says_so():
    async with cloud_site() as site:
        v1 = site.v1()
        cluster = (await v1.named("billing-prod"))["id"]
        users = (await v1.get(f"/clusters/{cluster}/users")).json()["items"]
    makers = {one["properties"]["username"]: one["metadata"]["createdBy"] for one in users}
    assert makers["reports_sql"].endswith("_unmanaged_")
    assert not makers["billing"].endswith("_")


async def test_databases_come_and_go():
    async with cloud_site() as site:
        v1 = site.v1()
        databases = f"/clusters/{(await v1.named('orders-prod'))['id']}/databases"
        body = {"properties": {"name": "test-dbname-1", "owner": "orders"}}
        assert (await v1("POST", databases, json=body)).status_code == 200

        async def names():
            return [one["properties"]["name"] for one in (await v1.get(databases)).json()["items"]]

        assert (await v1.get(f"{databases}/test-dbname-1")).status_code == 200
        assert "test-dbname-1" in await names()
        assert (await v1("DELETE", f"{databases}/test-dbname-1")).status_code == 204
        assert (await v1("DELETE", f"{databases}/postgres")).status_code == 422
        assert (await v1("DELETE", f"{databases}/test-dbname-1")).status_code == 404


async def test_logs_are_the_same_each_time_and_grow_with_the_clock():
    async with cloud_site() as site:
        v1 = site.v1()
        logs = f"/clusters/{(await v1.named('orders-prod'))['id']}/logs"
        first = (await v1.get(logs)).json()
        assert (await v1.get(logs)).json() == first
        lines = [line for one in first["instances"] for line in one["messages"]]
        assert len(lines) == 100
        assert len(first["instances"]) == 2
        assert any("PASSWORD '" in line["message"] for line in lines)
        site.pass_time(3600)
        query = "?start=2026-11-23T09:00:00Z&direction=FORWARD&limit=5000"
        later = (await v1.get(logs + query)).json()
        fresh = [line["time"] for one in later["instances"] for line in one["messages"]]
    assert 30 < len(fresh) < 50
    assert min(fresh) >= "2026-11-23T09:00"


async def test_log_lines_are_cut_at_the_end_of_the_scan():
    async with cloud_site() as site:
        v1 = site.v1()
        logs = f"/clusters/{(await v1.named('wiki'))['id']}/logs"

        async def times(query):
            answer = await v1.get(f"{logs}?start=2026-11-20T00:00:00Z&{query}")
            return [line["time"] for line in answer.json()["instances"][0]["messages"]]

        everything = await times("direction=FORWARD&limit=5000")
        assert await times("direction=FORWARD&limit=3") == everything[:3]
        assert await times("direction=BACKWARD&limit=3") == everything[:-4:-1]
        assert await times("limit=3") == everything[:-4:-1]


@pytest.mark.parametrize(
    "query",
    [
        "start=2026-10-01T00:00:00Z",
        "end=2026-11-24T00:00:00Z",
        "start=2026-11-23T00:00:00Z&end=2026-11-22T00:00:00Z",
        "start=noon",
        "direction=SIDEWAYS",
        "limit=0",
        "limit=5001",
    ],
)
async def test_log_parameters_out_of_range_are_refused(query):
    async with cloud_site() as site:
        v1 = site.v1()
        cluster = (await v1.named("orders-prod"))["id"]
        assert (await v1.get(f"/clusters/{cluster}/logs?{query}")).status_code == 422


async def test_versions_are_names_and_a_cluster_lists_its_own_first():
    async with cloud_site(oddities=frozenset({Oddity.OLD_VERSION})) as site:
        v1 = site.v1()
        old = (await v1.named("legacy-reports"))["id"]
        answers = {
            path: [one["name"] for one in (await v1.get(path)).json()["data"]]
            for path in (
                "/versions",
                "/clusters/postgresversions",
                f"/clusters/{old}/versions",
                f"/clusters/{old}/postgresversions",
            )
        }
        info = (await v1.get("/infos/version")).json()
        infos = (await v1.get("/infos/versions")).json()
    assert list(answers.values()) == [["14", "15", "16"]] * 2 + [["13", "14", "15", "16"]] * 2
    assert info in infos
