"""The simulated cloud for programs that IONOS's customers use, and how such a program is run."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from bot.demo.cloud.access import CONTRACT_A
from bot.demo.cloud.app import create_app
from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.oddities import FLEETS, Oddity
from bot.demo.cloud.places import REGIONS
from bot.demo.cloud.records import ClusterRecord, Phase
from bot.demo.environment import CREDENTIALS, SETTINGS
from bot.demo.loopback_server import LoopbackServer
from bot.demo.seeded_fleet import seed_cloud
from bot.demo.virtual_clock import VirtualClock

TOKEN = "demo-token"
PASSWORD = "Simulated1$pw"
PACK_VALUES = {
    "V2_BACKUP_LOCATION": "eu-central-3",
    "V2_USERNAME": "orders",
    "V2_PASSWORD": PASSWORD,
    "V2_DATABASE": "orders",
}
"""What a person fills in before a migration pack is used."""
ROOT = Path(__file__).parents[2]
SECONDS = 600
"""The time for one program. Ansible starts Python for each task, Terraform pauses after each deletion."""


class ClientFailure(Exception):
    """A program that did not do what it was asked to; the sentence says what it did instead."""


@dataclass(frozen=True, slots=True)
class ClientRun:
    """One client's run against the simulated cloud. `folder` is its home and its working directory."""

    cloud: Cloud
    clock: VirtualClock
    url: str
    folder: Path
    done: list[str] = field(default_factory=list)

    def did(self, what: str) -> None:
        """Note what has worked, for the client's line."""
        self.done.append(what)

    async def program(self, *words: str, env: Mapping[str, str] | None = None, code: int = 0) -> str:
        """Run a program to its end, and return its output, with that to stderr where it is to fail.

        Raises ClientFailure for another exit code.
        """
        variables = {"PATH": os.environ["PATH"], "HOME": str(self.folder), **(env or {})}
        process = await asyncio.create_subprocess_exec(
            *words, stdout=PIPE, stderr=PIPE, cwd=self.folder, env=variables
        )
        try:
            async with asyncio.timeout(SECONDS):
                out, err = await process.communicate()
        except TimeoutError:
            raise ClientFailure(f"{_line(words)}: no end after {SECONDS} s") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()
        if process.returncode != code:
            said = (out + b"\n" + err).decode(errors="replace").strip()
            raise ClientFailure(f"{_line(words)}: exit code {process.returncode}\n{said[-2000:]}")
        return (out + err if code else out).decode(errors="replace")

    async def json(self, *words: str, env: Mapping[str, str] | None = None) -> Any:
        """Run a program, and return its JSON. Raises ClientFailure."""
        out = await self.program(*words, env=env)
        try:
            return json.loads(out)
        except ValueError:
            raise ClientFailure(f"{_line(words)}: not JSON:\n{out[:2000]}") from None

    def available(self, api: str) -> list[ClusterRecord]:
        """Return the available clusters of one API that the token's own contract has."""
        here = [each for each in self.cloud.everything() if (each.api, each.contract) == (api, CONTRACT_A)]
        return [each for each in here if each.phase == Phase.AVAILABLE]

    def check_listed(self, api: str, listed: Iterable[object]) -> None:
        """Raise ClientFailure unless every available cluster of one API is among these ids."""
        ids = set(listed)
        lacking = [each.name for each in self.available(api) if each.id not in ids]
        check(f"unlisted clusters of {api}", lacking, [])

    def named(self, name: str) -> ClusterRecord:
        """Return the simulator's record of a cluster. Raises ClientFailure."""
        found = [each for each in self.cloud.everything() if each.name == name]
        if len(found) != 1:
            raise ClientFailure(f"{len(found)} clusters are called {name}")
        return found[0]

    async def write_pack(self, name: str) -> Path:
        """Have pgbot write the migration pack of a cluster, and return its folder. Raises ClientFailure."""
        words = (sys.executable, "-m", "bot.programs.cli", "run", f"migration plan {name} --out pack")
        await self.program(
            *words,
            env={
                **CREDENTIALS,
                "PGBOT_CONFIG": str(SETTINGS),
                "PGBOT_DATA": str(self.folder / "data"),
                "PGBOT_IONOS__API_URL": self.url,
                "PGBOT_IONOS__REGION_URL": f"{self.url}/{{region}}",
                "PYTHONPATH": str(ROOT),
            },
        )
        return self.folder / "pack"

    async def settled(self, cluster: ClusterRecord) -> None:
        """Wait until the cluster is available, for programs that do not."""
        async with asyncio.timeout(SECONDS):
            while cluster.phase != Phase.AVAILABLE:
                await asyncio.sleep(0.05)

    def write_endpoints(self) -> Path:
        """Write the configuration file of IONOS's Go clients: the token, and the simulator's addresses."""
        products = [
            {"name": "cloud", "endpoints": [{"name": f"{self.url}/cloudapi/v6"}]},
            {"name": "psql", "endpoints": [{"name": f"{self.url}/databases/postgresql"}]},
            {
                "name": "psqlv2",
                "endpoints": [
                    *(
                        {"location": location, "name": f"{self.url}/{each.label}"}
                        for each in REGIONS
                        for location in each.locations
                    ),
                    {"name": f"{self.url}/de-txl"},  # where ionosctl looks for versions
                ],
            },
        ]
        path = self.folder / "ionos.yaml"
        profile = {"name": "simulator", "environment": "simulator", "credentials": {"token": TOKEN}}
        content = {
            "version": 1.0,
            "currentProfile": "simulator",
            "profiles": [profile],
            "environments": [{"name": "simulator", "products": products}],
        }
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return path


def check(what: str, seen: object, wanted: object) -> None:
    """Raise ClientFailure unless both are the same."""
    if seen != wanted:
        raise ClientFailure(f"{what}: {seen!r} instead of {wanted!r}")


def _line(words: tuple[str, ...]) -> str:
    return " ".join((Path(words[0]).name, *words[1:])).replace(PASSWORD, "…")[:200]


@asynccontextmanager
async def client_run(folder: Path) -> AsyncIterator[ClientRun]:
    """Serve a plain fleet whose time runs 240 times as fast, so that nobody waits for a cluster."""
    async with still_run(folder) as run:
        passing = asyncio.create_task(_let_time_pass(run.clock, run.cloud))
        try:
            yield run
        finally:
            passing.cancel()
            await asyncio.gather(passing, return_exceptions=True)


@asynccontextmanager
async def still_run(folder: Path, oddities: frozenset[Oddity] = FLEETS["plain"]) -> AsyncIterator[ClientRun]:
    """Serve a fleet whose time stands still."""
    clock = VirtualClock()
    cloud = seed_cloud(clock, oddities=oddities)
    async with LoopbackServer(create_app(cloud)) as server:
        yield ClientRun(cloud, clock, server.url, folder)


async def _let_time_pass(clock: VirtualClock, cloud: Cloud) -> None:
    while True:
        await asyncio.sleep(0.25)
        clock.advance(timedelta(minutes=1))
        cloud.take_due_steps()
