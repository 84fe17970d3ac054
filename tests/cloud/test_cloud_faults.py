"""Every fault, for a client in process and for one on a socket."""

import asyncio
import contextlib

import httpx
import pytest
from cloud_clients import BASES, cloud_site, v1_cluster

from bot.demo.cloud.app import create_app
from bot.demo.cloud.faults import FaultBook, FaultOrder
from bot.demo.loopback_server import LoopbackServer

pytestmark = pytest.mark.anyio
TOKEN = {"authorization": "Bearer demo-token"}


@pytest.fixture(params=["in process", "on a socket"])
async def site(request):
    """Yield the same cloud for both kinds of client."""
    async with cloud_site() as site:
        if request.param == "in process":
            yield site
            return
        async with (
            LoopbackServer(create_app(site.cloud)) as server,
            httpx.AsyncClient(base_url=server.url) as http,
        ):
            site.http = http
            yield site


async def order(site, kind, **more):
    answer = await site.admin("POST", "/faults", json={"kind": kind, **more})
    assert answer.status_code == 200
    return answer.json()["id"]


async def count(site, method, path):
    rows = (await site.admin("GET", "/calls")).json()["calls"]
    return sum(row["count"] for row in rows if (row["method"], row["path"]) == (method, path))


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_a_status_is_answered_in_the_apis_shape_and_nothing_is_done(site, api, status):
    caller = getattr(site, api)()
    await order(site, "status", status=status, retry_after=7, api=api, times=1)
    answer = await caller("POST", "/clusters", json=v1_cluster())
    assert answer.status_code == status
    assert answer.headers["retry-after"] == "7"
    assert answer.json()["httpStatus"] == status
    assert "new-prod" not in (await caller.get("/clusters")).text
    assert await count(site, "POST", "/clusters") == 1


async def test_a_cut_comes_in_the_middle_of_the_body(site):
    await order(site, "cut", path="/clusters", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        await site.v1().get("/clusters")
    assert (await site.v1().get("/clusters")).status_code == 200


async def test_a_cut_of_an_answer_without_a_body_is_still_a_cut(site):
    cluster = (await site.v2().named("payments-prod"))["id"]
    await order(site, "cut", method="DELETE", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        await site.v2()("DELETE", f"/clusters/{cluster}")
    assert await site.v2().state(cluster) == "DESTROYING"


async def test_a_cut_of_an_answer_that_may_have_no_body_is_still_a_cut(site):
    users = f"/clusters/{(await site.v1().named('orders-prod'))['id']}/users"
    await order(site, "cut", method="DELETE", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        await site.v1()("DELETE", f"{users}/orders_readonly")
    assert (await site.v1().get(f"{users}/orders_readonly")).status_code == 404


async def test_a_crash_after_accepting_does_the_work_and_says_nothing(site):
    v1 = site.v1()
    await order(site, "crash_after_accept", method="POST", path="/clusters", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        await v1("POST", "/clusters", json=v1_cluster())
    assert (await v1.named("new-prod"))["metadata"]["state"] == "BUSY"
    await order(site, "crash_after_accept", method="POST", status=500, times=1)
    answer = await v1("POST", "/clusters", json=v1_cluster(displayName="second"))
    assert answer.status_code == 500
    assert await v1.named("second")


async def test_malformed_json_is_half_of_the_answer_as_if_it_were_all(site):
    await order(site, "malformed", times=1)
    answer = await site.v1(checked=False).get("/clusters")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answer.json()


@pytest.mark.parametrize("status", [200, 502])
async def test_html_instead_of_json(site, status):
    await order(site, "html", times=1, status=status)
    answer = await site.v1(checked=False).get("/clusters")
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


async def test_accept_and_ignore_answers_as_if_and_leaves_everything(site):
    v1, v2 = site.v1(), site.v2()
    orders, payments = await v1.named("orders-prod"), await v2.named("payments-prod")
    before = await site.true_state(orders["id"])
    listed = (await v1.get("/clusters")).json()
    await order(site, "accept_and_ignore", times=5)
    changed = await v1("PATCH", f"/clusters/{orders['id']}", json={"properties": {"cores": 9}})
    assert changed.json()["properties"]["cores"] == 9
    assert (await v1("POST", "/clusters", json=v1_cluster())).status_code == 200
    assert (await v2("DELETE", f"/clusters/{payments['id']}")).status_code == 202
    user = {"properties": {"password": "another one"}}
    assert (await v1("PATCH", f"/clusters/{orders['id']}/users/orders", json=user)).status_code == 200
    backup = before["backups"][0]["v1_id"]
    assert (
        await v1("POST", f"/clusters/{orders['id']}/restore", json={"backupId": backup})
    ).status_code == 202
    assert (await v1.get("/clusters")).json() == listed
    site.pass_time(1000)
    assert (await v1.get(f"/clusters/{orders['id']}")).json() == orders
    assert (await v2.get(f"/clusters/{payments['id']}")).json() == payments
    assert await site.true_state(orders["id"]) == before


@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_endless_pages_begin_again(site, api):
    caller = getattr(site, api)()
    await order(site, "endless_pages", path="/clusters")
    first = (await caller.get("/clusters?limit=200")).json()
    later = (await caller.get("/clusters?limit=3&offset=100000")).json()
    assert len(first["items"]) == 200
    assert len(later["items"]) == 3
    links = "links" if api == "v1" else "_links"
    assert "next" in later[links]


async def test_latency_is_added_to_whatever_follows(site):
    await order(site, "latency", seconds=0.001)
    await order(site, "status", status=503, times=1)
    assert (await site.v1().get("/versions")).status_code == 503
    assert (await site.v1().get("/versions")).status_code == 200
    faults = (await site.admin("GET", "/faults")).json()
    assert [(one["kind"], one["met"]) for one in faults] == [("latency", 2)]


async def test_a_hang_lasts_until_it_is_released_and_then_goes_on(site):
    number = await order(site, "hang", method="POST", times=1)
    hanging = asyncio.create_task(site.v1()("POST", "/clusters", json=v1_cluster()))
    while not (await site.admin("GET", "/faults")).json()[0]["met"]:
        await asyncio.sleep(0)
    assert "new-prod" not in (await site.v1().get("/clusters")).text
    assert not hanging.done()
    assert (await site.admin("DELETE", f"/faults/{number}")).status_code == 204
    assert (await hanging).status_code == 200
    assert "new-prod" in (await site.v1().get("/clusters")).text


async def test_a_client_that_leaves_a_hang_leaves_nothing_behind(site):
    await order(site, "hang", method="POST")
    hanging = asyncio.create_task(site.v1()("POST", "/clusters", json=v1_cluster()))
    while not (await site.admin("GET", "/faults")).json()[0]["met"]:
        await asyncio.sleep(0)
    hanging.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await hanging
    while not await count(site, "POST", "/clusters"):
        await asyncio.sleep(0)
    assert "new-prod" not in (await site.v1().get("/clusters")).text


@pytest.mark.parametrize(("how", "api"), [("503", "v2"), ("401", "v2"), ("500", "v1")])
async def test_an_outage_takes_one_place_down_and_no_other(site, how, api):
    place = "v1" if api == "v1" else "de-txl"
    await site.admin("PUT", f"/outages/{place}", json={"how": how})
    down = await site.http.get(f"{BASES[api]}/versions", headers=TOKEN)
    up = await site.http.get("/de-fra/versions", headers=TOKEN)
    assert (down.status_code, up.status_code) == (int(how), 200)
    await site.admin("PUT", f"/outages/{place}", json={"how": "503"})
    assert len((await site.admin("GET", "/faults")).json()) == 1
    await site.admin("DELETE", f"/outages/{place}")
    assert (await site.http.get(f"{BASES[api]}/versions", headers=TOKEN)).status_code == 200


async def test_an_outage_may_cut_or_hang(site):
    await site.admin("PUT", "/outages/de-txl", json={"how": "cut"})
    with pytest.raises(httpx.RemoteProtocolError):
        await site.v2().get("/versions")
    await site.admin("PUT", "/outages/de-txl", json={"how": "hang"})
    hanging = asyncio.create_task(site.v2().get("/versions"))
    while not (await site.admin("GET", "/faults")).json()[0]["met"]:
        await asyncio.sleep(0)
    await site.admin("DELETE", "/outages/de-txl")
    assert (await hanging).status_code == 200


async def test_nothing_of_all_this_is_logged_as_an_error(site, caplog):
    for kind in ("cut", "crash_after_accept", "malformed", "html"):
        await order(site, kind, times=1)
        with contextlib.suppress(httpx.RemoteProtocolError):
            await site.v1(checked=False).get("/clusters")
    assert [record for record in caplog.records if record.levelname not in ("DEBUG", "INFO")] == []


MATCHES = [
    ({}, True),
    ({"method": "POST"}, True),
    ({"method": "GET"}, False),
    ({"path": "/clusters/*/restore"}, True),
    ({"path": "/clusters/*"}, False),
    ({"path": "/clusters/**"}, True),
    ({"path": "**/restore"}, True),
    ({"path": "/clusters/?/restore"}, False),
    ({"api": "v1"}, True),
    ({"api": "v2"}, False),
    ({"region": "*"}, True),
    ({"region": "de-txl"}, False),
]


@pytest.mark.parametrize(("where", "meets"), MATCHES)
async def test_where_a_fault_applies(where, meets):
    book = FaultBook()
    book.add(FaultOrder(kind="hang", **where))
    target = ("v1", "", "POST", "/clusters/x/restore")
    assert bool(book.meet(*target)) is meets


async def test_a_fault_counts_skips_and_is_spent():
    book = FaultBook()
    book.add(FaultOrder(kind="status", skip=1, times=2))
    target = ("v1", "", "GET", "/clusters")
    assert [bool(book.meet(*target)) for _ in range(5)] == [False, True, True, False, False]
    assert book.all() == []


async def test_a_spent_hang_meets_nobody_and_can_still_be_released():
    book = FaultBook()
    book.add(FaultOrder(kind="hang", times=1))
    target = ("v1", "", "GET", "/clusters")
    (hang,), second = book.meet(*target), book.meet(*target)
    assert second == []
    assert book.remove(hang.id)
    assert hang.released.is_set()


async def test_one_request_meets_at_most_one_fault_besides_latency():
    book = FaultBook()
    for kind in ("latency", "status", "cut", "latency"):
        book.add(FaultOrder(kind=kind))
    met = book.meet("v1", "", "GET", "/clusters")
    assert [fault.order.kind for fault in met] == ["latency", "status", "latency"]
    assert [fault.met for fault in book.all()] == [1, 1, 0, 1]
