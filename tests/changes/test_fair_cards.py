"""Many proposals of one person: another's card comes at once, an urgent one first, and none is lost."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from bot_site import bot_site
from hypothesis import given
from hypothesis import strategies as st
from password_site import settings_with

from bot.changes import rows
from bot.changes.record import ChangeState
from bot.demo.workspace import user_actions
from bot.domain.fair_order import FairOrder, MessagePriority
from bot.runtime.database.sqlite import insert
from bot.slack.rate_limits import EDITS_AT_ONCE, EDITS_PER_SECOND, MESSAGE_SECONDS

pytestmark = pytest.mark.anyio
ALICE, BOB, CAROL, OPS = "U0ALICE", "U0BOB", "U0CAROL", "C0OPS"
MANY = 250
STAGING, PROD = "restore orders-staging --to 2h --reason x", "restore orders-prod --to 2h --reason x"
WITHIN = 5
"""Messages in the channel until another's card is there, of which Slack takes one a second. A count, since a
busy machine may let the simulated seconds pass before the bot gets to its work."""


class Time:
    """The site's clock, which goes on whenever the bot has nothing more to do at a moment."""

    def __init__(self, site):
        self.site, self.clock = site, site.demo.clock

    async def pass_until(self, is_so, step=0.25, most=600.0):
        """Let time pass until the condition holds; return the seconds that it took."""
        started = self.clock.monotonic()
        while True:
            await self.settle()
            if is_so():
                return self.clock.monotonic() - started
            self.clock.advance(timedelta(seconds=step))
            assert self.clock.monotonic() - started < most, "it never came"

    async def settle(self):
        """Wait until nothing happens any more without the clock."""
        messages, quiet = None, 0
        while quiet < 6:
            await asyncio.sleep(0.001)
            now = [(each.text, each.blocks) for each in self.cards()]
            quiet = quiet + 1 if now == messages else 0
            messages = now

    def cards(self):
        return [
            each for each in self.site.demo.workspace.channels[OPS].messages.values() if not each.only_for
        ]


async def propose(site, user, line):
    """Request a change in Slack; return its record."""
    database = site.bot.kernel.database
    known = await database.read(rows.open_ids)
    await user_actions.slash(site.demo.workspace, user=user, channel=OPS, text=f"/pg {line}")
    async with asyncio.timeout(120):
        while not (new := await database.read(rows.open_ids) - known):
            await asyncio.sleep(0.01)
    return await site.bot.kernel.dispatcher.changes.rows.get(*new)


async def copy_many(site, record, count=MANY):
    """Let the same person have many more changes like this one, none of which Slack shows yet."""

    def work(db):
        for number in range(count):
            insert(db, "changes", rows.change_row(replace(record, id=f"c-m{number:05}")))
            rows.put_milestone(db, f"c-m{number:05}", record.proposed_at, "alice asks for approval.", ())

    await site.bot.kernel.database.write(work)


def is_shown(site, record):
    """Return whether the change's card is in the channel, with its buttons."""
    messages = site.demo.workspace.channels[OPS].messages.values()
    cards = (each for each in messages if each.text.startswith(record.plan.action) and not each.only_for)
    return any(f"change approve {record.id}" in str(each.blocks) for each in cards)


@pytest.mark.parametrize(("flood", "mode"), [(STAGING, "socket"), (PROD, "http")])
async def test_with_250_of_one_person_anothers_card_is_out_within_seconds(tmp_path, monkeypatch, flood, mode):
    settings = settings_with(tmp_path, "\nlimits: {open_changes: 1000}\n")
    async with bot_site(tmp_path, monkeypatch, mode=mode, settings=settings, clusters=12) as site:
        time = Time(site)
        await copy_many(site, await propose(site, ALICE, flood))
        await time.pass_until(lambda: len(time.cards()) > 60, step=1)  # past every burst that Slack allows
        for line in (PROD, STAGING):
            others, before = await propose(site, CAROL, line), len(time.cards())
            await time.pass_until(lambda others=others: is_shown(site, others))

            assert len(time.cards()) - before <= WITHIN
            assert len(time.cards()) < MANY / 2


async def test_shared_answers_of_one_person_do_not_delay_anothers_card(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch, clusters=12) as site:
        time = Time(site)
        for _ in range(60):
            user_actions.say(site.demo.workspace, user=ALICE, channel=OPS, text="<@U0PGBOT> whoami")
        await time.settle()
        others, before = await propose(site, CAROL, STAGING), len(time.cards())
        await time.pass_until(lambda: is_shown(site, others))

        assert len(time.cards()) - before <= WITHIN


async def test_break_glass_is_told_within_seconds_and_nothing_is_lost(tmp_path, monkeypatch):
    settings = settings_with(tmp_path, "\nlimits: {open_changes: 1000}\n")
    async with bot_site(tmp_path, monkeypatch, settings=settings, clusters=12) as site:
        time, store = Time(site), site.bot.kernel.dispatcher.changes.rows
        glass = await propose(site, CAROL, PROD)
        await time.pass_until(lambda: is_shown(site, glass))
        await copy_many(site, await propose(site, ALICE, STAGING), 60)
        await time.pass_until(lambda: len(time.cards()) > 30, step=1)
        line = f"/pg change breakglass {glass.id} --name orders-prod --reason fire"
        await user_actions.slash(site.demo.workspace, user=BOB, channel=OPS, text=line)
        before = len(time.cards())
        await time.pass_until(lambda: any("used break-glass" in each.text for each in time.cards()))

        assert len(time.cards()) - before <= WITHIN
        for _ in range(600):
            site.demo.clock.advance(timedelta(seconds=1))
            await asyncio.sleep(0.003)
            if not [each for each in await store.pending_posts() if each.change_id != glass.id]:
                break
        found = await store.in_states([ChangeState.PROPOSED])
        assert [each.id for each in found if not is_shown(site, each)] == []


PRIORITIES = st.builds(MessagePriority, st.sampled_from("abcd"), st.booleans())


@given(st.lists(PRIORITIES, min_size=1, max_size=40))
def test_in_any_queue_each_person_and_what_is_urgent_is_soon_served(waiting):
    order, left, served = FairOrder(), list(waiting), []
    while left:
        served.append(left.pop(order.choose(left)))
    people = {each.person for each in waiting}

    assert sorted(map(str, served)) == sorted(map(str, waiting))
    for person in people:
        first = next(number for number, each in enumerate(served) if each.person == person)
        assert first <= 2 * len(people)
        if any(each.person == person and each.urgent for each in waiting):
            urgent = next(n for n, each in enumerate(served) if each.person == person and each.urgent)
            assert urgent <= 2 * len(people)


@given(st.integers(1, 30), st.integers(0, 30))
def test_of_one_person_the_order_stays(plain, urgent):
    waiting = [(MessagePriority("a"), n) for n in range(plain)]
    waiting += [(MessagePriority("a", urgent=True), n) for n in range(urgent)]
    order, served = FairOrder(), []
    while waiting:
        served.append(waiting.pop(order.choose([each for each, _ in waiting])))

    for kind in (True, False):
        numbers = [number for each, number in served if each.urgent is kind]
        assert numbers == sorted(numbers)


def test_what_is_sent_stays_within_what_slack_takes():
    """chat.update takes 50 a minute, and a channel one message a second (Slack docs, "Rate limits")."""
    assert EDITS_PER_SECOND * 60 <= 50
    assert EDITS_AT_ONCE <= 50
    assert MESSAGE_SECONDS >= 1
