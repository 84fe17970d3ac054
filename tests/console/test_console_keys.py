"""The address and the keyboard: every place has a link, and every control is reached without a mouse."""

import re

import pytest
from console_site import open_console
from playwright.async_api import expect
from workspace_showcase import post_showcase

from bot.demo.console.guide import first_minute
from bot.demo.console.pages import ConsoleSetup

pytestmark = pytest.mark.anyio

MARK = """() => {
  const place = document.querySelector("dialog[open]") ?? document;
  const kinds = "button, input, select, textarea, a[href], summary, [tabindex='0']";
  const controls = [...place.querySelectorAll(kinds)]
    .filter((each) => !each.disabled && each.checkVisibility({ visibilityProperty: true }));
  for (const each of controls) each.dataset.seen = "no";
  return controls.length;
}"""
"""Mark every control as not seen by the focus, and return their number."""

MEET = """() => {
  const each = document.activeElement;
  if (each === document.body) return "";
  const style = getComputedStyle(each);
  each.dataset.seen = "yes";
  const hasRing = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return hasRing && each.checkVisibility() ? "" : each.outerHTML.slice(0, 120);
}"""
"""Mark the focused element as seen, and return it unless a ring shows that it has the focus."""

MISSED = """() => {
  const place = document.querySelector("dialog[open]") ?? document;
  const unseen = [...place.querySelectorAll("[data-seen=no]")];
  const isMet = ({ type, name }) =>
    type === "radio" && place.querySelector(`[name="${name}"][data-seen=yes]`);
  return unseen.filter((each) => !isMet(each)).map((each) => each.outerHTML);
}"""
"""Return the controls that the focus did not meet; of radio buttons it meets one."""


async def go(console, fragment):
    await console.page.goto("about:blank")
    await console.page.goto(f"{console.demo.slack_url}/{fragment}")
    await console.page.wait_for_selector("[data-ready]")
    return console.page


async def test_a_channel_a_person_a_message_a_thread_and_home_have_links(browser):
    async with open_console(browser) as console:
        listing, card = await post_showcase(console.client)
        page = await go(console, "#/U0BOB/C0DBA")
        await expect(page.locator("#channel-name")).to_contain_text("dba")
        await expect(page.locator("[data-person=U0BOB]")).to_have_attribute("aria-pressed", "true")

        page = await go(console, f"#/C0OPS/message/{listing}")
        await expect(page.locator(f"#messages [data-ts='{listing}']")).to_be_focused()
        await expect(page).to_have_url(f"{console.demo.slack_url}/" + f"#/U0ALICE/C0OPS/message/{listing}")
        page = await go(console, f"#/C0OPS/thread/{card}")
        await expect(page.locator("#thread-messages")).to_contain_text("Started")
        page = await go(console, "#/home")
        await expect(page.locator("#home-page h2")).to_have_text("Your clusters")
        assert console.trouble == []


async def test_what_a_link_cannot_show_is_said_and_leaves_the_address(browser):
    async with open_console(browser) as console:
        page = await go(console, "#/U0ALICE/C0DBA")
        await expect(page.get_by_role("alert")).to_have_text("Alice Brandt can't see that conversation.")
        await expect(page.locator("#channel-name")).to_contain_text("ops")
        page = await go(console, "#/C0OPS/message/1.5")
        await expect(page.get_by_role("alert")).to_contain_text("can't see that message")
        for nonsense in ("#/U0GONE/C0OPS", "#/<b>/%zz", "#top"):
            page = await go(console, nonsense)
            await expect(page.locator("#channel-name")).to_contain_text("ops")
            await expect(page).to_have_url(f"{console.demo.slack_url}/" + "#/U0ALICE/C0OPS")
        assert console.trouble == []


async def test_back_and_forward_go_from_place_to_place_and_back_closes_a_form(browser):
    async with open_console(browser) as console:
        page, url = console.page, console.demo.slack_url
        _listing, card = await post_showcase(console.client)
        await page.get_by_role("button", name="1 reply").click()
        await page.locator("[data-channel=C0GENERAL]").click()
        await console.type("/pg form")
        await expect(page.locator("#modal")).to_be_visible()
        await expect(page).to_have_url(re.compile("/C0GENERAL/form/"))
        await page.reload()
        await expect(page.locator("#modal")).to_be_visible()

        await page.go_back()
        await expect(page.locator("#modal")).to_have_count(0)
        await expect(page).to_have_url(f"{url}/#/U0ALICE/C0GENERAL")
        await page.go_back()
        await expect(page.locator("#thread-messages")).to_contain_text("Started")
        await expect(page).to_have_url(f"{url}/#/U0ALICE/C0OPS/thread/{card}")
        await page.go_back()
        await expect(page.locator("#thread")).to_have_count(0)
        await page.go_forward()
        await page.go_forward()
        await expect(page.locator("#channel-name")).to_contain_text("general")

        # A form that was closed in another way leaves no place behind.
        await console.type("/pg form")
        await expect(page.locator("#modal")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator("#modal")).to_have_count(0)
        await expect(page).to_have_url(f"{url}/#/U0ALICE/C0GENERAL")
        await page.go_back()
        await expect(page.locator("#thread")).to_be_visible()
        assert console.trouble == []


async def test_a_link_that_is_followed_while_a_form_is_closing_leads_to_its_place(browser):
    async with open_console(browser) as console:
        page = console.page
        await post_showcase(console.client)
        await console.type("/pg form")
        await expect(page.locator("#modal")).to_be_visible()
        await page.evaluate("""() => {
          document.querySelector("#modal [aria-label=Close]").click();
          location.hash = "#/U0ALICE/home";
        }""")
        await expect(page.locator("#home-page h2")).to_be_visible()

        await page.locator("[data-channel=C0GENERAL]").click()
        await expect(page).to_have_url(re.compile("/C0GENERAL$"))


async def test_a_link_opens_the_form_of_a_shortcut(browser):
    async with open_console(browser) as console:
        page = await go(console, "#/U0BOB/C0OPS/form/start")
        await expect(page.get_by_role("dialog", name="New database")).to_be_visible()


async def test_tab_meets_every_control_and_shows_where_it_is(browser):
    setup = ConsoleSetup(guide=first_minute(["cluster list"]))
    async with open_console(browser, setup=setup) as console:
        page = console.page
        await post_showcase(console.client)
        await expect(page.locator(".clusters li").first).to_be_visible()
        await page.get_by_role("button", name="1 reply").click()
        await expect(page.locator("#thread")).to_be_visible()
        await page.set_viewport_size({"width": 1600, "height": 1000})
        await _tab_through(page)
        await console.type("/pg form")
        await expect(page.locator("#modal")).to_be_visible()
        await _tab_through(page)
        # The focus has stayed in the form, apart from the browser's own controls.
        assert await page.evaluate("document.querySelector('#modal').contains(document.activeElement)")


async def _tab_through(page):
    faint = set()
    # A field for a date takes several.
    for _ in range(await page.evaluate(MARK) + 30):
        await page.keyboard.press("Tab")
        faint.add(await page.evaluate(MEET))
    assert faint - {""} == set()
    assert await page.evaluate(MISSED) == []


async def test_escape_closes_and_the_focus_returns_to_where_it_was(browser):
    async with open_console(browser, viewport={"width": 400, "height": 844}) as console:
        page = console.page
        await post_showcase(console.client)
        for name, inside in (("1 reply", "#thread-text"), ("Behind the scenes", "#panel .icon-button")):
            button = page.get_by_role("button", name=name)
            await button.focus()
            await page.keyboard.press("Enter")
            await expect(page.locator(inside)).to_be_focused()
            await page.keyboard.press("Escape")
            await expect(button).to_be_focused()

        menu = page.get_by_role("button", name="Channels and people")
        await menu.press("Enter")
        await expect(page.get_by_role("button", name="Close the list")).to_be_focused()
        await page.keyboard.press("Tab")
        for key, place in (("ArrowDown", "C0OPS"), ("ArrowUp", "C0GENERAL"), ("Home", "C0GENERAL")):
            await page.keyboard.press(key)
            await expect(page.locator(f"[data-channel={place}]")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(menu).to_be_focused()

        await console.type("/pg card")
        approve = page.locator("#messages").get_by_role("button", name="Approve", exact=True)
        await approve.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#confirm")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(approve).to_be_focused()


async def test_a_list_of_options_is_used_with_the_arrows_and_escape_leaves_the_form_open(browser):
    async with open_console(browser) as console:
        page = console.page
        await console.type("/pg form")
        city = page.locator("#modal").get_by_role("combobox", name="City")
        await city.press_sequentially("x")
        await expect(page.locator("#modal [role=option]")).to_have_count(2)
        await city.press("Escape")
        await expect(page.locator("#modal [role=option]")).to_have_count(0)
        await city.press("ArrowDown")
        await expect(page.get_by_role("option", name="X-north")).to_have_attribute("aria-selected", "true")
        await city.press("Enter")
        await expect(city).to_have_value("X-north")
        await page.keyboard.press("Escape")
        await expect(page.locator("#modal")).to_have_count(0)
        await expect(page.locator("#composer-text")).to_be_focused()


async def test_a_command_in_a_thread_is_refused_as_slack_refuses_it(browser):
    async with open_console(browser) as console:
        await post_showcase(console.client)
        await console.page.get_by_role("button", name="1 reply").click()
        await console.page.locator("#thread-text").fill("/pg form")
        await console.page.locator("#thread-text").press("Enter")
        await expect(console.page.locator("#thread .composer-note")).to_have_text(
            "Not sent: /pg is not supported in threads."
        )


async def test_an_archived_channel_has_no_message_box(browser):
    async with open_console(browser) as console:
        page = await go(console, "#/U0ALICE/C0OLD")
        await expect(page.get_by_text("#migration-2024 is archived. Nobody can post here.")).to_be_visible()
        await expect(page.locator("#composer")).to_be_hidden()
