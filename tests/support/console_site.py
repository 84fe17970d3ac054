"""The web console in a browser: with a foreign app, or as `pgbot demo` shows it."""

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp
from axe_playwright_python.async_playwright import Axe
from console_app import make_app
from playwright.async_api import Page
from programs_site import clean_environment, running_program
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient
from workspace_bolt import until_connected
from workspace_browser import TIMEOUT_MS

from bot.demo.environment import DemoEnvironment, open_environment
from bot.demo.virtual_clock import VirtualClock

TYPED = "#composer-text"


@dataclass
class Console:
    """An open page. `trouble` are the browser's errors, `hosts` the hosts that it called."""

    page: Page
    demo: DemoEnvironment | None = None
    client: AsyncWebClient | None = None
    seen: list = field(default_factory=list)
    trouble: list = field(default_factory=list)
    hosts: set = field(default_factory=set)

    async def type(self, line):
        await self.page.fill(TYPED, line)
        await self.page.press(TYPED, "Escape")
        await self.page.press(TYPED, "Enter")

    async def become(self, user):
        await self.page.click(f"[data-person={user}]")
        await self.page.locator(f"[data-person={user}][aria-pressed=true]").wait_for()

    async def violations(self):
        """Return axe's findings of serious or critical impact as readable lines."""
        found = await Axe().run(self.page)
        return [
            f"{each['id']}: {node['html'][:200]}"
            for each in found.response["violations"]
            if each["impact"] in {"serious", "critical"}
            for node in each["nodes"]
        ]


@asynccontextmanager
async def _opened(browser, url, **options):
    async with await browser.new_context(
        **{"viewport": {"width": 1440, "height": 900}, **options}
    ) as context:
        page = await context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        console = Console(page)
        page.on("pageerror", lambda error: console.trouble.append(str(error)))
        page.on("console", lambda line: line.type == "error" and console.trouble.append(line.text))
        page.on("request", lambda request: console.hosts.add(urlsplit(request.url).hostname))
        await page.goto(url)
        await page.wait_for_selector("[data-ready]")
        yield console


@asynccontextmanager
async def open_console(browser, *, setup=None, clusters=6, **options):
    """Open the console of the simulators, with a foreign app in place of the bot."""
    async with (
        open_environment(EVERYTHING, console=setup, clock=VirtualClock(), clusters=clusters) as demo,
        aiohttp.ClientSession() as session,
        _opened(browser, demo.slack_url, **options) as console,
    ):
        api = f"{demo.slack_url}/api/"
        console.demo, console.client = demo, AsyncWebClient("xoxb-demo", api, session=session)
        app = make_app(console.client, console.seen)
        handler = AsyncSocketModeHandler(app, "xapp-demo", web_client=AsyncWebClient("xapp-demo", api))
        await handler.connect_async()
        await until_connected(demo.workspace, 1)
        try:
            yield console
        finally:
            await handler.close_async()


@asynccontextmanager
async def open_demo(browser, folder, **options):
    """Open the console of `pgbot demo`, run as a program in `folder`."""
    async with running_program("demo", cwd=folder, env=clean_environment({"PYTHONWARNINGS": ""})) as demo:
        line = (await demo.stdout.readline()).decode()
        url = next(word for word in line.split() if word.startswith("http://"))
        async with _opened(browser, url, **options) as console:
            yield console


EVERYTHING = {
    "display_information": {"name": "PG Ops"},
    "features": {
        "bot_user": {"display_name": "pgops"},
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "shortcuts": [
            {"name": "New database", "type": "global", "callback_id": "start", "description": "d"},
            {"name": "Look into it", "type": "message", "callback_id": "look", "description": "d"},
        ],
        "slash_commands": [
            {
                "command": "/pg",
                "description": "Databases",
                "usage_hint": "form | card",
                "should_escape": False,
            }
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                "commands",
                "chat:write",
                "im:write",
                "im:history",
                "users:read",
                "files:write",
                "app_mentions:read",
            ]
        }
    },
    "settings": {
        "socket_mode_enabled": True,
        "interactivity": {"is_enabled": True},
        "event_subscriptions": {"bot_events": ["app_home_opened", "app_mention"]},
    },
}
"""A manifest with all that the app of somebody else does."""
