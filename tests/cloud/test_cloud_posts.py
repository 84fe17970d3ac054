"""The journal of mutating requests, with which crash tests count repeated ones."""

import httpx
import pytest
from cloud_clients import PASSWORD, cloud_site, put_back, v1_cluster

pytestmark = pytest.mark.anyio


async def test_each_request_is_a_row_with_its_virtual_time_and_without_its_body():
    async with cloud_site() as site:
        v1, v2 = site.v1(), site.v2()
        orders, payments = (await v1.named("orders-prod"))["id"], (await v2.named("payments-prod"))["id"]
        credentials = {"username": "owner", "password": PASSWORD}
        await v1("POST", "/clusters", json=v1_cluster(credentials=credentials))
        site.pass_time(90)
        await put_back(v2, payments)
        await put_back(v2, payments)
        await v1("DELETE", f"/clusters/{orders}/users/orders_readonly")
        await v1.get(f"/clusters/{orders}")
        answer = await site.admin("GET", "/posts")
    start, later = "2026-11-23T09:00:00+00:00", "2026-11-23T09:01:30+00:00"
    keys = ("at", "api", "region", "method", "path", "id", "status")
    assert [tuple(row[key] for key in keys) for row in answer.json()] == [
        (start, "v1", "", "POST", "/clusters", "", 200),
        (later, "v2", "de-txl", "PUT", f"/clusters/{payments}", payments, 200),
        (later, "v2", "de-txl", "PUT", f"/clusters/{payments}", payments, 409),
        (later, "v1", "", "DELETE", f"/clusters/{orders}/users/orders_readonly", orders, 204),
    ]
    assert PASSWORD not in answer.text


async def test_what_is_ignored_refused_or_never_answered_has_arrived_all_the_same():
    async with cloud_site() as site:
        for kind, expected in (("accept_and_ignore", 200), ("status", 503), ("crash_after_accept", 0)):
            await site.admin("POST", "/faults", json={"kind": kind, "times": 1})
            try:
                await site.v1()("POST", "/clusters", json=v1_cluster())
            except httpx.RemoteProtocolError:
                assert kind == "crash_after_accept"
            assert (await site.admin("GET", "/posts")).json()[-1]["status"] == expected
        stranger = site.v1("wrong")
        await stranger("POST", "/clusters", json=v1_cluster())
        rows = (await site.admin("GET", "/posts")).json()
        assert (await site.admin("DELETE", "/posts")).status_code == 204
        forgotten = (await site.admin("GET", "/posts")).json()
    assert [row["status"] for row in rows] == [200, 503, 0, 401]
    assert forgotten == []
