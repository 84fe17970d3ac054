"""A cloud simulator that a program reaches with a token and two addresses alone, as in CI."""

from contextlib import asynccontextmanager
from dataclasses import dataclass

from programs_site import run

from bot.demo.cloud.app import create_app
from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.faults import FaultOrder
from bot.demo.loopback_server import LoopbackServer
from bot.demo.seeded_fleet import seed_cloud
from bot.demo.virtual_clock import VirtualClock

TOKEN = "demo-token"


def ci_environment(url):
    """Return the environment of a CI job."""
    return {
        "IONOS_TOKEN": TOKEN,
        "IONOS_API_URL": url,
        "PGBOT_IONOS__REGION_URL": f"{url}/{{region}}",
    }


@dataclass
class Site:
    """The cloud, and pgbot in a folder of its own beside it."""

    cloud: Cloud
    url: str
    folder: object

    def fault(self, **order):
        """Order a fault at the cloud."""
        self.cloud.faults.add(FaultOrder(**order))

    async def pgbot(self, *arguments, env=None):
        """Run a program to its end."""
        return await run(*arguments, env=ci_environment(self.url) | (env or {}), cwd=self.folder)


@asynccontextmanager
async def readiness_site(folder, *, clusters=44):
    """Open a cloud with this many clusters; 0 is a cloud without any."""
    clock = VirtualClock()
    cloud = seed_cloud(clock, clusters) if clusters else Cloud(clock)
    async with LoopbackServer(create_app(cloud)) as server:
        yield Site(cloud, server.url, folder)
