"""Axe, a pinned version of it, finds nothing serious on the page, in light and in dark."""

import pytest
from audit_kit import write_log
from console_site import open_console
from playwright.async_api import expect
from workspace_showcase import post_showcase

from bot.demo.console.guide import first_minute
from bot.demo.console.pages import ConsoleSetup

pytestmark = pytest.mark.anyio

SCHEMES = ("light", "dark")


async def violations(console):
    """Check both colour schemes without animations: faded text has less contrast."""
    found = []
    for scheme in SCHEMES:
        await console.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{scheme}: {each}" for each in await console.violations()]
    return found


async def test_a_conversation_with_every_block_a_thread_and_the_panel(browser, tmp_path):
    setup = ConsoleSetup(
        audit=write_log(tmp_path / "pgbot.db", 30), guide=first_minute(["cluster list", "restore"])
    )
    async with open_console(browser, setup=setup, viewport={"width": 1600, "height": 1000}) as console:
        page = console.page
        await post_showcase(console.client)
        for blocks in (CHARTS, MORE):
            await console.client.chat_postMessage(channel="C0OPS", text="more", blocks=blocks)
        await expect(page.locator(".chart")).to_have_count(4)
        await page.get_by_role("button", name="1 reply").click()
        await page.get_by_label("Break something").select_option(label="v1 is slow: 2 seconds")
        await expect(page.get_by_role("list", name="Faults in force")).to_be_visible()
        assert await violations(console) == []

        await page.get_by_role("tab", name="Audit log").click()
        await expect(page.locator("#audit > li")).to_have_count(30)
        await page.fill("#composer-text", "/pg ")
        assert await violations(console) == []
        assert console.trouble == []


async def test_a_modal_with_every_input_and_its_errors(browser):
    async with open_console(browser) as console:
        modal = console.page.locator("#modal")
        await console.type("/pg form")
        await modal.get_by_role("button", name="Create").click()
        await expect(modal.locator(".wrong")).to_have_count(7)
        await modal.get_by_role("combobox", name="City").press_sequentially("x")
        await expect(modal.locator(".typed [role=option]")).to_have_count(2)
        assert await violations(console) == []


async def test_the_focus_is_in_the_first_wrong_input_as_soon_as_errors_are_shown(browser):
    """If it came later, it would leave what somebody has begun to type."""
    async with open_console(browser) as console:
        page = console.page
        await console.type("/pg form")
        await page.evaluate("""() => new MutationObserver(() => {
          if (document.querySelector("#modal .wrong")) window.atOnce ??= document.activeElement.ariaInvalid;
        }).observe(document.body, { childList: true, subtree: true })""")
        await page.locator("#modal").get_by_role("button", name="Create").click()
        await expect(page.locator("#modal .wrong")).to_have_count(7)

        assert await page.evaluate("window.atOnce") == "true"


async def test_a_confirmation_and_the_home_tab(browser):
    async with open_console(browser) as console:
        page = console.page
        await console.type("/pg card")
        await page.locator("#messages").get_by_role("button", name="Approve").click()
        await expect(page.locator("#confirm")).to_be_visible()
        assert await violations(console) == []
        await page.keyboard.press("Escape")
        await expect(page.locator("#confirm")).to_have_count(0)
        await page.locator("#channels button").filter(has_text="PG Ops").click()
        await page.get_by_role("button", name="Home").click()
        await expect(page.locator("#home-page h2")).to_be_visible()
        assert await violations(console) == []


async def test_the_drawers_of_a_phone(browser):
    async with open_console(browser, viewport={"width": 390, "height": 844}) as console:
        page = console.page
        await post_showcase(console.client)
        await expect(page.locator(".chart")).to_be_visible()
        assert await violations(console) == []
        await page.get_by_role("button", name="Channels and people").click()
        await expect(page.locator("#side .close-side")).to_be_focused()
        assert await violations(console) == []
        await page.keyboard.press("Escape")
        await expect(page.locator("#side")).to_be_hidden()
        await page.get_by_role("button", name="Behind the scenes").click()
        await expect(page.locator("#panel")).to_be_visible()
        assert await violations(console) == []


def series(kind):
    points = [{"label": f"day {day}", "value": 3 * day - 4} for day in range(5)]
    return {
        "type": kind,
        "axis_config": {"categories": [each["label"] for each in points]},
        "series": [{"name": "orders-prod", "data": points}],
    }


def chart(kind):
    return {"type": "data_visualization", "title": f"As {kind}", "chart": series(kind)}


def plain(text):
    return {"type": "plain_text", "text": text}


CHARTS = [
    chart("bar"),
    {
        "type": "data_visualization",
        "title": "As pie",
        "chart": {"type": "pie", "segments": [{"label": "v1", "value": 3}, {"label": "v2", "value": 1}]},
    },
]

MORE = [
    chart("area"),
    {
        "type": "container",
        "title": plain("More"),
        "is_collapsible": True,
        "child_blocks": [{"type": "section", "text": plain("Inside")}, {"type": "divider"}],
    },
    {
        "type": "plan",
        "title": "Migration",
        "tasks": [
            {"type": "task_card", "task_id": state, "title": f"Is {state}", "status": state}
            for state in ("pending", "in_progress", "complete", "error")
        ],
    },
    {
        "type": "actions",
        "elements": [
            {"type": "datepicker", "action_id": "day", "placeholder": plain("Day")},
            {"type": "timepicker", "action_id": "time"},
            {"type": "overflow", "action_id": "more", "options": [{"text": plain("One"), "value": "1"}]},
            {"type": "users_select", "action_id": "who", "placeholder": plain("Who")},
        ],
    },
]
"""The blocks that the showcase lacks."""
