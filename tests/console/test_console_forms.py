"""Modals on the page: every input, errors, external selects, and payloads for the app."""

from datetime import datetime

import pytest
from console_site import open_console
from playwright.async_api import expect

pytestmark = pytest.mark.anyio

ARROW = ("ArrowDown", "Enter")


def seconds(moment):
    return int(datetime.fromisoformat(moment).timestamp())


def csv(name):
    return {"name": name, "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"}


async def open_form(console):
    await console.type("/pg form")
    modal = console.page.locator("#modal")
    await expect(modal.get_by_label("Name", exact=True)).to_be_focused()
    return modal


async def fill(console, modal, *, name):
    await modal.get_by_label("Name", exact=True).fill(name)
    await choose(console, modal.get_by_role("combobox", name="City"), "ham")
    await modal.get_by_label("Colour").select_option("green")
    await modal.get_by_label("Owner").select_option("U0CAROL")
    await modal.get_by_label("Day").fill("2026-12-24")
    await modal.get_by_label("Time").fill("18:30")


async def choose(console, box, text):
    await box.press_sequentially(text)
    await expect(console.page.get_by_role("option", name=f"{text.capitalize()}-north")).to_be_visible()
    for key in ARROW:
        await box.press(key)


async def test_what_is_missing_is_said_beside_each_input_before_the_app_hears_of_it(browser):
    async with open_console(browser) as console:
        modal = await open_form(console)
        await modal.get_by_role("button", name="Create").click()

        await expect(modal.locator(".wrong")).to_have_count(7)
        name = modal.get_by_label("Name", exact=True)
        await expect(name).to_be_focused()
        await expect(name).to_have_attribute("aria-invalid", "true")
        described = await name.get_attribute("aria-describedby")
        await expect(console.page.locator(f"[id='{described}']")).to_have_text(
            "Please complete this required field."
        )
        assert console.seen == []


async def test_errors_of_the_app_stand_beside_their_inputs_and_nothing_typed_is_lost(browser):
    async with open_console(browser) as console:
        modal = await open_form(console)
        await fill(console, modal, name="Taken")
        await choose(console, modal.get_by_role("combobox", name="Tags"), "a")
        await modal.get_by_role("button", name="Create").click()

        await expect(modal.locator(".wrong")).to_have_text(["That name is taken.", "Too soon."])
        await expect(modal.get_by_label("Name", exact=True)).to_have_value("Taken")
        await expect(modal.get_by_role("combobox", name="City")).to_have_value("Ham-south")
        await expect(modal.get_by_label("Day")).to_have_value("2026-12-24")
        await expect(modal.locator(".chip")).to_contain_text("A-south")

        await modal.get_by_label("Name", exact=True).fill("orders-next")
        await modal.get_by_role("button", name="Create").click()
        await expect(modal).to_have_count(0)
        assert console.trouble == []


async def test_every_input_reaches_the_app_as_slack_would_send_it(browser):
    async with open_console(browser) as console:
        modal = await open_form(console)
        await fill(console, modal, name="orders-next")
        tags = modal.get_by_role("combobox", name="Tags")
        await choose(console, tags, "a")
        await choose(console, tags, "b")
        await expect(tags).to_have_count(0)
        await modal.get_by_role("button", name="Remove A-south").click()
        rooms = await modal.get_by_label("Room").locator("option").all_text_contents()
        await modal.get_by_label("Room").select_option("C0OPS")
        await modal.get_by_role("radio", name="Red").check()
        await modal.get_by_role("checkbox", name="Red").check()
        await modal.get_by_role("checkbox", name="Blue").check()
        await modal.get_by_label("Moment").fill("2026-12-24T18:30")
        await modal.get_by_label("Instances").fill("3")
        await modal.get_by_label("Note").fill("first line\nsecond")
        await modal.get_by_role("button", name="Create").click()
        await expect(modal).to_have_count(0)

        ((_what, values),) = console.seen
        told = {name: next(iter(value.values())) for name, value in values.items()}
        assert told["name"]["value"] == "orders-next"
        assert told["city"]["selected_option"]["value"] == "ham-south"
        assert [each["value"] for each in told["tags"]["selected_options"]] == ["b-south"]
        assert told["colour"]["selected_option"]["value"] == "green"
        assert told["size"]["selected_option"]["value"] == "red"
        assert [each["value"] for each in told["extras"]["selected_options"]] == ["red", "blue"]
        assert told["owner"]["selected_user"] == "U0CAROL"
        assert told["room"]["selected_conversation"] == "C0OPS"
        assert rooms[0] == "Choose"
        assert all(name.startswith("#") for name in rooms[1:])
        assert "#supplier" not in rooms
        assert told["day"]["selected_date"] == "2026-12-24"
        assert told["time"]["selected_time"] == "18:30"
        assert told["moment"]["selected_date_time"] == seconds("2026-12-24T17:30Z")
        assert told["start"]["selected_date_time"] == seconds("2026-07-02T14:00Z")
        assert told["count"]["value"] == "3"
        assert told["note"]["value"] == "first line\nsecond"


async def test_a_modal_is_closed_by_its_button_its_cross_and_escape(browser):
    async with open_console(browser) as console:
        for close in ("Cancel", "Close", None):
            modal = await open_form(console)
            if close:
                await modal.get_by_role("button", name=close, exact=True).click()
            else:
                await console.page.keyboard.press("Escape")
            await expect(modal).to_have_count(0)
        assert console.trouble == []


async def test_a_typed_ahead_menu_says_what_it_found_and_escape_only_closes_its_list(browser):
    async with open_console(browser) as console:
        modal = await open_form(console)
        city = modal.get_by_role("combobox", name="City")
        await city.press_sequentially("x")
        await expect(modal.get_by_role("listbox", name="City").get_by_role("option")).to_have_text(
            ["X-north", "X-south"]
        )
        await expect(city).to_have_attribute("aria-expanded", "true")
        await city.press("Escape")
        await expect(city).to_have_attribute("aria-expanded", "false")
        await expect(modal).to_be_visible()


TIMES = {
    "in summer": ("2026-07-01T12:00", "2026-07-01T10:00Z"),
    "in winter": ("2026-12-01T12:00", "2026-12-01T11:00Z"),
    "in the hour that is skipped": ("2027-03-28T02:30", "2027-03-28T01:30Z"),
    "in the hour that is repeated": ("2026-10-25T02:30", "2026-10-25T00:30Z"),
}


async def test_times_are_those_of_the_persons_own_zone(browser):
    async with open_console(browser) as console:
        modal = await open_form(console)
        await expect(modal.get_by_label("Start")).to_have_value("2026-07-02T16:00")
        await expect(modal.locator(".zoned").first).to_contain_text("Europe/Berlin")

        read = "async walls => walls.map((await import('/static/times.js')).momentOf)"
        walls, moments = zip(*TIMES.values(), strict=True)
        assert await console.page.evaluate(read, walls) == [seconds(each) for each in moments]


async def test_files_are_chosen_dropped_counted_and_reach_the_app(browser):
    async with open_console(browser) as console:
        modal = await open_form(console)
        await fill(console, modal, name="orders-next")
        await choose(console, modal.get_by_role("combobox", name="Tags"), "a")
        papers = modal.get_by_label("Papers")
        await expect(papers).to_have_attribute("accept", ".csv,.txt")
        await papers.set_input_files([csv("one.csv"), csv("two.csv"), csv("three.csv")])
        chips = modal.locator(".many").filter(has=console.page.get_by_label("Papers")).locator(".chip")
        await expect(chips).to_have_count(3)
        await modal.get_by_role("button", name="Create").click()
        await expect(modal.locator(".wrong")).to_have_text(["Add at most 2 files."])
        await modal.get_by_role("button", name="Remove two.csv").click()
        await expect(chips).to_have_count(2)
        await modal.get_by_role("button", name="Create").click()
        await expect(modal).to_have_count(0)

        ((_what, values),) = console.seen
        files = values["papers"]["papers"]["files"]
        assert [(each["name"], each["size"], each["user"]) for each in files] == [
            ("one.csv", 8, "U0ALICE"),
            ("three.csv", 8, "U0ALICE"),
        ]
        kept = console.demo.workspace.files.by_id[files[0]["id"]]
        assert kept.content == b"a,b\n1,2\n"
        assert console.trouble == []
