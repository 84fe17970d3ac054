"""Readiness of 1,000 and 10,000 clusters at 50 ms: seconds, calls, peak memory; IONOS's v1 SDK beside it.

`python -m tests.bench.readiness URL` is one run in a process of its own. The SDK reads only v1, one call
after the other, and judges nothing; 10,000 clusters would take it ten times as long as 1,000.
"""

import asyncio
import json
import math
import sys
import time
from collections.abc import AsyncIterator

from pydantic import SecretStr

from bot.demo.cloud.places import REGIONS
from bot.demo.http_client import loopback_client
from bot.ionos.credentials import ContractAccess, resolve_addresses
from bot.ionos.fleet import open_fleet
from bot.runtime.clock import SystemClock
from migrations.collect import MAX_CONCURRENT, Collector
from migrations.custom_rules import shipped_rules
from migrations.readiness import assess_fleet
from tests.bench.figures import Figure, progress
from tests.bench.processes import cloud
from tests.bench.readings import Reading, peak_mb, reading
from tests.support.sdk_environments import SCRIPTS, sdk_python

LATENCY = 0.05
SIZES = (1_000, 10_000)
PAGE = 1_000
LISTS = 3
"""Lists of each v2 region: clusters, versions and backup locations; of v1: clusters, versions and backups."""


async def measure() -> AsyncIterator[Figure]:
    """Measure both sizes with this client, then the smaller one with the SDK, which takes a minute or two."""
    found: dict[int, Reading] = {}
    for clusters in SIZES:
        progress(f"Judging {clusters:,} clusters")
        async with cloud(clusters=clusters, latency="50ms") as url:
            found[clusters] = await reading(sys.executable, "-m", "tests.bench.readiness", url)
            for figure in _ours(clusters, found[clusters], await _calls(url)):
                yield figure
    progress("Making the environment of IONOS's SDK, once per machine")
    python = str(await asyncio.to_thread(sdk_python, "v1"))
    smallest = min(SIZES)
    progress(f"Reading {found[smallest].clusters:,} clusters with it, one call after the other")
    async with cloud(clusters=smallest, latency="50ms") as url:
        theirs = await reading(python, str(SCRIPTS / "v1_readiness.py"), url)
    yield _theirs(smallest, theirs, found[smallest])


def _ours(clusters: int, ours: Reading, calls: int) -> list[Figure]:
    what = f"readiness of {clusters:,} clusters ({ours.clusters:,} on v1), 50 ms"
    ideal = calls * LATENCY / MAX_CONCURRENT
    least = 2 * ours.clusters + LISTS * (len(REGIONS) + 1)
    more = sum(max(0, math.ceil(ours.clusters * lists / PAGE) - 1) for lists in (1, 1))
    return [
        Figure(what, f"{ours.seconds:.1f} s, {ours.seconds / ideal:.2f} × the ideal", "at most 1.5 ×"),
        Figure(f"{what}: calls", f"{calls:,}", f"{least + more:,} or more are needed: pages of {PAGE:,}"),
        Figure(f"{what}: processor, peak memory", f"{ours.processor:.1f} s, {ours.peak_mb:.0f} MB"),
    ]


def _theirs(clusters: int, theirs: Reading, ours: Reading) -> Figure:
    if theirs.clusters != ours.clusters:
        raise RuntimeError(f"the SDK read {theirs.clusters} clusters, this client {ours.clusters}")
    what = f"the v1 part of {clusters:,} clusters in a loop, 50 ms: official SDK"
    times = theirs.seconds / ours.seconds
    return Figure(
        what,
        f"{theirs.seconds:.1f} s, peak {theirs.peak_mb:.0f} MB; this is {times:.1f} × faster",
        "≥ 10 ×",
    )


async def _calls(url: str) -> int:
    async with loopback_client() as http:
        rows = (await http.get(f"{url}/_cloud/calls")).raise_for_status().json()["calls"]
    return sum(row["count"] for row in rows)


async def _judge(url: str) -> int:
    access = ContractAccess(name="shop", token=SecretStr("demo-token"))
    addresses = resolve_addresses(f"{url}/databases/postgresql", f"{url}/{{region}}")
    clock = SystemClock()
    fleet = open_fleet([access], addresses, clock=clock)
    rules = shipped_rules()
    collector = Collector(fleet, frozenset(need for rule in rules for need in rule.needs))
    now = clock.now()
    collected = await collector.collect(now, owner_of=lambda _: None)
    report = assess_fleet(collected, rules, now)
    await fleet.close()
    if report.gaps:
        raise RuntimeError(f"could not look everywhere: {report.gaps}")
    return len(report.assessments)


if __name__ == "__main__":
    started = time.perf_counter()
    number = asyncio.run(_judge(sys.argv[1]))
    took = time.perf_counter() - started
    used = time.process_time()
    print(json.dumps({"clusters": number, "seconds": took, "peak_mb": peak_mb(), "processor": used}))
