"""The Home tab shows what concerns a person, and nothing that they may not see."""

from datetime import timedelta

import anyio
import pytest
from bot_site import bot_site
from form_kit import act, home, home_says, lines, message, modal, text_of, views
from one_contract import SETTINGS

from bot.demo.cloud.records import Phase
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
    view = await home(site, GUEST, "There are no clusters that you may see")

    assert "orders" not in text_of(view)


async def test_a_change_that_needs_me_appears_and_goes_without_opening_again(site):
    await home(site, BOB, "Nothing needs your attention")
    await request(site)
    site.demo.clock.advance(timedelta(seconds=REFRESH_SECONDS + 1))
    waiting = await home_says(site, BOB, "1 change needs your attention")
    mine = await home(site, ALICE, "Waiting for 2 DBA approvals")
    pressed = await act(site, "click", user=ALICE, view_id=mine["id"], label="Withdraw")
    await message(site, ALICE, "withdrawn", await direct_channel(site, ALICE))
    site.demo.clock.advance(timedelta(seconds=REFRESH_SECONDS + 1))
    await home_says(site, BOB, "Nothing needs your attention")

    assert pressed["ok"], pressed
    assert "Restore orders-prod" in text_of(waiting)
    assert "needs your approval" not in text_of(mine)
    assert labels(mine)[:3] == ["New restore", "New report", "All clusters"]
    assert "Approve restore" not in labels(mine)


async def request(site):
    await site.slash(ALICE, '/pg restore orders-prod --to 2h --reason "bad deploy"')
    await message(site, ALICE, "aiting for 2 DBA approvals")


def labels(view):
    """Return the labels of all buttons, in order."""
    found = [
        each for block in view["blocks"] for each in (*block.get("elements", ()), block.get("accessory", {}))
    ]
    return [each["text"]["text"] for each in found if each.get("type") == "button"]


async def direct_channel(site, user):
    channels = (await site.http.get("/_workspace/channels", params={"user": user})).json()["channels"]
    return next(each["id"] for each in channels if each["kind"] == "im")


async def test_a_button_on_the_page_answers_by_direct_message(site):
    await request(site)
    view = await home(site, BOB, "It needs your approval.")
    clicked = await act(site, "click", user=BOB, view_id=view["id"], label="View details")
    answer = await message(site, BOB, "bad deploy", await direct_channel(site, BOB))

    assert clicked["ok"], clicked
    assert "Approve restore" in text_of(answer)


async def test_a_stale_button_says_why_nothing_happens(site):
    await request(site)
    view = await home(site, BOB, "It needs your approval.")
    mine = await home(site, ALICE, "Waiting for 2 DBA approvals")
    await act(site, "click", user=ALICE, view_id=mine["id"], label="Withdraw")
    await site.idle()
    await act(site, "click", user=BOB, view_id=view["id"], label="Approve restore")
    await modal(site, BOB, "is already withdrawn")


async def test_a_form_opens_from_the_page(site):
    view = await home(site, BOB, "Nothing needs your attention")
    for label, words in (("New report", "field:name"), ("New restore", "field:cluster")):
        assert (await act(site, "click", user=BOB, view_id=view["id"], label=label))["ok"]
        await modal(site, BOB, words)


async def test_further_items_are_shown_on_the_page_and_stay_when_it_is_opened_again(site):
    view = await home(site, BOB, "Next reports (1–3 of 5)")
    before = len(await site.seen(BOB, await direct_channel(site, BOB)))
    await act(site, "click", user=BOB, view_id=view["id"], label="Show more (2)")
    turned = await home_says(site, BOB, "Next reports (4–5 of 5)")
    again = await home(site, BOB, "Next reports (4–5 of 5)")
    await request(site)
    site.demo.clock.advance(timedelta(seconds=REFRESH_SECONDS + 1))
    refreshed = await home_says(site, BOB, "1 change needs your attention")
    await act(site, "click", user=BOB, view_id=refreshed["id"], label="Back to the first")
    await home_says(site, BOB, "Next reports (1–3 of 5)")
    await site.idle()

    assert "Show more" not in text_of(turned)
    assert "4–5 of 5" in text_of(again)
    assert "4–5 of 5" in text_of(refreshed)
    assert len(await site.seen(BOB, await direct_channel(site, BOB))) == before
    assert [line for line, _ in lines(site) if line.startswith("home")][:2] == [
        "home",
        "home --pages reports:3",
    ]
    assert not await site.unanswered()


async def test_a_page_follows_the_listings_that_others_read_without_a_call_of_its_own(site):
    await home(site, ALICE, "Your clusters")
    await site.idle()
    orders = next(each for each in site.demo.cloud.everything() if each.name == "orders-prod")
    orders.phase = Phase.FAILED
    site.demo.clock.advance(timedelta(minutes=2))
    await site.ask(BOB, "/pg cluster list")
    before = site.demo.cloud.calls.count()
    site.demo.clock.advance(timedelta(seconds=REFRESH_SECONDS + 1))
    refreshed = await home_says(site, ALICE, "failed")

    assert "orders-prod" in text_of(refreshed)
    assert site.demo.cloud.calls.count() == before


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
        with anyio.fail_after(120):
            while (refreshed := (await views(site, ALICE))["home"]) is None:
                site.demo.clock.advance(timedelta(seconds=REFRESH_SECONDS + 1))
                await anyio.sleep(0.01)

    assert "orders-prod" in text_of(shown)
    assert "orders" not in text_of(refreshed)
