"""Cards of every state, forms, answers and Home of a bot, on a desk and a phone: to picture and to check."""

import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
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
from bot.changes.password_store import PendingPassword, delivery_message
from bot.changes.record import ChangeRecord, ChangeState, DecisionKind, Vote
from bot.demo.workspace.conversation import Channel, StoredMessage
from bot.demo.workspace.members import BOT_USER
from bot.domain.reply import Reply
from bot.slack.message_renderer import render

ALICE, BOB = "U0ALICE", "U0BOB"

SIZES = {"desk": {"width": 1000, "height": 900}, "phone": {"width": 400, "height": 844}}
SCHEMES = ("light", "dark")

WHOLE = {"desk-light", "phone-dark"}
"""The pages on which everything is photographed; of the others only what matters most, to save bytes."""

CARDS, MORE = "C0CARDS", "C0MORE"
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

ANSWERS = (
    "help",
    "cluster list",
    "cluster show orders-prod",
    "drill orders-prod",
    "report preview fleet",
    "lits",
)
"""Lines whose answers are shown to Bob, the last one an error with suggestions."""

PLACES = {
    "home": ("home", "#home-page h2"),
    "cards": (CARDS, "#messages .message"),
    "messages": (MORE, "#messages .message"),
    "answers": ("C0OPS", "#messages .message"),
}
"""Places of the page with the last element to wait for, by the names of their pictures."""

PASSWORD = PendingPassword(
    change="c-7kq2mf",
    person=BOB,
    user="app_reader",
    place="",
    shown="ssh-ed25519 SHA256:nDq0Jb5ZyyrGmMb0wB2cZ2xvZrWoGOxh6Y1q1Zq4n2E",
    blob=b"-",
    tries=0,
    cluster="orders-prod",
    cluster_id="1",
    team="",
    actor=BOB,
    command="user create",
    digest="",
)
"""A password on its way to Bob."""


async def take_surfaces(browser: Browser, out: Path) -> None:
    """Photograph every surface: all of it on the pages of WHOLE, of others what matters most."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        async with bot_site(Path(folder), patch) as site:
            async for page, surface, name in visit_surfaces(browser, site):
                file = out / f"{surface}-{name}.webp"
                if surface == "home":
                    await page.set_viewport_size({"width": page.viewport_size["width"], "height": TALL})
                    await shoot(page, file, "#home-page > *", margin=16, highest=HIGHEST)
                elif surface == "cards":
                    await page.set_viewport_size({"width": page.viewport_size["width"], "height": TALL})
                    await shoot(page, file, "#messages" if name in WHOLE else "#messages .message")
                elif surface == "form-restore" or (surface.startswith("form-") and name in WHOLE):
                    await shoot(page, file, "#modal")


async def visit_surfaces(browser: Browser, site: Site) -> AsyncIterator[tuple[Page, str, str]]:
    """Let people ask for changes, and yield every surface on each page: the name of either, too."""
    alice = await OnCall(site, ALICE).arrive()
    for form, (line, chosen) in FORMS.items():
        await alice.type(line)
        for label in chosen:
            await alice.choose(label)
        async for page, name in pages(browser):
            await go(page, site, f"#/{ALICE}/C0OPS")
            await page.locator("#modal").wait_for()
            yield page, f"form-{form}", name
        await act(site, "close", user=ALICE, view_id=alice.form.place["view_id"], everything=True)
    await ask_changes(site)
    await post_cards(site)
    for line in ANSWERS:
        await site.ask(BOB, f"/pg {line}")
    for surface, (place, last) in PLACES.items():
        async for page, name in pages(browser):
            await go(page, site, f"#/{BOB}/{place}")
            await page.locator(last).last.wait_for()
            yield page, surface, name


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
    """Put a card of each state into a channel, of both changes where they are pending, and other messages of
    them into another one."""
    restore, window = await site.bot.kernel.dispatcher.changes.rows.latest()
    vote = Vote(
        voter=BOB,
        name="bob",
        word=DecisionKind.APPROVE,
        roles=frozenset({"dba"}),
        digest=restore.digest,
        at=restore.proposed_at + timedelta(minutes=3),
    )
    approved_once = replace(restore, votes=(vote,))
    show(site, CARDS, map(render_card, (restore, window, *states(window))))
    show(
        site,
        MORE,
        (render_card(approved_once), render_card(restore, details=True), delivery_message(PASSWORD)),
    )


def show(site: Site, channel: str, replies: Iterable[Reply]) -> None:
    """Post replies in a new channel."""
    workspace, members = site.demo.workspace, {ALICE, BOB, BOT_USER}
    workspace.add_channel(Channel(id=channel, name=channel.lower(), topic="Of a change", members=members))
    for each in replies:
        shown = render(each).payload()
        message = StoredMessage(ts=workspace.next_ts(), channel=channel, user=BOT_USER, **shown)
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
