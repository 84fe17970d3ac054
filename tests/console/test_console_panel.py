"""The side panel: the cloud simulator's time, faults and clusters, and the growing audit log."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from audit_kit import make_entry, write_log, write_rows
from console_site import open_console
from playwright.async_api import expect

from bot.demo.console.guide import first_minute
from bot.demo.console.pages import ConsoleSetup
from bot.demo.environment import open_environment
from bot.demo.http_client import loopback_client
from bot.demo.virtual_clock import VirtualClock

pytestmark = pytest.mark.anyio


async def test_time_passes_for_the_cloud_and_for_slack(browser):
    async with open_console(browser) as console:
        page = console.page
        row = page.locator(".clusters li").filter(has_text="inventory-test")
        await expect(row).to_contain_text("DESTROYING")
        await page.get_by_role("button", name="+ 1 h", exact=True).click()
        await expect(page.locator("#clock")).to_have_text("11:00")
        await expect(row).to_have_count(0)
        await expect(page.locator(".clusters .count")).to_have_text("5")


async def test_a_fault_is_ordered_seen_in_force_and_mended(browser):
    async with open_console(browser) as console, loopback_client() as http:
        page = console.page
        await page.get_by_label("Break something").select_option(label="v1 answers 503")
        in_force = page.get_by_role("list", name="Faults in force")
        await expect(in_force).to_contain_text("v1 answers 503")
        address = f"{console.demo.cloud_url}/databases/postgresql/clusters"
        headers = {"authorization": "Bearer demo-token"}
        assert (await http.get(address, headers=headers)).status_code == 503
        await expect(in_force).to_contain_text("met 1 requests")

        await page.get_by_role("button", name="Mend: v1 answers 503").click()
        await expect(in_force).to_have_count(0)
        assert (await http.get(address, headers=headers)).status_code == 200


async def test_a_cluster_is_moved_to_v2_by_keyboard_alone(browser):
    async with open_console(browser) as console:
        page = console.page
        await page.get_by_role("searchbox", name="Filter the clusters").fill("orders-prod")
        await expect(page.locator(".clusters li")).to_have_count(1)
        move = page.get_by_role("button", name="Move orders-prod to v2")
        await page.keyboard.press("Tab")
        await expect(move).to_be_focused()
        await expect(move).to_have_css("opacity", "1")
        await page.keyboard.press("Enter")
        await expect(page.locator(".clusters .tag")).to_have_text("v2")
        await expect(move).to_have_count(0)
        assert [each.api for each in console.demo.cloud.everything() if each.name == "orders-prod"] == ["v2"]


async def test_what_the_cloud_refuses_is_said(browser):
    async with open_console(browser) as console:
        move = console.page.get_by_role("button", name="Move orders-prod to v2")
        await move.hover()
        next(each for each in console.demo.cloud.everything() if each.name == "orders-prod").network = None
        await move.click()
        await expect(console.page.get_by_role("alert")).to_contain_text("without a network")


async def test_the_audit_log_grows_before_the_eyes_and_steps_tick(browser, tmp_path):
    log = write_log(tmp_path / "pgbot.db", 2)
    setup = ConsoleSetup(audit=log, guide=first_minute(["cluster list", "restore"]))
    async with open_console(browser, setup=setup) as console:
        page = console.page
        await page.get_by_role("tab", name="Cloud").press("ArrowRight")
        audit = page.get_by_role("tab", name="Audit log")
        await expect(audit).to_be_focused()
        rows = page.locator("#audit > li")
        await expect(rows).to_have_count(2)
        await expect(page.locator("#guide li.done")).to_have_count(0)

        more = [
            make_entry(3, actor="slack:U0BOB", command="cluster list", text="cluster list <b>"),
            make_entry(4, kind="plan", command="restore", outcome="denied"),
        ]
        await asyncio.to_thread(write_rows, log, more)
        await expect(rows).to_have_count(4)
        await expect(rows.nth(1)).to_contain_text("Bob Okafor")
        await expect(rows.nth(1)).to_contain_text("cluster list <b>")
        await expect(page.locator("#guide li.done")).to_have_count(1)
        await expect(page.locator("#guide li.next")).to_contain_text("Ask for a restore")
        assert (console.trouble, console.hosts) == ([], {"127.0.0.1"})


async def test_the_panel_is_shut_and_stays_shut(browser):
    async with open_console(browser) as console:
        page = console.page
        await page.get_by_role("button", name="Close the side panel").click()
        await expect(page.locator("#panel")).to_have_count(0)
        await page.reload()
        await page.wait_for_selector("[data-ready]")
        await expect(page.locator("#panel")).to_have_count(0)
        await page.get_by_role("button", name="Behind the scenes").click()
        await expect(page.locator("#panel")).to_be_visible()


@asynccontextmanager
async def panel_client(setup):
    async with (
        open_environment({}, console=setup, clock=VirtualClock(), clusters=1) as demo,
        loopback_client(base_url=demo.slack_url) as http,
    ):
        yield http


async def test_what_is_in_the_panel_is_for_pages_of_this_machine_only(tmp_path):
    setup = ConsoleSetup(audit=write_log(tmp_path / "pgbot.db", 3))
    async with panel_client(setup) as http:
        for path in ("/_console/setup", "/_console/audit", "/_console/cloud/clusters"):
            assert (await http.get(path)).status_code == 200
            for wrong in ({"origin": "http://evil.example"}, {"host": "evil.example"}):
                assert (await http.get(path, headers=wrong)).status_code == 403
        behind = (await http.get("/_console/audit", params={"after": 2})).json()["rows"]
        assert [row["seq"] for row in behind] == [3]
        assert (await http.get("/_console/audit", params={"after": "x"})).status_code == 400
        assert "hash" not in behind[0]
        assert "requests" not in behind[0]


async def test_before_the_bot_has_made_its_file_the_log_is_empty(tmp_path):
    setup = ConsoleSetup(audit=tmp_path / "pgbot.db")
    async with panel_client(setup) as http:
        assert (await http.get("/_console/audit")).json() == {"ok": True, "rows": []}
    assert not (tmp_path / "pgbot.db").exists()


def test_a_step_is_left_out_when_the_bot_lacks_its_command():
    titles = [step.title for step in first_minute(["cluster list", "migration status"])]

    assert titles == ["List the clusters", "See who is ready for v2"]
