"""A picture of a page as a file: WebP, which takes a quarter of the bytes of PNG."""

import asyncio
import base64
from pathlib import Path

from playwright.async_api import Page

QUALITY = 50
"""Of 100. Letters stay sharp; a photograph would not."""


async def shoot(
    page: Page, path: Path, selector: str = "body", margin: int = 0, highest: int = 20_000
) -> None:
    """Save what one element shows, with a margin around it. What lies beyond a scroll bar is left out."""
    box = await page.locator(selector).first.bounding_box()
    clip = {
        "x": max(box["x"] - margin, 0),
        "y": max(box["y"] - margin, 0),
        "width": box["width"] + 2 * margin,
        "height": min(box["height"] + 2 * margin, highest),
        "scale": 1,
    }
    session = await page.context.new_cdp_session(page)
    taken = await session.send(
        "Page.captureScreenshot",
        {"format": "webp", "quality": QUALITY, "clip": clip, "captureBeyondViewport": True},
    )
    await session.detach()
    await asyncio.to_thread(path.write_bytes, base64.b64decode(taken["data"]))
