"""The demo environment: both simulators on loopback ports, and the variables that lead the bot to them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.demo.cloud.admin_api import AdminApi
from bot.demo.cloud.app import create_app as create_cloud
from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.oddities import FLEETS, Oddity
from bot.demo.console.pages import ConsoleSetup
from bot.demo.loopback_server import LoopbackServer
from bot.demo.seeded_fleet import seed_cloud
from bot.demo.virtual_clock import VirtualClock
from bot.demo.workspace.app_manifest import read_manifest
from bot.demo.workspace.seed import seed_workspace
from bot.demo.workspace.server import create_site
from bot.demo.workspace.state import WorkspaceState

SETTINGS = Path(__file__).with_name("app.yaml")

CREDENTIALS = {
    "SLACK_BOT_TOKEN": "xoxb-demo",
    "SLACK_APP_TOKEN": "xapp-demo",
    "SLACK_SIGNING_SECRET": "demo-signing-secret",
    "DEMO_TOKEN_SHOP": "demo-token",
    "DEMO_TOKEN_BILLING": "demo-token-b",
    "DEMO_TOKEN_LOGISTICS": "demo-token-c",
    "DEMO_PRIMARY_PASSWORD": "Demo-Passw0rd!",
    "DB_LEDGER_PASSWORD": "Demo-Ledger-Passw0rd!",
}
"""The simulators' credentials, which are public."""


@dataclass(frozen=True, slots=True)
class DemoEnvironment:
    """The simulators, their addresses, and the clock that they share with the bot."""

    clock: VirtualClock
    cloud: Cloud
    workspace: WorkspaceState
    cloud_url: str
    slack_url: str

    def environment(self, data: Path) -> dict[str, str]:
        """Return the environment variables with which `pgbot serve` uses the simulators."""
        return {
            **CREDENTIALS,
            "PGBOT_CONFIG": str(SETTINGS),
            "PGBOT_DATA": str(data),
            "PGBOT_IONOS__API_URL": f"{self.cloud_url}/databases/postgresql",
            "PGBOT_IONOS__REGION_URL": f"{self.cloud_url}/{{region}}",
            "PGBOT_SLACK__API_URL": f"{self.slack_url}/api/",
            "PGBOT_HTTP__PORT": "0",
        }


@asynccontextmanager
async def open_environment(
    manifest: Mapping[str, Any],
    *,
    console: ConsoleSetup | None = None,
    clock: VirtualClock | None = None,
    clusters: int = 44,
    oddities: frozenset[Oddity] = FLEETS["odd"],
) -> AsyncIterator[DemoEnvironment]:
    """Serve both simulators until the end of the block. The scopes of `manifest`, the bot's, are enforced.

    Their clock is `clock`, else one that runs from `EPOCH`. Raises OSError if the port is taken.
    """
    console = console or ConsoleSetup()
    clock = clock or VirtualClock(running=True)
    cloud = seed_cloud(clock, clusters, oddities=oddities)
    workspace = seed_workspace(clock, read_manifest(manifest))
    async with AsyncExitStack() as stack:
        cloud_server = await stack.enter_async_context(LoopbackServer(create_cloud(cloud)))
        site = create_site(workspace, replace(console, cloud=AdminApi(cloud).app()))
        slack_server = await stack.enter_async_context(LoopbackServer(site, port=console.port))
        stack.push_async_callback(workspace.close)
        workspace.base_url = slack_server.url
        yield DemoEnvironment(clock, cloud, workspace, cloud_server.url, slack_server.url)
