"""A Slack simulator on a loopback port, with Slack's own clients."""

from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import httpx
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.http_client import loopback_client
from bot.demo.loopback_server import LoopbackServer
from bot.demo.virtual_clock import VirtualClock
from bot.demo.workspace.seed import seed_workspace
from bot.demo.workspace.server import create_site
from bot.demo.workspace.state import WorkspaceState
from bot.runtime.clock import SystemClock


@dataclass
class Site:
    clock: VirtualClock
    workspace: WorkspaceState
    url: str
    client: AsyncWebClient
    http: httpx.AsyncClient

    def client_with(self, token):
        return AsyncWebClient(token=token, base_url=f"{self.url}/api/", session=self.client.session)

    async def operate(self, act, **body):
        answer = await self.http.post(f"/_workspace/{act}", json=body)
        return answer.json()

    async def look(self, what, **query):
        return (await self.http.get(f"/_workspace/{what}", params=query)).json()

    async def seen(self, user, channel):
        return (await self.look("messages", user=user, channel=channel))["messages"]


@asynccontextmanager
async def workspace_site(manifest=None, *, ack_seconds=3.0, enforce_rates=False, clock=None):
    """Serve a newly seeded workspace; `Site` has its clock, state and clients."""
    clock = clock or VirtualClock()
    workspace = seed_workspace(clock, manifest, ack_seconds=ack_seconds, enforce_rates=enforce_rates)
    workspace.wire_clock = SystemClock()  # by which Bolt judges signatures
    async with (
        LoopbackServer(create_site(workspace)) as server,
        aiohttp.ClientSession() as session,
        loopback_client(base_url=server.url) as http,
    ):
        workspace.base_url = server.url
        client = AsyncWebClient(token="xoxb-demo", base_url=f"{server.url}/api/", session=session)
        yield Site(clock, workspace, server.url, client, http)
        await workspace.close()
