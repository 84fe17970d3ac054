"""Slack's Bolt for JavaScript as a program (`tests/foreign/bolt/app.cjs`) beside a simulated workspace."""

import asyncio
import itertools
import json
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from node_setup import FOREIGN, node, node_modules
from workspace_site import Site, workspace_site

from bot.demo.workspace.app_manifest import EVERY_SCOPE, AppManifest, Shortcut, SlashCommand

APP = FOREIGN / "bolt"
SECONDS = 90
MANIFEST = AppManifest(
    app_name="Cake",
    commands=(SlashCommand(name="/cake", description="Order cake"),),
    scopes=EVERY_SCOPE - {"reactions:write"},
    events=frozenset({"app_home_opened", "app_mention"}),
    shortcuts=(Shortcut(callback_id="look", kind="message", name="Look"),),
)


@dataclass
class JsApp:
    """The running app, its workspace, and what it has told."""

    site: Site
    process: Process
    mode: str
    numbers: Iterator[int] = field(default_factory=itertools.count)

    async def told(self, name):
        """Return the app's next line of this name; any other line is wrong."""
        async with asyncio.timeout(SECONDS):
            line = await self.process.stdout.readline()
        if not line:
            _, err = await self.process.communicate()
            raise AssertionError(f"the app ended:\n{err.decode()[-2000:]}")
        line = json.loads(line)
        assert line.pop("name") == name, line
        return line

    async def message(self, text, *, user="U0ALICE", channel="C0OPS"):
        """Wait for a message that the person sees, and return it."""
        async with asyncio.timeout(SECONDS):
            while True:
                seen = await self.site.seen(user, channel)
                for message in reversed(seen):
                    if message["text"] == text:
                        return message
                await asyncio.sleep(0.01)

    async def act(self, what, **body):
        return await self.site.operate(what, user="U0ALICE", **body)

    async def type_line(self, text):
        return await self.act("slash", channel="C0OPS", text=text)


@asynccontextmanager
async def js_app(mode):
    """Run the app over Socket Mode (`socket`) or HTTP (`http`) until the end. Raises NoEnvironment."""
    program, _ = await asyncio.to_thread(node)
    modules = await asyncio.to_thread(node_modules, APP)
    environment = {"PATH": os.environ["PATH"], "NODE_PATH": str(modules)}
    async with workspace_site(MANIFEST) as site:
        words = (program, str(APP / "app.cjs"), mode, f"{site.url}/api/")
        process = await asyncio.create_subprocess_exec(*words, stdout=PIPE, stderr=PIPE, env=environment)
        try:
            yield JsApp(site, process, mode)
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()
