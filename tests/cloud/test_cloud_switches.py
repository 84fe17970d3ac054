"""Every open question of the reference is a switch: those of v1 and of both APIs."""

import pytest
from cloud_clients import cloud_site, put_back, v1_cluster

from bot.demo.cloud.oddities import Oddity

pytestmark = pytest.mark.anyio
NEW_ID = "46c151c7-55f8-42a4-86c3-06ad6b4b91ea"


@pytest.mark.parametrize(
    ("switches", "status"), [({"v1_busy_status": 409}, 409), ({"writes_while_busy": "accept"}, 200)]
)
async def test_v1_writes_while_busy(switches, status):
    async with cloud_site(
        writes_while_busy=switches.get("writes_while_busy", "refuse"),
        v1_busy_status=switches.get("v1_busy_status", 422),
    ) as site:
        v1 = site.v1(checked=False)
        busy = (await v1.named("billing-staging"))["id"]
        answer = await v1("PATCH", f"/clusters/{busy}", json={"properties": {"cores": 9}})
        assert answer.status_code == status
        site.pass_time(3)
        assert await v1.state(busy) == "BUSY"


@pytest.mark.parametrize(("setting", "status"), [("refuse", 409), ("accept", 200)])
async def test_v2_writes_while_busy(setting, status):
    async with cloud_site(writes_while_busy=setting) as site:
        v2 = site.v2()
        busy = (await v2.named("payments-staging"))["id"]
        assert (await put_back(v2, busy, description="x")).status_code == status


@pytest.mark.parametrize(
    ("api", "setting", "status", "left"),
    [
        ("v1", "refuse", 422, "BUSY"),
        ("v1", "accept", 200, "DESTROYING"),
        ("v2", "refuse", 409, "UPDATING"),
        ("v2", "accept", 202, "DESTROYING"),
    ],
)
async def test_a_deletion_while_busy(api, setting, status, left):
    async with cloud_site(writes_while_busy=setting) as site:
        caller = getattr(site, api)()
        busy = (await caller.named("billing-staging" if api == "v1" else "payments-staging"))["id"]
        assert (await caller("DELETE", f"/clusters/{busy}")).status_code == status
        assert await caller.state(busy) == left


async def test_an_accepted_write_extends_the_work():
    async with cloud_site(writes_while_busy="accept") as site:
        v2 = site.v2()
        cluster = (await v2.named("payments-prod"))["id"]
        await put_back(v2, cluster)
        site.pass_time(50)
        await put_back(v2, cluster)
        site.pass_time(50)
        assert await v2.state(cluster) == "UPDATING"
        site.pass_time(10)
        assert await v2.state(cluster) == "AVAILABLE"


@pytest.mark.parametrize(("setting", "status"), [("busy", 200), ("busy_or_name_taken", 409)])
async def test_what_409_means(setting, status):
    async with cloud_site(v2_conflict_on=setting) as site:
        v2 = site.v2()
        cluster = (await v2.named("payments-prod"))["id"]
        assert (await put_back(v2, cluster, name="payments-staging")).status_code == status


@pytest.mark.parametrize(
    ("setting", "status", "left"), [("keep", 200, 1), ("detach", 200, 0), ("refuse", 422, 1)]
)
async def test_null_connections_in_a_patch(setting, status, left):
    async with cloud_site(v1_null_connections=setting) as site:
        v1 = site.v1()
        cluster = (await v1.named("orders-prod"))["id"]
        answer = await v1("PATCH", f"/clusters/{cluster}", json={"properties": {"connections": None}})
        shown = (await v1.named("orders-prod"))["properties"]["connections"]
    assert (answer.status_code, len(shown)) == (status, left)


@pytest.mark.parametrize(("delay", "state"), [(0, "BUSY"), (2, "AVAILABLE")])
async def test_a_patch_answers_the_old_state_and_is_busy_at_once_or_a_moment_later(delay, state):
    async with cloud_site(v1_patch_delay_seconds=delay) as site:
        v1 = site.v1()
        cluster = (await v1.named("orders-prod"))["id"]
        answer = await v1("PATCH", f"/clusters/{cluster}", json={"properties": {"cores": 6}})
        assert answer.json()["metadata"]["state"] == "AVAILABLE"
        assert await v1.state(cluster) == state
        site.pass_time(2)
        assert await v1.state(cluster) == "BUSY"


async def test_a_change_may_look_failed_for_a_while():
    async with cloud_site(v1_transient_failed=True) as site:
        v1 = site.v1()
        cluster = (await v1.named("orders-prod"))["id"]
        await v1("PATCH", f"/clusters/{cluster}", json={"properties": {"cores": 6}})
        seen = []
        for _ in range(3):
            site.pass_time(20)
            seen.append(await v1.state(cluster))
    assert seen == ["FAILED", "BUSY", "AVAILABLE"]


@pytest.mark.parametrize(("setting", "statuses"), [(True, [204, 500, 204]), (False, [204, 204, 404])])
async def test_deletions_in_quick_succession(setting, statuses):
    async with cloud_site(v1_quick_deletions_fail=setting) as site:
        v1 = site.v1()
        cluster = f"/clusters/{(await v1.named('orders-prod'))['id']}"
        seen = [(await v1("DELETE", f"{cluster}/users/orders")).status_code]
        site.pass_time(9)
        seen.append((await v1("DELETE", f"{cluster}/databases/orders")).status_code)
        site.pass_time(10)
        seen.append((await v1("DELETE", f"{cluster}/databases/orders")).status_code)
    assert seen == statuses


@pytest.mark.parametrize(("hidden", "listed"), [(0, [True, True]), (2, [False, True])])
async def test_a_new_database_is_listed_at_once_or_a_moment_later(hidden, listed):
    async with cloud_site(v1_new_database_hidden_seconds=hidden) as site:
        v1, seen = site.v1(), []
        databases = f"/clusters/{(await v1.named('orders-prod'))['id']}/databases"
        await v1("POST", databases, json={"properties": {"name": "new", "owner": "orders"}})
        for _ in listed:
            items = (await v1.get(databases)).json()["items"]
            seen.append("new" in [one["properties"]["name"] for one in items])
            site.pass_time(2)
    assert seen == listed


@pytest.mark.parametrize(("setting", "kept"), [(True, "Seeded-Passw0rd!"), (False, "another one")])
async def test_a_password_change_that_does_nothing(setting, kept):
    async with cloud_site(v1_password_change_ignored=setting) as site:
        v1 = site.v1()
        cluster = (await v1.named("orders-prod"))["id"]
        body = {"properties": {"password": "another one"}}
        assert (await v1("PATCH", f"/clusters/{cluster}/users/orders", json=body)).status_code == 200
        assert (await site.true_state(cluster))["passwords"]["orders"] == kept


async def test_log_times_may_be_cut_to_the_range():
    async with cloud_site(v1_log_range="clamp") as site:
        v1 = site.v1()
        logs = f"/clusters/{(await v1.named('orders-prod'))['id']}/logs"
        wide = await v1.get(f"{logs}?start=2020-01-01T00:00:00Z&end=2030-01-01T00:00:00Z")
        assert wide.json() == (await v1.get(logs)).json()
        crossed = await v1.get(f"{logs}?start=2026-11-23T00:00:00Z&end=2026-11-22T00:00:00Z")
    assert [one["messages"] for one in crossed.json()["instances"]] == [[], []]


@pytest.mark.parametrize(("setting", "location"), [(True, "de/fra/2"), (False, "de/fra")])
async def test_frankfurt_2_may_be_told_apart_or_not(setting, location):
    async with cloud_site(v1_reports_fra_2=setting) as site:
        assert (await site.v1().named("shop-staging"))["properties"]["location"] == location
        made = await site.v1()("POST", "/clusters", json=v1_cluster(location="de/fra/2"))
        assert made.json()["properties"]["location"] == location
        assert (await site.true_state(made.json()["id"]))["location"] == "de/fra/2"


async def test_lists_of_v1_may_have_the_links_of_the_guide():
    async with cloud_site(v1_guide_links=True) as site:
        answer = (await site.v1(checked=False).get("/clusters?offset=1&limit=1")).json()
    assert set(answer["_links"]) == {"self", "previous", "next"}
    assert "links" not in answer


@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_sort_orders(api):
    orders = {}
    for order in ("created", "name", "id"):
        async with cloud_site(sort=order) as site:
            items = (await getattr(site, api)().get("/clusters")).json()["items"]
            orders[order] = [
                (one["properties"].get("displayName") or one["properties"]["name"], one["id"])
                for one in items
            ]
    assert orders["name"] == sorted(orders["created"])
    assert orders["id"] == sorted(orders["created"], key=lambda one: one[1])


@pytest.mark.parametrize(
    ("setting", "keys"),
    [("full", {"httpStatus", "messages"}), ("no_codes", {"httpStatus", "messages"}), ("empty", set())],
)
async def test_how_much_an_error_says(setting, keys):
    async with cloud_site(error_body=setting) as site:
        body = (await site.v1().get(f"/clusters/{NEW_ID}")).json()
    assert set(body) == keys
    assert all(("errorCode" in one) is (setting == "full") for one in body.get("messages", []))


async def test_the_rate_limit_is_per_contract_and_minute_of_the_virtual_clock():
    async with cloud_site(rate_per_minute=2) as site:
        site.pass_time(15)
        v1 = site.v1()
        seen = [await v1.get("/versions") for _ in range(3)]
        other = await site.v1("demo-token-c").get("/versions")
        site.pass_time(45)
        later = await v1.get("/versions")
    assert [one.status_code for one in seen] == [200, 200, 429]
    assert seen[2].headers["retry-after"] == "45"
    assert (other.status_code, later.status_code) == (200, 200)


async def test_entity_tags():
    async with cloud_site(caching="etag") as site:
        v1 = site.v1(checked=False)
        cluster = f"/clusters/{(await v1.named('orders-prod'))['id']}"
        tag = {"if-none-match": (await v1.get(cluster)).headers["etag"]}
        same = await v1.get(cluster, headers=tag)
        await v1("PATCH", cluster, json={"properties": {"cores": 6}})
        changed = await v1.get(cluster, headers=tag)
    assert (same.status_code, same.content) == (304, b"")
    assert changed.status_code == 200


@pytest.mark.parametrize(("setting", "made"), [(True, 1), (False, 2)])
async def test_idempotency_keys(setting, made):
    async with cloud_site(idempotency_keys=setting) as site:
        v1 = site.v1()
        answers = [
            await v1("POST", "/clusters", json=v1_cluster(), headers={"idempotency-key": "k"})
            for _ in range(2)
        ]
        found = (await v1.get("/clusters?filter.name=new-prod")).json()["items"]
    assert [one.status_code for one in answers] == [200, 200]
    assert len(found) == made


@pytest.mark.parametrize(("setting", "status"), [(True, 422), (False, 200)])
async def test_ranges_that_only_the_guide_forbids(setting, status):
    body = v1_cluster()
    body["properties"]["connections"][0]["cidr"] = "192.168.230.5/24"
    async with cloud_site(guide_ranges_forbidden=setting) as site:
        assert (await site.v1()("POST", "/clusters", json=body)).status_code == status


@pytest.mark.parametrize("setting", [True, False])
async def test_a_v1_cluster_in_v2_before_its_move(setting):
    async with cloud_site(oddities=frozenset({Oddity.DETACHED}), v1_clusters_in_v2=setting) as site:
        orders = (await site.v1().named("orders-prod"))["id"]
        v2 = site.v2()
        assert await v2.state(orders) == ("AVAILABLE" if setting else 404)
        assert ("orders-prod" in (await v2.get("/clusters")).text) is setting
        assert "orders-prod" not in (await site.v2(region="de-fra").get("/clusters")).text
        detached = (await site.v1().named("fulfilment-prod"))["id"]
        assert await site.v2(region="es-vit").state(detached) == 404


@pytest.mark.parametrize("setting", [True, False])
async def test_a_v2_cluster_in_v1(setting):
    async with cloud_site(v2_clusters_in_v1=setting) as site:
        payments = (await site.v2().named("payments-prod"))["id"]
        assert await site.v1().state(payments) == ("AVAILABLE" if setting else 404)
        assert ("payments-prod" in (await site.v1().get("/clusters")).text) is setting


@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_a_restore_may_leave_no_trace(api):
    async with cloud_site(restore_trace="none") as site:
        cluster, before, after = await restore(site, api)
        site.pass_time(3600)
        later = (await getattr(site, api)().get(f"/clusters/{cluster}")).json()
        truth = await site.true_state(cluster)
    assert before["metadata"] == after["metadata"] == later["metadata"]
    assert len(truth["restores"]) == 1
    assert len(truth["backups"]) == 1


async def test_a_restore_may_show_late():
    async with cloud_site(restore_trace="late") as site:
        cluster, before, after = await restore(site, "v1")
        v1 = site.v1()
        site.pass_time(119)
        assert (await v1.get(f"/clusters/{cluster}")).json() == before == after
        site.pass_time(1)
        shown = (await v1.get(f"/clusters/{cluster}")).json()
        assert shown["metadata"]["state"] == "BUSY"
        assert shown["metadata"]["lastModifiedDate"] == "2026-11-23T09:02:00.000Z"
        site.pass_time(300)
        assert await v1.state(cluster) == "AVAILABLE"
        assert len((await v1.get(f"/clusters/{cluster}/backups")).json()["items"]) == 2


async def restore(site, api):
    """Restore the main cluster of an API; return its id and its views before and right after."""
    caller = getattr(site, api)()
    before = await caller.named("orders-prod" if api == "v1" else "payments-prod")
    cluster = before["id"]
    if api == "v1":
        backup = (await caller.get(f"/clusters/{cluster}/backups")).json()["items"][0]["id"]
        answer = await caller("POST", f"/clusters/{cluster}/restore", json={"backupId": backup})
    else:
        target = {"recoveryTargetDatetime": "2026-11-22T09:00:00Z"}
        answer = await put_back(caller, cluster, restoreFromBackup=target)
    assert answer.status_code in (200, 202)
    return cluster, before, (await caller.get(f"/clusters/{cluster}")).json()
