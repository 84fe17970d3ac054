"""Duration of a fleet listing: v1 and nine v2 hosts at 50 ms, and the cost of one host that hangs."""

import resource
import time
from collections.abc import AsyncIterator

from pydantic import SecretStr

from bot.demo.http_client import loopback_client
from bot.ionos.credentials import ContractAccess, resolve_addresses
from bot.ionos.fleet import Fleet, open_fleet
from bot.runtime.clock import SystemClock
from tests.bench.figures import Figure, spread
from tests.bench.processes import cloud

RUNS = 5


async def measure() -> AsyncIterator[Figure]:
    """Measure listings of 1,000 and 10,000 clusters, and of 1,000 with one region down."""
    for clusters in (1_000, 10_000):
        for figure in await _listing(clusters):
            yield figure
    yield await _region_down()


async def _listing(clusters: int) -> list[Figure]:
    async with cloud(clusters=clusters, latency="50ms") as url:
        seconds = [await _timed(url, clusters) for _ in range(RUNS)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    target = "< 1 s" if clusters == 1_000 else ""
    return [
        Figure(f"listing {clusters:,} clusters, 50 ms latency", spread(seconds), target),
        Figure(f"peak memory of the process so far, {clusters:,} clusters", f"{peak:.0f} MB"),
    ]


async def _region_down() -> Figure:
    async with cloud(clusters=1_000, latency="50ms") as url:
        async with loopback_client() as operator:
            order = {"kind": "status", "status": 503, "api": "v2", "region": "fr-par"}
            (await operator.post(f"{url}/_cloud/faults", json=order)).raise_for_status()
        fleet = _fleet(url)
        started = time.perf_counter()
        listing = await fleet.clusters()
        took = time.perf_counter() - started
        await fleet.close()
    named = ", ".join(gap.where for gap in listing.gaps)
    return Figure(
        "the same with fr/par answering 503",
        f"{took:.2f} s, named: {named}",
        "no more than its timeout (20 s)",
    )


async def _timed(url: str, clusters: int) -> float:
    fleet = _fleet(url)
    started = time.perf_counter()
    listing = await fleet.clusters()
    took = time.perf_counter() - started
    await fleet.close()
    if len(listing.items) != clusters or listing.gaps:
        raise RuntimeError(f"listed {len(listing.items)} of {clusters}: {listing.gaps}")
    return took


def _fleet(url: str) -> Fleet:
    accesses = [
        ContractAccess(name=name, number=number, token=SecretStr(token))
        for name, number, token in (
            ("shop", "21000001", "demo-token"),
            ("billing", None, "demo-token-b"),
            ("logistics", None, "demo-token-c"),
        )
    ]
    addresses = resolve_addresses(f"{url}/databases/postgresql", f"{url}/{{region}}")
    return open_fleet(accesses, addresses, clock=SystemClock())
