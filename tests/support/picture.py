"""`make picture`: the pictures of the docs, taken in the demo."""

import asyncio
import sys
import tempfile
from pathlib import Path

from console_minute import Minute
from console_site import open_demo
from playwright.async_api import Browser
from report_week import REPORTS, ReportWeek
from workspace_browser import open_browser

from bot.demo.http_client import loopback_client

OUT = Path(__file__).parents[2] / "docs" / "images"

PICTURES = {"listed": ("demo.png", "light"), "before-approved-twice": ("approval.png", "dark")}
"""The moments to take, with their names and colours."""

THREAD = """
    .thread { width: 800px; align-self: start; border: 1px solid var(--line) }
    .thread-scroll { overflow: visible }
    .thread form, .thread .icon-button, .thread .tools { display: none }
"""
"""A report and its details stand below each other there, wide enough to be read in the docs."""


async def take(out: Path) -> None:
    """Start the demo as a person would, once for the guide and once for the reports."""
    async with open_browser() as browser:
        await take_minute(browser, out)
        await take_reports(browser, out)


async def take_minute(browser: Browser, out: Path) -> None:
    """Follow the guide and photograph two moments."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_demo(browser, folder) as demo:

            async def look(name: str) -> None:
                if name in PICTURES:
                    file, scheme = PICTURES[name]
                    await demo.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                    await demo.page.screenshot(path=out / file)
                    await demo.page.emulate_media(color_scheme="light")

            await Minute(demo.page, look).play()


async def take_reports(browser: Browser, out: Path) -> None:
    """Let a week pass in the demo, then photograph the newest of each report with its thread."""
    view = {"width": 1440, "height": 1800}
    with tempfile.TemporaryDirectory() as folder:
        async with (
            open_demo(browser, folder, viewport=view, bypass_csp=True) as demo,
            loopback_client() as http,
        ):
            week = ReportWeek(demo.page.url.rstrip("/"), http)
            await week.play()
            await demo.become("U0BOB")
            await demo.page.add_style_tag(content=THREAD)
            for name, channel in REPORTS.items():
                await demo.page.click(f"[data-channel={channel}]")
                await demo.page.locator(f"#messages [data-ts='{await week.last(name)}'] .replies").click()
                for scheme in ("light", "dark"):
                    await demo.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                    await demo.page.locator("#thread").screenshot(path=out / f"report-{name}-{scheme}.png")


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1]) if len(sys.argv) > 1 else OUT))
