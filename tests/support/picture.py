"""`make picture`: the README's picture, a screenshot of the demo as it is."""

import asyncio
import sys
import tempfile
from pathlib import Path

from programs_site import clean, started
from workspace_browser import open_browser

OUT = Path(__file__).parents[2] / "docs" / "images" / "demo.png"


async def take(out: Path) -> None:
    """Start the demo as a person would, type a command, and photograph the answer."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            started("demo", cwd=folder, env=clean({"PYTHONWARNINGS": ""})) as demo,
            open_browser() as browser,
        ):
            line = (await demo.stdout.readline()).decode()
            page = await browser.new_page(viewport={"width": 1180, "height": 800})
            await page.goto(next(word for word in line.split() if word.startswith("http://")))
            await page.wait_for_selector("[data-ready]")
            await page.locator("#composer-text").fill("/pg cluster list --tier prod")
            await page.locator("#composer-text").press("Escape")
            await page.locator("#composer-text").press("Enter")
            await page.get_by_text("1–10 of").wait_for()
            await page.screenshot(path=out)


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1]) if len(sys.argv) > 1 else OUT))
