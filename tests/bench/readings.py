"""A listing by one client in a process of its own: the number of clusters, the seconds, and the peak
memory.

`python -m tests.bench.readings URL` is that process for this project's client.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import SecretStr

from bot.ionos.credentials import ContractAccess, resolve_addresses
from bot.ionos.fleet import open_fleet
from bot.runtime.clock import SystemClock
from tests.bench.processes import environment


@dataclass(frozen=True, slots=True)
class Reading:
    """The figures of one listing. `peak_mb` is the most memory that the process ever had (1 MB = 1024 KB).
    `processor` is the seconds of processor time, which other processes on the machine leave alone; 0 where
    it was not measured."""

    clusters: int
    seconds: float
    peak_mb: float
    processor: float = 0.0

    def after(self, other: Self) -> "Reading":
        """Return the figures of two programs in sequence: their times add up, their memory does not."""
        return Reading(
            self.clusters + other.clusters,
            self.seconds + other.seconds,
            max(self.peak_mb, other.peak_mb),
            self.processor + other.processor,
        )


async def reading(*words: str) -> Reading:
    """Run a program that prints a reading as JSON. Raise RuntimeError when it fails."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, stdout=pipe, stderr=pipe, env=environment({}))
    out, err = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"{Path(words[1]).name} failed: {err.decode()[-2000:]}")
    return Reading(**json.loads(out))


async def _list(url: str) -> int:
    access = ContractAccess(name="shop", token=SecretStr("demo-token"))
    addresses = resolve_addresses(f"{url}/databases/postgresql", f"{url}/{{region}}")
    fleet = open_fleet([access], addresses, clock=SystemClock())
    listing = await fleet.clusters()
    await fleet.close()
    if listing.gaps:
        raise RuntimeError(f"could not look everywhere: {listing.gaps}")
    return len(listing.items)


def peak_mb() -> float:
    """Return the most memory that this process ever had, in MB."""
    # Not getrusage: it would count what the parent had when it started this process.
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


if __name__ == "__main__":
    started = time.perf_counter()
    number = asyncio.run(_list(sys.argv[1]))
    took = time.perf_counter() - started
    print(json.dumps({"clusters": number, "seconds": took, "peak_mb": peak_mb()}))
