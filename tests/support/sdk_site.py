"""The simulator on a loopback port, and IONOS's own clients as programs that call it."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sdk_environments import SCRIPTS

from bot.demo.cloud.app import create_app
from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.oddities import FLEETS, Oddity
from bot.demo.cloud.records import ClusterRecord
from bot.demo.loopback_server import LoopbackServer
from bot.demo.seeded_fleet import seed_cloud
from bot.demo.virtual_clock import VirtualClock

SECONDS = 60


@dataclass(frozen=True, slots=True)
class SdkSite:
    """A seeded cloud under a clock that stands still until somebody moves it, and its address."""

    cloud: Cloud
    clock: VirtualClock
    url: str

    def named(self, name: str) -> ClusterRecord:
        """Return the simulator's record of a cluster."""
        return next(record for record in self.cloud.everything() if record.name == name)

    def outcomes(self, method: str, path: str) -> list[int]:
        """Return the statuses that an operation has answered, with repetitions, lowest first."""
        rows = [row for row in self.cloud.calls.rows() if (row["method"], row["path"]) == (method, path)]
        return [int(row["status"]) for row in rows for _ in range(int(row["count"]))]


@asynccontextmanager
async def sdk_site(
    *, clusters: int = 44, oddities: frozenset[Oddity] = FLEETS["plain"], **switches: Any
) -> AsyncIterator[SdkSite]:
    """Open the site, by default with the fleet that every SDK can read."""
    clock = VirtualClock()
    cloud = seed_cloud(clock, clusters, oddities=oddities)
    cloud.switches = replace(cloud.switches, **switches)
    async with LoopbackServer(create_app(cloud)) as server:
        yield SdkSite(cloud, clock, server.url)


@dataclass(frozen=True, slots=True)
class Decoded:
    """An answer as the SDK decoded it: its status, its class, and the values of that.

    `data` has the names of the SDK's attributes (v1) or the API's (v2); a decoded time is `{"datetime":
    "…"}`, so that it differs from a text. `location` is the header of that name, by the Cloud API's SDK.
    """

    status: int
    type: str
    data: Any
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """A running program that has the SDK; each call is one of the SDK's own methods."""

    process: asyncio.subprocess.Process
    host: str

    async def __call__(
        self,
        call: str,
        /,
        *,
        host: str = "",
        raw: bool = False,
        login: tuple[str, str] | None = None,
        **given: Any,
    ) -> Decoded:
        """Call a method such as `ClustersApi.clusters_get`. Bodies are built as the SDK's own models.

        `raw`: send the body as it is, for fields that these models lack.
        """
        order = {"host": host or self.host, "call": call, "raw": raw, "login": login, "given": given}
        process = self.process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(order).encode() + b"\n")
        async with asyncio.timeout(SECONDS):
            line = await process.stdout.readline()
        if not line:
            _, err = await process.communicate()
            raise AssertionError(f"{call}: {err.decode()[-2000:]}")
        return Decoded(**json.loads(line))


@dataclass(frozen=True, slots=True)
class Sdk:
    """The official SDK of one API: an interpreter that has it, and the script that drives it."""

    api: str
    python: Path

    @asynccontextmanager
    async def at(self, host: str) -> AsyncIterator[Client]:
        """Return the SDK, configured for this address."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            str(self.python),
            str(SCRIPTS / f"{self.api}_client.py"),
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            limit=2**26,
            env={"PATH": os.environ["PATH"]},
        )
        try:
            yield Client(process, host)
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()
