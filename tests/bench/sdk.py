"""This client against IONOS's own: one fleet, both APIs, the same simulator, the same run.

The official side is both of its SDKs, as somebody without this project would use them: v1, then v2 over
its nine hosts, each in a loop, with the largest pages that the APIs allow. They cannot be in one process,
for they share one package name: their times are added, of their memory the larger counts.
"""

import statistics
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise

from bot.demo.cloud.access import CONTRACT_A
from bot.demo.cloud.places import REGIONS
from bot.demo.http_client import loopback_client
from bot.demo.seeded_fleet import seed_cloud
from bot.demo.virtual_clock import VirtualClock
from tests.bench.figures import Figure, progress, spread
from tests.bench.processes import cloud
from tests.bench.readings import Reading, reading
from tests.support.sdk_environments import SCRIPTS, sdk_python

SIZES = (1_000, 10_000)
LATENCIES = ("0ms", "50ms")
RUNS = 3
UNREADABLE = {"de-fra": "Legacy CRM (2023)", "us-ewr": "tickets-prod"}
"""By region, the clusters that the official v2 SDK stops at: 2 GB of RAM, and a state it does not know."""

Listing = Callable[[str], Awaitable[Reading]]


async def measure() -> AsyncIterator[Figure]:
    """Measure both sizes at both latencies, and the growth of time and memory between the sizes."""
    for latency in LATENCIES:
        sizes = []
        for clusters in SIZES:
            progress(f"Listing {clusters:,} clusters at {latency}, {RUNS} times with each client")
            found = await _size(clusters, latency)
            sizes.append(found)
            for name, runs in found.items():
                yield _figure(clusters, latency, name, runs)
        for smaller, larger in pairwise(sizes):
            for name, runs in smaller.items():
                yield _growth(latency, name, runs, larger[name])


async def _size(clusters: int, latency: str) -> dict[str, list[Reading]]:
    async with cloud(clusters=clusters + _hidden(), latency=latency) as url:
        await _remove_unreadable(url)
        return {
            name: [await _checked(listing, url, clusters) for _ in range(RUNS)] for name, listing in CLIENTS
        }


def _hidden() -> int:
    """Return the number of clusters of the seeded fleet that one token does not show, or that are removed
    beforehand."""
    records = seed_cloud(VirtualClock()).everything()
    return sum(record.contract != CONTRACT_A for record in records) + len(UNREADABLE)


async def _remove_unreadable(url: str) -> None:
    headers = {"authorization": "Bearer demo-token"}
    async with loopback_client(headers=headers) as http:
        for region, name in UNREADABLE.items():
            found = await http.get(f"{url}/{region}/clusters", params={"filter.name": name})
            (cluster,) = found.raise_for_status().json()["items"]
            (await http.delete(f"{url}/{region}/clusters/{cluster['id']}")).raise_for_status()
        moved = await http.post(f"{url}/_cloud/clock/advance", json={"seconds": 120})
        moved.raise_for_status()


async def _checked(listing: Listing, url: str, clusters: int) -> Reading:
    found = await listing(url)
    if found.clusters != clusters:
        raise RuntimeError(f"listed {found.clusters:,} of {clusters:,}")
    return found


async def _ours(url: str) -> Reading:
    return await reading(sys.executable, "-m", "tests.bench.readings", url)


async def _official(url: str) -> Reading:
    regions = [region.label for region in REGIONS]
    first = await reading(str(sdk_python("v1")), str(SCRIPTS / "v1_listing.py"), url)
    second = await reading(str(sdk_python("v2")), str(SCRIPTS / "v2_listing.py"), url, *regions)
    return second.after(first)


CLIENTS: tuple[tuple[str, Listing], ...] = (("pgbot", _ours), ("official SDKs", _official))


def _figure(clusters: int, latency: str, name: str, runs: list[Reading]) -> Figure:
    time_and_memory = f"{spread([run.seconds for run in runs])}, peak {_peak(runs):.0f} MB"
    return Figure(f"listing {clusters:,} clusters, {latency}: {name}", time_and_memory)


def _growth(latency: str, name: str, smaller: list[Reading], larger: list[Reading]) -> Figure:
    time = _median(larger) / _median(smaller)
    memory = _peak(larger) / _peak(smaller)
    what = f"growth from {SIZES[0]:,} to {SIZES[1]:,}, {latency}: {name}"
    return Figure(what, f"time × {time:.1f}, memory × {memory:.1f}")


def _median(runs: list[Reading]) -> float:
    return statistics.median(run.seconds for run in runs)


def _peak(runs: list[Reading]) -> float:
    return max(run.peak_mb for run in runs)
