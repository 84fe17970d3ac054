"""The Home tab shows what concerns a person, and nothing that they may not see."""

from datetime import timedelta

import anyio
import pytest
from bot_site import bot_site
from form_kit import act, home, home_says, lines, message, text_of, views

from bot.demo.environment import SETTINGS
from bot.domain.block_kit.validation import view_problems
from bot.slack.app_home import REFRESH_SECONDS

pytestmark = pytest.mark.anyio
ALICE, BOB, CAROL, VERA, GUEST = "U0ALICE", "U0BOB", "U0CAROL", "U0VERA", "U0GUEST"


@pytest.fixture(params=["socket", "http"])
async def site(request, tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch, mode=request.param) as site:
        yield site


async def test_it_shows_the_clusters_that_are_mine(site):
    view = await home(site, ALICE, "Your clusters")
    await site.idle()

    assert "orders-prod" in text_of(view)
    assert "payments-prod" not in text_of(view)
    assert lines(site) == [("home", "accepted")]
    assert view_problems({"type": "home", "blocks": view["blocks"]}) == []


async def test_whoever_may_see_nothing_is_shown_nothing(site):
    view = await home(site, GUEST, "No clusters are visible to you")

    assert "orders" not in text_of(view)


async def test_a_change_that_waits_for_me_appears_and_goes_without_opening_again(site):
    await home(site, BOB, "Nothing needs your attention")
    await site.slash(ALICE, '/pg restore orders-prod --to 2h --reason "bad deploy"')
    await message(site, ALICE, "waiting for 2 DBA approvals")
    site.demo.clock.advance(timedelta(seconds=REFRESH_SECONDS + 1))
    waiting = await home_says(site, BOB, "Waiting for your approval")
    mine = await home(site, ALICE, "Your requests, waiting for a decision")
    await act(site, "click", user=ALICE, view_id=mine["id"], label=look(mine))
    change = look(mine).removeprefix("View ")
    await site.slash(ALICE, f"/pg change withdraw {change}")
    await message(site, ALICE, "withdrawn")
    site.demo.clock.advance(timedelta(seconds=REFRESH_SECONDS + 1))
    await home_says(site, BOB, "Nothing needs your attention")

    assert "Restore orders-prod" in text_of(waiting)
    assert "Waiting for your approval" not in text_of(mine)


def look(view):
    """Return the label of the first button that leads to a change."""
    buttons = [each for block in view["blocks"] for each in block.get("elements", ())]
    return next(each["text"]["text"] for each in buttons if each["type"] == "button")


async def test_a_button_on_the_page_answers_by_direct_message(site):
    await site.slash(ALICE, '/pg restore orders-prod --to 2h --reason "bad deploy"')
    await message(site, ALICE, "waiting for 2 DBA approvals")
    view = await home(site, BOB, "Waiting for your approval")
    clicked = await act(site, "click", user=BOB, view_id=view["id"], label=look(view))
    channels = (await site.http.get("/_workspace/channels", params={"user": BOB})).json()["channels"]
    direct = next(each["id"] for each in channels if each["kind"] == "im")
    answer = await message(site, BOB, "bad deploy", direct)

    assert clicked["ok"], clicked
    assert "Approve" in text_of(answer)


async def test_a_page_is_made_no_more_often_than_changes_move(site):
    await home(site, BOB, "Nothing needs your attention")
    before = len(
        (await site.http.get("/_workspace/calls", params={"method": "views.publish"})).json()["calls"]
    )
    for _ in range(5):
        site.demo.clock.advance(timedelta(seconds=REFRESH_SECONDS + 1))
        await site.ask(BOB, "/pg whoami")
    after = len(
        (await site.http.get("/_workspace/calls", params={"method": "views.publish"})).json()["calls"]
    )

    assert before == after


async def test_a_page_shows_no_longer_what_the_permissions_of_an_edited_app_yaml_hide(tmp_path, monkeypatch):
    settings = tmp_path / "app.yaml"
    text = SETTINGS.read_text(encoding="utf-8")
    settings.write_text(text, encoding="utf-8")
    async with bot_site(tmp_path, monkeypatch, settings=settings, clusters=13) as site:
        shown = await home(site, ALICE, "Your clusters")
        await site.idle()
    settings.write_text(text.replace("developer: [U0ALICE]", "developer: [U0VERA]"), encoding="utf-8")
    async with bot_site(tmp_path, monkeypatch, settings=settings, clusters=13) as site:
        with anyio.fail_after(10):
            while (refreshed := (await views(site, ALICE))["home"]) is None:
                site.demo.clock.advance(timedelta(seconds=REFRESH_SECONDS + 1))
                await anyio.sleep(0.01)

    assert "orders-prod" in text_of(shown)
    assert "orders" not in text_of(refreshed)
