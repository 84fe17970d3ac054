"""Several people in one conversation: votes, changing cards, unread marks, Home."""

from datetime import timedelta

import pytest
from console_site import open_console
from playwright.async_api import expect

pytestmark = pytest.mark.anyio


async def test_two_people_approve_and_the_card_changes_in_place(browser):
    async with open_console(browser) as console:
        page = console.page
        await console.type("/pg card")
        card = page.locator(".message").filter(has_text="Restore")
        ts = await card.get_attribute("data-ts")
        same = page.locator(f'[data-ts="{ts}"]')

        await console.become("U0BOB")
        await same.get_by_role("button", name="Approve").click()
        confirm = page.get_by_role("dialog", name="Approve it?")
        await expect(confirm).to_contain_text("The cluster is overwritten.")
        await confirm.get_by_role("button", name="Go back").click()
        await expect(confirm).to_have_count(0)
        await expect(same).to_contain_text("needs two votes")
        await same.get_by_role("button", name="Approve").click()
        await page.get_by_role("dialog").get_by_role("button", name="Yes, approve").click()
        await expect(same).to_contain_text("One vote, by @Bob Okafor")

        await console.become("U0CAROL")
        await same.get_by_role("button", name="Approve").click()
        await page.get_by_role("dialog").get_by_role("button", name="Yes, approve").click()
        await expect(same).to_contain_text("Approved by @Bob Okafor and @Carol Jensen")
        await expect(same.get_by_role("button", name="Approve")).to_have_count(0)
        assert (console.trouble, console.hosts) == ([], {"127.0.0.1"})


async def test_a_channel_is_marked_until_it_is_read_by_each_person_for_themselves(browser):
    async with open_console(browser) as console:
        page = console.page
        await page.click("[data-channel=C0GENERAL]")
        console.demo.clock.advance(timedelta(seconds=2))
        await console.client.chat_postMessage(channel="C0OPS", text="news")
        ops = page.locator("[data-channel=C0OPS]")
        await expect(ops.get_by_role("img", name="unread")).to_be_visible()

        await ops.click()
        await expect(page.locator("#messages")).to_contain_text("news")
        await expect(ops.get_by_role("img", name="unread")).to_have_count(0)
        await page.click("[data-channel=C0GENERAL]")
        await expect(page.locator("h1")).to_contain_text("general")
        await expect(ops.get_by_role("img", name="unread")).to_have_count(0)

        await console.become("U0BOB")
        await expect(ops.get_by_role("img", name="unread")).to_be_visible()


async def test_the_home_tab_is_opened_and_its_button_refreshes_it(browser):
    async with open_console(browser) as console:
        page = console.page
        await page.locator("#channels button").filter(has_text="PG Ops").click()
        await page.get_by_role("button", name="Home").click()
        home = page.locator("#home-page")
        await expect(home.get_by_role("heading")).to_have_text("Your clusters")
        await home.get_by_role("button", name="Refresh").click()
        await expect(home.get_by_role("heading")).to_have_text("Refreshed")
        await page.get_by_role("button", name="Messages").click()
        await expect(home).to_have_count(0)
        await expect(page.locator("#composer")).to_be_visible()


async def test_a_thread_opens_beside_the_list_and_takes_an_answer(browser):
    async with open_console(browser) as console:
        page = console.page
        posted = await console.client.chat_postMessage(channel="C0OPS", text="parent")
        message = page.locator(f'#messages [data-ts="{posted["ts"]}"]')
        await message.get_by_role("button", name="Reply in thread").click()
        await expect(page.locator("#thread-text")).to_be_focused()
        await page.locator("#thread-text").fill("an answer")
        await page.locator("#thread-text").press("Enter")

        await expect(page.locator("#thread-messages .text")).to_have_text(["parent", "an answer"])
        await expect(page.locator("#thread-messages .day")).to_have_text("1 reply")
        await expect(message.get_by_role("button", name="1 reply")).to_be_visible()
        await expect(page.locator("#messages")).not_to_contain_text("an answer")
        await page.get_by_role("button", name="Close the thread").click()
        await expect(page.locator("#thread")).to_have_count(0)


async def test_the_apps_shortcuts_are_beside_the_message_box_and_beside_each_message(browser):
    async with open_console(browser) as console:
        page = console.page
        await page.get_by_label("Shortcuts").select_option("New database")
        await expect(page.get_by_role("dialog", name="New database")).to_be_visible()
        await page.keyboard.press("Escape")
        posted = await console.client.chat_postMessage(channel="C0OPS", text="disk full")
        message = page.locator(f'#messages [data-ts="{posted["ts"]}"]')
        await message.get_by_label("More actions").select_option("Look into it")
        await message.get_by_role("button", name="1 reply").click()
        await expect(page.locator("#thread-messages")).to_contain_text("disk full was looked into")
        assert console.trouble == []


async def test_a_table_stays_sorted_and_filtered_while_its_card_is_edited(browser):
    def blocks(text):
        rows = [[{"type": "raw_text", "text": each}] for each in ("Name", "b-2", "a-10", "a-9", "c")]
        table = {"type": "data_table", "caption": "Clusters", "page_size": 2, "rows": rows}
        return [{"type": "section", "text": {"type": "mrkdwn", "text": text}}, table]

    async with open_console(browser) as console:
        page = console.page
        posted = await console.client.chat_postMessage(channel="C0OPS", text="t", blocks=blocks("before"))
        card = page.locator(f'[data-ts="{posted["ts"]}"]')
        await card.get_by_role("button", name="Name").click()
        await card.get_by_role("searchbox").fill("a-")
        await expect(card.locator("tbody td")).to_have_text(["a-9", "a-10"])

        place = {"channel": "C0OPS", "ts": posted["ts"]}
        await console.client.chat_update(**place, text="t", blocks=blocks("after"))
        await expect(card).to_contain_text("after")
        await expect(card.locator("tbody td")).to_have_text(["a-9", "a-10"])
        await expect(card.get_by_role("searchbox")).to_have_value("a-")
