"""The client over real sockets: behaviour that only a real connection shows."""

import pytest
from api_site import BOB
from pydantic import SecretStr

from bot.demo.cloud.app import create_app
from bot.demo.cloud.faults import FaultOrder
from bot.demo.cloud.oddities import FLEETS
from bot.demo.loopback_server import LoopbackServer
from bot.demo.seeded_fleet import seed_cloud
from bot.demo.virtual_clock import VirtualClock
from bot.domain.errors import OutcomeUnknown
from bot.ionos.credentials import ContractAccess, resolve_addresses
from bot.ionos.fleet import open_fleet
from bot.runtime.clock import SystemClock

pytestmark = pytest.mark.anyio


async def test_no_proxy_of_the_environment_is_asked_for_this_machine(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with LoopbackServer(create_app(seed_cloud(VirtualClock()))) as server:
        addresses = resolve_addresses(server.url, server.url + "/{region}")
        access = ContractAccess(name="main", token=SecretStr("demo-token"))
        fleet = open_fleet([access], addresses, clock=SystemClock())
        listing = await fleet.clusters()
        await fleet.close()

    assert listing.gaps == ()
    assert len(listing.items) >= 36


@pytest.mark.parametrize("kind", ["cut", "crash_after_accept"])
async def test_a_connection_that_breaks_after_a_write_leaves_it_unknown_and_done_once(kind):
    cloud = seed_cloud(VirtualClock(), oddities=FLEETS["plain"])
    async with LoopbackServer(create_app(cloud)) as server:
        addresses = resolve_addresses(server.url, server.url + "/{region}")
        access = ContractAccess(name="main", token=SecretStr("demo-token"))
        fleet = open_fleet([access], addresses, clock=SystemClock())
        cluster = next(each for each in (await fleet.clusters()).items if each.name == "orders-prod")
        cloud.faults.add(FaultOrder(kind=kind, method="POST"))
        with pytest.raises(OutcomeUnknown):
            await fleet.create_user(cluster, BOB)
        await fleet.close()

    assert cloud.calls.count("POST") == 1
    assert "bob" in cloud.find(cluster.id).users
