"""The console in a real browser, with a small foreign app."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
from browser_setup import MISSING, executable
from playwright.async_api import Page, async_playwright, expect
from slack_sdk.web.async_client import AsyncWebClient
from workspace_bolt import bolt_over_socket

from bot.demo.console.pages import ConsoleSetup
from bot.demo.loopback_server import LoopbackServer
from bot.demo.virtual_clock import VirtualClock
from bot.demo.workspace.seed import seed_workspace
from bot.demo.workspace.server import create_site
from bot.demo.workspace.state import WorkspaceState

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

TIMEOUT_MS = 20_000
"""Milliseconds that a page may take on a busy machine; a test that passes does not wait for them."""

expect.set_options(timeout=TIMEOUT_MS)

HINTS = (
    ("/pg cluster list [--state STATE]", "All clusters, both APIs"),
    ("cluster show <name>", "One cluster in detail"),
    ("/pg help", "What you can do"),
)


@dataclass
class ConsolePage:
    """An open page of the console. `trouble` are the browser's errors, `hosts` the hosts that it called."""

    page: Page
    url: str
    workspace: WorkspaceState
    client: AsyncWebClient
    seen: list
    trouble: list
    hosts: set


@asynccontextmanager
async def open_browser():
    """Start Chromium without a window. Raises RuntimeError with what to install if there is none."""
    chromium = await asyncio.to_thread(executable)
    if chromium is None:
        raise RuntimeError(MISSING)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        await browser.close()


@asynccontextmanager
async def open_console_page(browser, **options):
    """Open the console; `options` are those of a browser context (`viewport`, `color_scheme`)."""
    workspace = seed_workspace(VirtualClock(), ack_seconds=1.0)
    async with (
        LoopbackServer(create_site(workspace, ConsoleSetup(hints=HINTS))) as server,
        aiohttp.ClientSession() as session,
        await browser.new_context(**options) as context,
    ):
        workspace.base_url = server.url
        client = AsyncWebClient(token="xoxb-demo", base_url=f"{server.url}/api/", session=session)
        page = await context.new_page()
        console = ConsolePage(page, server.url, workspace, client, [], [], set())
        page.set_default_timeout(TIMEOUT_MS)
        page.on("pageerror", lambda error: console.trouble.append(str(error)))
        page.on("console", lambda line: line.type == "error" and console.trouble.append(line.text))
        page.on("request", lambda request: console.hosts.add(urlsplit(request.url).hostname))
        async with bolt_over_socket(console) as (_handler, console.seen):
            await page.goto(server.url)
            await page.wait_for_selector("[data-ready]")
            yield console
        await workspace.close()
