"""`make picture`: the pictures of the docs, taken while the demo's guided first minute is clicked through."""

import asyncio
import sys
import tempfile
from pathlib import Path

from console_minute import Minute
from console_site import open_demo
from workspace_browser import open_browser

OUT = Path(__file__).parents[2] / "docs" / "images"

PICTURES = {"listed": ("demo.png", "light"), "before-approved-twice": ("approval.png", "dark")}
"""Which moments are kept, under which name, in which colours."""


async def take(out: Path) -> None:
    """Start the demo as a person would, follow its guide, and photograph two moments."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_browser() as browser, open_demo(browser, folder) as demo:

            async def look(name: str) -> None:
                if name in PICTURES:
                    file, scheme = PICTURES[name]
                    await demo.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                    await demo.page.screenshot(path=out / file)
                    await demo.page.emulate_media(color_scheme="light")

            await Minute(demo.page, look).play()


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1]) if len(sys.argv) > 1 else OUT))
