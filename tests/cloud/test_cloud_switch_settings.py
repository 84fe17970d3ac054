"""Every setting of every switch makes a visible difference."""

import dataclasses

import pytest
from cloud_clients import PASSWORD, cloud_site, put_back, v1_cluster, v2_cluster
from cloud_settings import DEFAULTS, SETTINGS

from bot.demo.cloud.switches import Switches

pytestmark = pytest.mark.anyio
NEW_ID = "46c151c7-55f8-42a4-86c3-06ad6b4b91ea"
TOKEN = {"authorization": "Bearer demo-token"}
RESTORE = {"recoveryTargetDatetime": "2026-11-22T09:00:00Z"}
PROBES = {}


def probe(look):
    """Register the probe of a switch; the function has the switch's name."""
    PROBES[look.__name__] = look
    return look


class View:
    """The site in short: callers without checks, and the two main clusters."""

    def __init__(self, site):
        self.site = site
        self.v1, self.v2 = site.v1(checked=False), site.v2(checked=False)

    async def id(self, name):
        return next(
            one["id"] for one in (await self.site.admin("GET", "/clusters")).json() if one["name"] == name
        )

    async def read(self, caller, name):
        return (await caller.get(f"/clusters/{await self.id(name)}")).json()

    async def patch(self, **properties):
        path = f"/clusters/{await self.id('orders-prod')}"
        return await self.v1("PATCH", path, json={"properties": properties})

    async def put(self, name="payments-prod", **changes):
        return await put_back(self.v2, await self.id(name), **changes)


@probe
async def writes_while_busy(on):
    return (await on.put("payments-staging")).status_code


@probe
async def v1_busy_status(on):
    return (await on.v1("DELETE", f"/clusters/{await on.id('billing-staging')}")).status_code


@probe
async def v2_conflict_on(on):
    return (await put_back(on.v2, await on.id("payments-prod"), name="payments-staging")).status_code


@probe
async def v2_put_without_credentials(on):
    answer = await on.put(credentials=None)
    return answer.status_code, "credentials" in answer.json().get("properties", {})


@probe
async def v2_put_creates(on):
    return (await on.v2("PUT", f"/clusters/{NEW_ID}", json={"id": NEW_ID, **v2_cluster()})).status_code


@probe
async def v2_put_keeps_unfit(on):
    cluster = await on.id("ledger-staging")
    await on.site.admin("POST", f"/clusters/{cluster}/move")
    return (await put_back(on.v2, cluster)).status_code


@probe
async def v2_connection_mutable(on):
    return (await on.put(connection=v2_cluster()["properties"]["connection"])).status_code


@probe
async def v2_created_state(on):
    return (await on.v2("POST", "/clusters", json=v2_cluster())).json()["metadata"]["state"]


@probe
async def v2_returns_credentials(on):
    return "credentials" in (await on.read(on.v2, "payments-prod"))["properties"]


@probe
async def v2_shows_restore(on):
    await on.put(restoreFromBackup=RESTORE)
    during = await on.read(on.v2, "payments-prod")
    on.site.pass_time(600)
    after = await on.read(on.v2, "payments-prod")
    return [sorted(one["properties"].get("restoreFromBackup", ())) for one in (during, after)]


@probe
async def v2_filter_name_case_sensitive(on):
    return len((await on.v2.get("/clusters?filter.name=Payments-Prod")).json().get("items", []))


@probe
async def v2_next_after_last_page(on):
    return "next" in (await on.v2.get("/clusters")).json()["_links"]


@probe
async def v2_omits_empty_items(on):
    return "items" in (await on.v2.get("/clusters?offset=99")).json()


@probe
async def v2_versions(on):
    return [one["properties"]["version"] for one in (await on.v2.get("/versions")).json()["items"]]


@probe
async def v2_backup_locations(on):
    return [one["properties"]["location"] for one in (await on.v2.get("/backup-locations")).json()["items"]]


@probe
async def v2_accepts_basic(on):
    basic = {"authorization": "Basic ZGVtbzpkZW1v"}
    return (await on.site.http.get("/de-txl/clusters", headers=basic)).status_code


@probe
async def v2_contract_header(on):
    answer = await on.v2.get("/clusters", headers={"x-contract-number": "21000002"})
    return answer.status_code, len(answer.json().get("items", []))


@probe
async def v2_path_prefix(on):
    return (await on.site.http.get("/de-txl/v2/clusters", headers=TOKEN)).status_code


@probe
async def v1_versions(on):
    return (await on.v1.get("/versions")).json()


@probe
async def v1_null_connections(on):
    answer = await on.patch(connections=None)
    return answer.status_code, len((await on.read(on.v1, "orders-prod"))["properties"]["connections"])


@probe
async def v1_patch_delay_seconds(on):
    await on.patch(cores=6)
    seen = [(await on.read(on.v1, "orders-prod"))["metadata"]["state"]]
    on.site.pass_time(3)
    return [*seen, (await on.read(on.v1, "orders-prod"))["metadata"]["state"]]


@probe
async def v1_transient_failed(on):
    await on.patch(cores=6)
    on.site.pass_time(30)
    return (await on.read(on.v1, "orders-prod"))["metadata"]["state"]


@probe
async def v1_quick_deletions_fail(on):
    users = f"/clusters/{await on.id('orders-prod')}/users"
    return [(await on.v1("DELETE", f"{users}/{name}")).status_code for name in ("orders", "orders_readonly")]


@probe
async def v1_new_database_hidden_seconds(on):
    databases, seen = f"/clusters/{await on.id('orders-prod')}/databases", []
    await on.v1("POST", databases, json={"properties": {"name": "new", "owner": "orders"}})
    for _ in range(2):
        seen.append(
            "new" in [one["properties"]["name"] for one in (await on.v1.get(databases)).json()["items"]]
        )
        on.site.pass_time(3)
    return seen


@probe
async def v1_password_change_ignored(on):
    """The answer is the same: only the database, or here the admin API, shows the difference."""
    cluster = await on.id("orders-prod")
    body = {"properties": {"password": PASSWORD}}
    answer = await on.v1("PATCH", f"/clusters/{cluster}/users/orders", json=body)
    assert answer.status_code == 200
    return (await on.site.true_state(cluster))["passwords"]["orders"] == PASSWORD


@probe
async def v1_log_range(on):
    cluster = await on.id("orders-prod")
    return (await on.v1.get(f"/clusters/{cluster}/logs?start=2020-01-01T00:00:00Z")).status_code


@probe
async def v1_reports_fra_2(on):
    return (await on.read(on.v1, "shop-staging"))["properties"]["location"]


@probe
async def v1_guide_links(on):
    return "links" in (await on.v1.get("/clusters")).json()


@probe
async def sort(on):
    return [one["id"] for one in (await on.v1.get("/clusters")).json()["items"]]


@probe
async def error_body(on):
    return (await on.v1.get(f"/clusters/{NEW_ID}")).json()


@probe
async def rate_per_minute(on):
    return [(await on.v1.get("/versions")).status_code for _ in range(21)]


@probe
async def caching(on):
    return "etag" in (await on.v1.get("/versions")).headers


@probe
async def idempotency_keys(on):
    key = {"idempotency-key": "k"}
    made = [(await on.v1("POST", "/clusters", json=v1_cluster(), headers=key)).json()["id"] for _ in range(2)]
    return made[0] == made[1]


@probe
async def guide_ranges_forbidden(on):
    connection = v1_cluster()["properties"]["connections"][0] | {"cidr": "192.168.230.5/24"}
    return (await on.v1("POST", "/clusters", json=v1_cluster(connections=[connection]))).status_code


@probe
async def v1_clusters_in_v2(on):
    return await on.v2.state(await on.id("orders-prod"))


@probe
async def v2_clusters_in_v1(on):
    return await on.v1.state(await on.id("payments-prod"))


@probe
async def restore_trace(on):
    cluster, seen = await on.id("payments-prod"), []
    await on.put(restoreFromBackup=RESTORE)
    for _ in range(2):
        seen.append(await on.v2.state(cluster))
        on.site.pass_time(120)
    return seen


def test_every_switch_has_several_settings_and_a_probe():
    names = [field.name for field in dataclasses.fields(Switches)]
    assert sorted(PROBES) == sorted(SETTINGS) == sorted(names)
    assert [name for name in names if len(SETTINGS[name]) < 2 or DEFAULTS[name] not in SETTINGS[name]] == []


@pytest.mark.parametrize("name", SETTINGS)
async def test_each_setting_is_seen_to_differ_from_each_other(name):
    seen = []
    for setting in SETTINGS[name]:
        async with cloud_site(**{name: setting}) as site:
            seen.append(await PROBES[name](View(site)))
    assert [one for index, one in enumerate(seen) if one in seen[:index]] == []
