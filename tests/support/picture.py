"""`make picture`: the pictures of the docs, taken in the demo and beside a bot of the tests.

A part alone: `python tests/support/picture.py FOLDER surfaces` (or `minute`, `reports`).
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from console_minute import Minute
from console_site import open_demo
from picture_file import shoot
from picture_surfaces import take_surfaces
from playwright.async_api import Browser, Page
from report_week import REPORTS, ReportWeek
from workspace_browser import open_browser

from bot.demo.http_client import loopback_client

OUT = Path(__file__).parents[2] / "docs" / "images"

PICTURES = {"listed": ("demo.webp", "light"), "before-approved-twice": ("approval.webp", "dark")}
"""The moments to take, with their names and colours."""

THREAD = """
    .thread { width: 800px; align-self: start; border: 1px solid var(--line) }
    .thread-scroll { overflow: visible }
    .thread form, .thread .icon-button, .thread .tools { display: none }
"""
"""A report and its details stand below each other there, wide enough to be read in the docs."""


async def take(out: Path, only: str = "") -> None:
    """Take all pictures, or those of one part."""
    async with open_browser() as browser:
        for name, part in {"minute": take_minute, "surfaces": take_surfaces, "reports": take_reports}.items():
            if only in {"", name}:
                await part(browser, out)


async def take_minute(browser: Browser, out: Path) -> None:
    """Follow the guide and photograph two moments."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_demo(browser, folder) as demo:

            async def look(name: str) -> None:
                if name in PICTURES:
                    file, scheme = PICTURES[name]
                    await demo.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                    await shoot(demo.page, out / file)
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
            week = ReportWeek(demo.page.url.partition("/#")[0], http)
            await week.play()
            await demo.become("U0BOB")
            await demo.page.add_style_tag(content=THREAD)
            for name, channel in REPORTS.items():
                await demo.page.click(f"[data-channel={channel}]")
                await demo.page.locator(f"#messages [data-ts='{await week.last(name)}'] .replies").click()
                for scheme in ("light", "dark"):
                    await demo.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                    await shoot(demo.page, out / f"report-{name}-{scheme}.webp", "#thread")
            await take_report_on_a_phone(demo.page, out)


async def take_report_on_a_phone(page: Page, out: Path) -> None:
    """Photograph the last report as a phone shows it."""
    await page.set_viewport_size({"width": 400, "height": 844})
    await page.goto(page.url.partition("/thread/")[0])
    await page.locator("#thread").wait_for(state="detached")
    await shoot(page, out / "report-phone-dark.webp")


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1]) if len(sys.argv) > 1 else OUT, *sys.argv[2:3]))
