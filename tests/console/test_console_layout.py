"""The page from 400 to 1,920 pixels: nothing is covered, cut, or scrolled within another scroll bar."""

import pytest
from console_site import open_console
from page_layout import list_faults
from playwright.async_api import expect
from workspace_showcase import post_showcase

from bot.demo.console.guide import first_minute
from bot.demo.console.pages import ConsoleSetup
from bot.demo.workspace.conversation import Channel
from bot.demo.workspace.members import BOT_USER, SlackAccount

pytestmark = pytest.mark.anyio

WIDTHS = (400, 800, 1280, 1920)
SETUP = ConsoleSetup(guide=first_minute(["cluster list", "restore"]))
LONG = "a-channel-with-one-of-the-longest-names-that-slack-lets-people-choose-for-one"


async def at_first_visit(console, width):
    page = console.page
    await page.set_viewport_size({"width": width, "height": 844})
    await page.evaluate("localStorage.clear()")
    # A change of the fragment alone loads no page: the open one could still go back to its own place.
    await page.goto("about:blank")
    await page.goto(f"{console.demo.slack_url}/#/U0ALICE/C0LONG")
    await page.wait_for_selector("[data-ready]")
    return page


@pytest.fixture
async def console(browser):
    async with open_console(browser, setup=SETUP) as console:
        workspace = console.demo.workspace
        workspace.add_people(
            [SlackAccount(id="U0LONG", name="long", real_name="Bartholomäus " * 4, title="Head of " * 12)]
        )
        workspace.add_channel(
            Channel(id="C0LONG", name=LONG, topic="word " * 40, members={"U0ALICE", "U0LONG", BOT_USER})
        )
        for cluster in console.demo.cloud.everything():
            cluster.name = f"{cluster.name}-with-a-name-that-has-no-end"
        await post_showcase(console.client, channel="C0LONG")
        yield console


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_conversation_is_whole_with_the_guide_beside_or_below_it(console, width):
    page = await at_first_visit(console, width)
    await expect(page.locator("#guide li.next")).to_be_in_viewport()
    await expect(page.locator("#messages .b-section").first).to_be_visible()
    conversation = ("#composer-text", ".send", "#messages > li", "#guide .button")
    assert await list_faults(page, *conversation) == []
    assert await page.evaluate("document.querySelector('#messages .b-section').clientWidth") <= 600
    if width == min(WIDTHS):
        assert await console.violations() == []

    await page.get_by_role("button", name="Dismiss the guide").click()
    again = page.get_by_role("button", name="Show the guided first minute")
    await expect(again).to_be_focused()
    assert await list_faults(page, *conversation[:-1]) == []
    await again.press("Enter")
    await expect(page.locator("#guide")).to_be_visible()
    await expect(page.get_by_role("button", name="Dismiss the guide")).to_be_focused()

    # A form with every input, then a thread, and the panel.
    await console.type("/pg form")
    await expect(page.locator("#modal")).to_be_visible()
    await page.locator("#modal").get_by_role("button", name="Create").click()
    await expect(page.locator("#modal .wrong")).to_have_count(7)
    assert await list_faults(page, "#modal footer .primary", "#modal header .icon-button") == []
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="1 reply").click()
    assert await list_faults(page, "#thread-text", "#thread-messages > li") == []
    await page.keyboard.press("Escape")
    panel = page.get_by_role("button", name="Behind the scenes")
    if await panel.get_attribute("aria-expanded") == "false":
        await panel.click()
    await expect(page.locator(".clusters li").first).to_be_visible()
    assert await list_faults(page) == []
    assert console.trouble == []


async def test_the_home_tab_is_as_wide_as_a_message_and_scrolls_once(console):
    for width in (400, 1920):
        page = await at_first_visit(console, width)
        await page.goto(f"{console.demo.slack_url}/#/home")
        await expect(page.locator("#home-page h2")).to_be_visible()
        assert await list_faults(page) == []
        assert await page.evaluate("document.querySelector('#home-page .blocks').clientWidth") <= 600
