"""Messages about a change over all ways that it can go: one for each place, one mention for each event."""

from collections import Counter
from datetime import timedelta

import pytest
from change_requests import ALICE, BOB, CAROL, PROD, ask, now
from notifier_kit import make_notifier, post_all
from report_kit import Posts
from terminal_site import terminal_site

from bot.changes.run_log import RunLog
from bot.domain.attempt import Attempt
from bot.domain.request import Invocation

pytestmark = pytest.mark.anyio
OPS = "C0OPS"
GROUPS = {"S0DBA": "U0CAROL"}


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        yield terminal


class Life:
    """One change, its people, and the process that runs it."""

    def __init__(self, terminal, posts):
        self.terminal, self.posts = terminal, posts
        kernel = terminal.kernel
        self.notifier, self.rows = make_notifier(kernel, posts), kernel.dispatcher.changes.rows
        self.run_log = RunLog(
            rows=self.rows, clock=kernel.clock, propose_again=self.propose_again, wake=lambda: None
        )
        self.record = None

    async def begin(self, line=PROD, actor=ALICE):
        self.record = await ask(self.terminal, line, actor)
        await self.told()

    async def says(self, line, *people):
        for actor in people:
            assert (await self.terminal.run(line.format(id=self.record.id), actor)).ok
            await self.told()

    async def told(self):
        """Let Slack show all that is new."""
        await post_all(self.notifier)
        self.terminal.kernel.clock.advance(timedelta(seconds=5))

    async def start(self):
        await self.says("change approve {id}", BOB, CAROL)
        assert await self.run_log.claim(await now(self.terminal, self.record))
        await self.told()

    async def send(self):
        await self.start()
        record = await now(self.terminal, self.record)
        attempt = Attempt(armed_at=self.terminal.kernel.clock.now(), baseline=frozenset())
        assert await self.run_log.arm(record, attempt)
        await self.run_log.record_sent(record, "")
        await self.told()

    async def end(self, *, reached=True, differs=()):
        await self.run_log.end(self.record.id, reached=reached, words="it is AVAILABLE", differs=differs)

    async def propose_again(self, record, plan):
        invocation = Invocation(
            key="again", trace=record.id, actor=ALICE, channel="", text="", at=self.run_log.clock.now()
        )
        changes = self.terminal.kernel.dispatcher.changes
        return await changes.add_change(plan, invocation, record.reason, replaces=record.id)


async def succeeds(life):
    await life.send()
    await life.end()


async def fails(life):
    await life.send()
    await life.end(reached=False)


async def takes_no_effect(life):
    await life.send()
    await life.end(differs=["it has 2 GB"])


async def is_refused_by_the_cloud(life):
    await life.send()
    await life.run_log.fail(life.record, "IONOS refused it.")


async def is_stopped_before_it_is_sent(life):
    await life.start()
    await life.run_log.stop(life.record, "alice may no longer do this.")


async def has_an_unknown_outcome(life):
    await life.send()
    await life.run_log.mark_unknown(await now(life.terminal, life.record), "no answer")
    await life.told()
    await life.says("change settle {id} not-run", BOB)


async def is_denied(life):
    await life.says('change deny {id} --reason "not today"', BOB)


async def is_withdrawn(life):
    await life.says("change withdraw {id}", ALICE)


async def is_cancelled_by_an_approver(life):
    await life.says("change approve {id}", BOB, CAROL)
    await life.says("change cancel {id}", BOB)


async def has_an_approval_taken_back(life):
    await life.says("change approve {id}", BOB)
    await life.says("change approve {id} --take-back", BOB)


async def expires(life):
    life.terminal.kernel.clock.advance(timedelta(hours=25))
    await life.terminal.kernel.dispatcher.changes.expire_due()


async def is_run_by_break_glass(life):
    await life.says("change breakglass {id} --name orders-prod --reason now", BOB)
    await life.says("change review {id}", CAROL)


async def is_superseded(life):
    await life.start()
    record = await now(life.terminal, life.record)
    other = record.plan.model_copy(update={"observed": {**record.plan.observed, "backup": "another"}})
    await life.run_log.supersede(record, other)


LIVES = [
    *(succeeds, fails, takes_no_effect, is_refused_by_the_cloud, is_stopped_before_it_is_sent),
    *(has_an_unknown_outcome, is_denied, is_withdrawn, is_cancelled_by_an_approver),
    *(has_an_approval_taken_back, expires, is_run_by_break_glass, is_superseded),
]


def mentions(message):
    """Return the people that a message mentions, with the members of user groups."""
    found = [each for part in message["reply"].parts for each in getattr(part, "people", ())]
    return [GROUPS.get(each, each) for each in found]


def event_of(message):
    """Return the change and the event of a message in a thread, without the place."""
    change, _, line = message["key"].split(":")[:3]
    return change, line


@pytest.mark.parametrize("refused", [{}, {OPS: "not_in_channel"}], ids=["channel", "direct message"])
@pytest.mark.parametrize("live", LIVES)
async def test_nobody_is_notified_twice_of_one_thing(terminal, live, refused):
    posts = Posts(refuse=refused)
    life = Life(terminal, posts)
    await life.begin()
    await live(life)
    await life.told()

    tops = [each for each in posts.messages if not each["thread"]]
    lines = [each for each in posts.messages if each["thread"]]
    records = await life.rows.latest()
    # Where the channel refuses the card, the requester and those who may decide have one each.
    places = ["U0ALICE", "U0BOB"] if refused else [OPS]
    cards = Counter((each["key"].split(":")[0], each["channel"]) for each in tops)
    assert cards == dict.fromkeys(((each.id, place) for each in records for place in places), 1)
    assert [each for each in tops if mentions(each)] == []
    events = Counter((*event_of(each), person) for each in lines for person in mentions(each))
    assert {event: count for event, count in events.items() if count > 1} == {}
    # What supersedes a change is one event, told of below both.
    if len(records) == 2:
        new, old = records
        first = [
            each for each in lines if each["channel"] == places[0]
        ]  # people are mentioned below one card
        end = next(each for each in reversed(first) if each["key"].startswith(old.id))
        request = next(each for each in first if each["key"].startswith(new.id))
        assert not {*mentions(end)} & {*mentions(request)}
        assert mentions(end) == ["U0ALICE"]


async def test_a_requester_hears_of_every_end_that_somebody_else_has_made(terminal):
    for live in LIVES:
        if live in {is_withdrawn, has_an_approval_taken_back, is_run_by_break_glass}:
            continue
        posts = Posts()
        life = Life(terminal, posts)
        await life.begin()
        await live(life)
        await life.told()
        told = [each for each in posts.messages if "U0ALICE" in mentions(each)]
        assert [each for each in told if each["key"].startswith(life.record.id)], live.__name__
