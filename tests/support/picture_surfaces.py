"""Pictures of every card state, of forms and of Home, of a bot of the tests, on a desk and a phone."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from bot_site import Site, bot_site
from form_kit import act
from on_call import OnCall
from picture_file import shoot
from playwright.async_api import Browser, Page

from bot.changes.card import render_card
from bot.changes.record import ChangeRecord, ChangeState
from bot.demo.workspace.conversation import Channel, StoredMessage
from bot.demo.workspace.members import BOT_USER
from bot.slack.message_renderer import render

ALICE, BOB = "U0ALICE", "U0BOB"

SIZES = {"desk": {"width": 1000, "height": 900}, "phone": {"width": 400, "height": 844}}
SCHEMES = ("light", "dark")

WHOLE = {"desk-light", "phone-dark"}
"""The pages on which everything is photographed; of the others only what matters most, to save bytes."""

CARDS = "C0CARDS"
TALL = 9000
"""Pixels of a page on which all cards fit."""

HIGHEST = 900
"""Pixels of Home that are shown."""

FORMS = {
    "restore": ("restore orders-prod --form", ("point in time", "new cluster")),
    "create": ("cluster create --form", ()),
    "resize": ("cluster resize orders-staging --ram 8GB --form", ()),
}
"""The forms, by the names of their pictures: the line that opens each, and the options to choose."""


async def take_surfaces(browser: Browser, out: Path) -> None:
    """Start a bot, let people ask for changes, and photograph what is shown of them."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        async with bot_site(Path(folder), patch) as site:
            await take_forms(browser, site, out)
            await ask_changes(site)
            await post_cards(site)
            async for page, name in pages(browser):
                await page.set_viewport_size({"width": page.viewport_size["width"], "height": TALL})
                await go(page, site, f"#/{BOB}/home")
                await page.locator("#home-page h2").first.wait_for()
                await shoot(page, out / f"home-{name}.webp", "#home-page > *", margin=16, highest=HIGHEST)
                await go(page, site, f"#/{BOB}/{CARDS}")
                await page.locator("#messages .message").last.wait_for()
                what = "#messages" if name in WHOLE else "#messages .message"
                await shoot(page, out / f"cards-{name}.webp", what)


async def take_forms(browser: Browser, site: Site, out: Path) -> None:
    """Open each form as Alice, and photograph it on every page."""
    alice = await OnCall(site, ALICE).arrive()
    for form, (line, chosen) in FORMS.items():
        await alice.type(line)
        for label in chosen:
            await alice.choose(label)
        async for page, name in pages(browser):
            if form == "restore" or name in WHOLE:
                await go(page, site, f"#/{ALICE}/C0OPS")
                await page.locator("#modal").wait_for()
                await shoot(page, out / f"form-{form}-{name}.webp", "#modal")
        await act(site, "close", user=ALICE, view_id=alice.form.place["view_id"], everything=True)


async def ask_changes(site: Site) -> None:
    """Let Alice ask for a restore, and Bob for another maintenance window."""
    for user, line in (
        (BOB, "cluster maintenance orders-staging --day sunday --time 03:00"),
        (ALICE, "restore orders-prod --to 2h --reason 'bad deploy'"),
    ):
        person = await OnCall(site, user).arrive()
        await person.type(line)


def states(record: ChangeRecord) -> Iterator[ChangeRecord]:
    """Yield the change in every state after the first one."""
    start = record.proposed_at + timedelta(minutes=12)
    ended = {"started_at": start, "ended_at": start + timedelta(minutes=9)}
    results = {
        ChangeState.APPROVED: {},
        ChangeState.RUNNING: {"started_at": start, "progress": "The cluster is BUSY"},
        ChangeState.DONE: {**ended, "result": "It is AVAILABLE"},
        ChangeState.FAILED: {**ended, "result": "v1 refused it: the quota has no room"},
        ChangeState.UNKNOWN: {
            "started_at": start,
            "result": "The connection broke after the request was sent",
        },
        ChangeState.NOT_IN_EFFECT: {**ended, "result": "v1 accepted it, and nothing has changed"},
    }
    for state in [each for each in ChangeState if each is not ChangeState.PROPOSED]:
        yield replace(record, state=state, **results.get(state, {"ended_at": start}))


async def post_cards(site: Site) -> None:
    """Put a card of each state into a channel of its own; those that wait, of both changes."""
    restore, window = await site.bot.kernel.dispatcher.changes.rows.latest()
    workspace = site.demo.workspace
    workspace.add_channel(
        Channel(id=CARDS, name="cards", topic="Every state of a change", members={ALICE, BOB, BOT_USER})
    )
    for each in (restore, window, *states(window)):
        shown = render(render_card(each)).payload()
        message = StoredMessage(ts=workspace.next_ts(), channel=CARDS, user=BOT_USER, **shown)
        workspace.add_message(message)


async def pages(browser: Browser) -> AsyncIterator[tuple[Page, str]]:
    """Yield a page for each size and scheme, with the name for its pictures."""
    for size, viewport in SIZES.items():
        for scheme in SCHEMES:
            async with opened(browser, viewport=viewport, color_scheme=scheme) as page:
                yield page, f"{size}-{scheme}"


@asynccontextmanager
async def opened(browser: Browser, **options):
    async with await browser.new_context(reduced_motion="reduce", **options) as context:
        yield await context.new_page()


async def go(page: Page, site: Site, place: str) -> None:
    await page.goto("about:blank")
    await page.goto(f"{site.demo.slack_url}/{place}")
    await page.wait_for_selector("[data-ready]")
