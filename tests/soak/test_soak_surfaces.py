"""Every surface and state of the page in a browser, on a desk and a phone, in light and dark: its layout, and
axe without serious findings."""

import pytest
from audit_kit import write_log
from bot_site import bot_site
from console_site import Console, open_console
from page_layout import list_faults
from picture_surfaces import SCHEMES, SIZES, visit_surfaces
from playwright.async_api import expect
from workspace_browser import open_browser
from workspace_showcase import post_showcase

from bot.demo.console.guide import first_minute
from bot.demo.console.pages import ConsoleSetup

pytestmark = [pytest.mark.anyio, pytest.mark.soak]


async def problems(page):
    return [*await list_faults(page), *await Console(page).violations()]


async def test_cards_forms_answers_and_home(tmp_path, monkeypatch):
    found, seen = {}, set()
    async with open_browser() as browser, bot_site(tmp_path, monkeypatch) as site:
        async for page, surface, name in visit_surfaces(browser, site):
            seen.add(surface)
            if some := await problems(page):
                found[surface, name] = some

    assert seen == {"form-restore", "form-create", "form-resize", "cards", "messages", "answers", "home"}
    assert found == {}


async def walk(console, is_narrow):
    """Bring the page into each of its states, and yield the name of each."""
    page = console.page

    async def press(name, place=page):
        await place.get_by_role("button", name=name).first.click()

    yield "conversation with the guide"
    await press("Dismiss the guide")
    yield "conversation"
    await page.fill("#composer-text", "/pg ")
    yield "suggestions"
    await page.fill("#composer-text", "")
    await press("1 reply")
    yield "thread"
    await press("Close the thread")
    if await page.get_by_role("button", name="Behind the scenes").get_attribute("aria-expanded") == "false":
        await press("Behind the scenes")
    await page.get_by_label("Break something").select_option(label="v1 is slow: 2 seconds")
    await expect(page.get_by_role("list", name="Faults in force")).to_be_visible()
    for tab in await page.get_by_role("tab").all():
        await tab.click()
        yield f"panel: {await tab.inner_text()}"
    await press("Close the side panel")
    if is_narrow:
        await press("Channels and people")
        yield "channels and people"
        await page.keyboard.press("Escape")
    await console.type("/pg card")
    await page.locator("#messages").get_by_role("button", name="Approve", exact=True).click()
    await expect(page.locator("#confirm")).to_be_visible()
    yield "confirmation"
    await page.keyboard.press("Escape")
    await console.type("/pg form")
    modal = page.locator("#modal")
    await expect(modal).to_be_visible()
    yield "form"
    await press("Create", modal)
    await expect(modal.locator(".wrong")).to_have_count(7)
    yield "form with errors"
    await modal.get_by_role("combobox", name="City").press_sequentially("x")
    await expect(modal.locator(".typed [role=option]")).to_have_count(2)
    yield "form with options"
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await expect(modal).to_have_count(0)
    await page.evaluate("location.hash = '#/U0ALICE/home'")
    await expect(page.locator("#home-page h2")).to_be_visible()
    yield "home"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
async def test_every_state_of_the_page(size, scheme, tmp_path):
    setup = ConsoleSetup(
        audit=write_log(tmp_path / "pgbot.db", 30), guide=first_minute(["cluster list", "restore"])
    )
    look = {"viewport": SIZES[size], "color_scheme": scheme, "reduced_motion": "reduce"}
    found = {}
    async with open_browser() as browser, open_console(browser, setup=setup, **look) as console:
        await post_showcase(console.client)
        await expect(console.page.locator(".chart").first).to_be_visible()
        async for state in walk(console, size == "phone"):
            if some := await problems(console.page):
                found[state] = some
        assert console.trouble == []

    assert found == {}
