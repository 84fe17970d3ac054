"""The callers that may use the admin API."""

import httpx
import pytest
from cloud_clients import cloud_site

from bot.demo.cloud.app import create_app
from bot.demo.loopback_server import LoopbackServer

pytestmark = pytest.mark.anyio


async def status(*, client="127.0.0.1", host="127.0.0.1", path="/_cloud/clock", **headers):
    """Return the status for a caller from `client` with this host and these headers."""
    async with cloud_site() as site:
        transport = httpx.ASGITransport(create_app(site.cloud), client=(client, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            return (await http.get(path, headers={"host": host, **headers})).status_code


@pytest.mark.parametrize("client", ["192.0.2.7", "testclient", "::ffff:192.0.2.7"])
async def test_callers_from_elsewhere_are_refused(client):
    assert await status(client=client) == 403
    assert await status(client=client, path="/de-txl/clusters") == 401


@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.9.1", "::1"])
async def test_callers_on_this_machine_are_served(client):
    assert await status(client=client) == 200


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "localhost", "LOCALHOST"])
async def test_names_of_this_machine_are_served(host):
    assert await status(host=host) == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "[", "", "a@b:x"],
)
async def test_a_name_of_another_machine_that_leads_here_is_refused(host):
    assert await status(host=host) == 403


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("http://127.0.0.1:8080", 200),
        ("http://127.0.0.1:9090", 403),
        ("https://127.0.0.1:8080", 403),
        ("http://localhost:8080", 403),
        ("http://evil.example", 403),
        ("http://127.0.0.1:8080.evil.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
async def test_a_page_of_another_origin_is_refused(origin, expected):
    assert await status(host="127.0.0.1:8080", origin=origin) == expected


async def test_a_refused_order_changes_nothing_on_a_socket_either():
    async with cloud_site() as site, LoopbackServer(create_app(site.cloud)) as server:
        before = site.clock.now()
        async with httpx.AsyncClient(base_url=server.url) as http:
            order = {"url": "/_cloud/clock/advance", "json": {"seconds": 60}}
            foreign = await http.post(**order, headers={"origin": "http://evil.example"})
            renamed = await http.post(**order, headers={"host": "evil.example"})
            assert site.clock.now() == before
            own = await http.post(**order)
    assert [one.status_code for one in (foreign, renamed, own)] == [403, 403, 200]
    assert foreign.json()["httpStatus"] == 403
