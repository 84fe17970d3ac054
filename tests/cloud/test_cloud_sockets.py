"""The admin API over a real socket, as crash and restore tests use it."""

from contextlib import asynccontextmanager

import httpx
import pytest
from cloud_clients import cloud_site, put_back

from bot.demo.cloud.app import create_app
from bot.demo.loopback_server import LoopbackServer

pytestmark = pytest.mark.anyio
API = pytest.mark.parametrize("api", ["v1", "v2"])
BUSY = {"v1": "BUSY", "v2": "UPDATING"}


@asynccontextmanager
async def served():
    """Yield the site with every request over a socket."""
    async with (
        cloud_site() as site,
        LoopbackServer(create_app(site.cloud)) as server,
        httpx.AsyncClient(base_url=server.url) as http,
    ):
        site.http = http
        yield site


async def order(site, path, **fields):
    method = "POST" if path == "/faults" else "PATCH"
    assert (await site.admin(method, path, json=fields)).status_code == 200


async def pass_time(site, seconds):
    await site.admin("POST", "/clock/advance", json={"seconds": seconds})


async def main_character(site, api):
    caller = getattr(site, api)()
    return caller, (await caller.named("orders-prod" if api == "v1" else "payments-prod"))["id"]


async def restore(caller, cluster):
    if caller.api == "v1":
        backup = (await caller.get(f"/clusters/{cluster}/backups")).json()["items"][0]["id"]
        return await caller("POST", f"/clusters/{cluster}/restore", json={"backupId": backup})
    target = {"recoveryTargetDatetime": "2026-11-22T09:00:00Z"}
    return await put_back(caller, cluster, restoreFromBackup=target)


async def backups(caller, cluster):
    own = "/clusters/{}/backups" if caller.api == "v1" else "/backups?filter.clusterId={}"
    return len((await caller.get(own.format(cluster))).json()["items"])


@API
async def test_a_restore_without_a_trace_is_done_and_nothing_shows_it(api):
    async with served() as site:
        await order(site, "/switches", restore_trace="none")
        caller, cluster = await main_character(site, api)
        before = (await caller.get(f"/clusters/{cluster}")).json()["metadata"]
        answer = await restore(caller, cluster)
        for _ in range(3):
            assert (await caller.get(f"/clusters/{cluster}")).json()["metadata"] == before
            await pass_time(site, 300)
        assert await backups(caller, cluster) == 1
        assert len((await site.true_state(cluster))["restores"]) == 1
    assert answer.status_code == {"v1": 202, "v2": 200}[api]


@API
async def test_a_restore_shows_as_late_as_the_operator_says(api):
    async with served() as site:
        await order(site, "/switches", restore_trace="late")
        await order(site, "/durations", late_trace=45)
        caller, cluster = await main_character(site, api)
        before = (await caller.get(f"/clusters/{cluster}")).json()["metadata"]
        answer = await restore(caller, cluster)
        if api == "v2":
            assert answer.json()["metadata"] == before
        await pass_time(site, 44)
        assert (await caller.get(f"/clusters/{cluster}")).json()["metadata"] == before
        await pass_time(site, 1)
        shown = (await caller.get(f"/clusters/{cluster}")).json()["metadata"]
        await pass_time(site, 300)
        after = await caller.state(cluster)
        assert await backups(caller, cluster) == 2
    assert shown["state"] == BUSY[api]
    assert shown["lastModifiedDate"] == "2026-11-23T09:00:45.000Z"
    assert after == "AVAILABLE"


@API
@pytest.mark.parametrize("trace", ["full", "late"])
async def test_a_restore_can_be_made_to_fail(api, trace):
    async with served() as site:
        await order(site, "/switches", restore_trace=trace)
        caller, cluster = await main_character(site, api)
        await order(site, f"/clusters/{cluster}", fail_next=True)
        await restore(caller, cluster)
        seen = []
        for _ in range(2):
            await pass_time(site, 210)
            seen.append(await caller.state(cluster))
        await restore(caller, cluster)
        await pass_time(site, 420)
        again = await caller.state(cluster)
    assert seen == [BUSY[api], "FAILED"]
    assert again == "AVAILABLE"


@API
async def test_a_restore_whose_answer_is_lost_was_accepted_and_came_once(api):
    async with served() as site:
        method, route = {
            "v1": ("POST", "/clusters/{clusterId}/restore"),
            "v2": ("PUT", "/clusters/{clusterId}"),
        }[api]
        await order(site, "/faults", kind="crash_after_accept", method=method, times=1)
        caller, cluster = await main_character(site, api)
        with pytest.raises(httpx.RemoteProtocolError):
            await restore(caller, cluster)
        assert await caller.state(cluster) == BUSY[api]
        rows = (await site.admin("GET", "/calls")).json()["calls"]
        posts = (await site.admin("GET", "/posts")).json()
        assert len((await site.true_state(cluster))["restores"]) == 1
    counted = [
        (row["status"], row["count"]) for row in rows if (row["method"], row["path"]) == (method, route)
    ]
    assert counted == [(0, 1)]
    assert [(row["method"], row["id"], row["status"]) for row in posts] == [(method, cluster, 0)]
