"""Many changes that cannot be posted or cannot run: they delay none of the others."""

from dataclasses import replace
from datetime import timedelta

import pytest
from change_requests import ALICE, BOB, CAROL, PROD, STAGING, ask, now
from notifier_kit import make_alarm_notifier, make_notifier, post_all
from report_kit import Posts
from terminal_site import terminal_site

from bot.changes import rows
from bot.changes.card import load_card
from bot.changes.record import ChangeState
from bot.changes.scheduler import ChangeScheduler
from bot.domain.errors import SlackError
from bot.domain.reply_text import render_plain
from bot.runtime.clock import Wakeup
from bot.runtime.database.sqlite import insert

pytestmark = pytest.mark.anyio
OPS = "C0OPS"
MANY = 1_001
"""More than a look ever read at once."""


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        yield terminal


class Locked(Posts):
    """A channel in which somebody has locked one thread."""

    locked = ""

    async def post(self, channel, reply, thread="", priority=None, *, key):
        if thread and thread == self.locked:
            raise SlackError("Slack refused.", code="restricted_action_thread_locked")
        return await super().post(channel, reply, thread, key=key)

    def lines(self):
        return [each["reply"].title for each in self.messages if each["thread"]]


async def look(terminal, tells, times=1):
    for _ in range(times):
        await post_all(tells)
        terminal.kernel.clock.advance(timedelta(seconds=2))


async def say(terminal, record, *lines):
    def work(db):
        for words in lines:
            rows.put_milestone(db, record.id, terminal.kernel.clock.now(), words, ())

    await terminal.kernel.database.write(work)


async def copies(terminal, record, count, **changed):
    """Return more changes like this one."""

    def work(db):
        for number in range(count):
            insert(db, "changes", rows.change_row(replace(record, id=f"c-x{number:05}", **changed)))

    await terminal.kernel.database.write(work)


async def test_the_lines_of_a_thread_that_slack_refuses_silence_no_other_thread(terminal):
    posts = Locked()
    tells = make_notifier(terminal.kernel, posts)
    first = await ask(terminal, PROD, ALICE)
    await look(terminal, tells)
    [card] = await terminal.kernel.dispatcher.changes.rows.cards(first.id)
    posts.locked = card.ts
    await say(terminal, first, *(f"The cluster is odd: {number}." for number in range(150)))
    other = await ask(terminal, STAGING, ALICE)
    await say(terminal, other, "One.", "Two.", "Three.")
    await look(terminal, tells)

    assert posts.lines()[-3:] == ["One.", "Two.", "Three."]


async def test_all_threads_continue_in_turn_and_each_in_its_order(terminal):
    posts = Locked()
    tells = make_notifier(terminal.kernel, posts)
    records = [await ask(terminal, STAGING, ALICE) for _ in range(2)]
    await look(terminal, tells)
    await say(terminal, records[0], *(f"One {number}." for number in range(120)))
    await say(terminal, records[1], "Two 0.", "Two 1.")
    await look(terminal, tells)
    told = [each for each in posts.lines() if " asks for " not in each]

    assert [set(told[:2]), set(told[2:4])] == [{"One 0.", "Two 0."}, {"One 1.", "Two 1."}]
    assert posts.lines()[6:] == [f"One {number}." for number in range(2, 120)]


async def test_cards_that_slack_refuses_hide_none_that_it_takes(terminal):
    posts = Posts(refuse={OPS: "is_archived", "U0ALICE": "user_disabled"})
    tells = make_notifier(terminal.kernel, posts)
    await copies(terminal, await ask(terminal, PROD, ALICE), 150)
    terminal.kernel.clock.advance(timedelta(minutes=1))
    await ask(terminal, PROD, BOB)
    await look(terminal, tells, 2)

    assert {each["channel"] for each in posts.messages} == {"U0BOB"}


async def test_edits_that_slack_refuses_hide_none_that_it_takes(terminal):
    posts = Posts()
    tells = make_notifier(terminal.kernel, posts)
    record = await ask(terminal, PROD, ALICE)
    await copies(terminal, record, 150)
    await look(terminal, tells, 3)
    posts.refuse[OPS] = "cant_update_message"
    terminal.kernel.clock.advance(timedelta(minutes=1))
    await terminal.kernel.database.write(lambda db: db.execute("UPDATE changes SET version = version + 1"))
    late = await ask(terminal, STAGING, BOB)
    # Bob's is shown where Slack takes everything.
    await terminal.kernel.database.write(
        lambda db: db.execute("INSERT INTO cards VALUES (?, 'D0BOB', '1.5', 0)", [late.id])
    )
    posts.messages.append({"channel": "D0BOB", "ts": "1.5", "thread": "", "reply": None, "key": ""})
    await look(terminal, tells, 3)

    [shown] = [each["reply"] for each in posts.messages if each["ts"] == "1.5"]
    assert shown is not None


# Turns


class Begun:
    """An engine that only records the workflows it was asked to start."""

    def __init__(self):
        self.ids = []

    async def start(self, _kind, workflow_id, _payload):
        self.ids.append(workflow_id)

    async def running(self):
        return frozenset(self.ids)

    async def prune(self, _before):
        return 0


async def one_look(terminal):
    """Run the scheduler's jobs once; returns the workflows that were started."""
    kernel, tells, begun = terminal.kernel, make_notifier(terminal.kernel, None), Begun()
    change_scheduler = ChangeScheduler(
        changes=kernel.dispatcher.changes,
        run_log=tells.run_log,
        engine=begun,
        notifier=tells,
        alarms=make_alarm_notifier(kernel, None),
        handover=kernel.dispatcher.handover,
        clock=kernel.clock,
        waker=Wakeup(),
    )
    await kernel.dispatcher.changes.expire_due()
    await change_scheduler._start_due()
    return begun.ids


async def approved(terminal, line, *people):
    record = await ask(terminal, line, ALICE)
    for person in people:
        assert (await terminal.run(f"change approve {record.id}", person)).ok
    return await now(terminal, record)


async def test_changes_that_wait_for_one_cluster_keep_no_other_cluster_from_its_turn(terminal):
    record = await approved(terminal, PROD, BOB, CAROL)
    assert await one_look(terminal) == [f"change:{record.id}"]
    await copies(terminal, record, MANY, requester=replace(record.requester, id="U0MANY"))
    terminal.kernel.clock.advance(timedelta(seconds=10))
    other = await approved(terminal, STAGING, BOB)

    assert await one_look(terminal) == [f"change:{other.id}"]


async def test_a_change_waits_for_those_of_its_cluster_that_are_ahead_of_it(terminal):
    first = await approved(terminal, PROD, BOB, CAROL)
    await one_look(terminal)
    records = [first]
    for _ in range(2):
        terminal.kernel.clock.advance(timedelta(seconds=10))
        records.append(await approved(terminal, PROD, BOB, CAROL))
    rows = terminal.kernel.dispatcher.changes.rows

    assert await one_look(terminal) == []
    cards = [render_plain(await load_card(await now(terminal, each), rows)) for each in records]
    assert f"Queued behind {first.id} and {records[1].id} on the same cluster" in cards[2]
    assert f"Queued behind {first.id} on the same cluster" in cards[1]


async def test_proposals_that_have_time_hide_none_whose_time_is_over(terminal):
    record = await ask(terminal, PROD, ALICE)
    later = record.expires_at + timedelta(days=30)
    await copies(terminal, record, MANY, expires_at=later, proposed_at=record.proposed_at - timedelta(days=1))
    terminal.kernel.clock.advance(record.expires_at - terminal.kernel.clock.now())
    await one_look(terminal)

    assert (await now(terminal, record)).state is ChangeState.EXPIRED
