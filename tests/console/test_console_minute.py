"""The guided first minute of `pgbot demo`, played on the page."""

import pytest
from console_minute import Minute
from console_site import open_demo
from playwright.async_api import expect
from workspace_browser import open_browser

from bot.demo.console.guide import first_minute
from bot.programs.kernel import registry

pytestmark = pytest.mark.anyio

NAMES = [" ".join(command.words) for command in registry()]


async def test_the_guided_minute_ticks_its_steps_as_they_happen(tmp_path):
    pictures = []
    async with open_browser() as browser, open_demo(browser, tmp_path) as console:

        async def look(name):
            pictures.append(name)
            await console.page.screenshot(path=tmp_path / f"{name}.png")

        done = await Minute(console.page, look).play()

        assert done == [step.title for step in first_minute(NAMES)]
        assert done[:5] == [
            "List the clusters",
            "Ask for a restore",
            "Approve as Bob",
            "Approve as Carol",
            "Watch it finish",
        ]
        assert all((tmp_path / f"{name}.png").stat().st_size > 10_000 for name in pictures)
        assert (console.trouble, console.hosts) == ([], {"127.0.0.1"})

        await console.page.get_by_role("tab", name="Audit log").click()
        newest = console.page.locator("#audit > li").filter(has_text="done")
        await expect(newest.first).to_contain_text("Alice Brandt")
        assert await console.violations() == []

        await console.page.get_by_role("button", name="Dismiss the guide").click()
        await expect(console.page.locator("#guide")).to_have_count(0)
        await console.page.reload()
        await console.page.get_by_role("button", name="Show the guided first minute").click()
        await expect(console.page.locator("#guide")).to_contain_text("All done")
