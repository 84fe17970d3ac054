"""The twelve tasks of docs/tasks.md, from a plain sentence to the end with only what the bot shows.

None takes more steps, or has more words to read, than that page says.
"""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from bot_site import bot_site
from form_kit import text_of
from on_call import OnCall

from bot.changes.record import ChangeState

pytestmark = pytest.mark.anyio

ALICE, BOB, VERA = "U0ALICE", "U0BOB", "U0VERA"

PAGE = Path(__file__).parents[2] / "docs" / "tasks.md"
ROW = re.compile(
    r"^\| [^|]+ \| “(?P<sentence>[^”]+)” \|[^|]+\| (?P<steps>\d+) \| (?P<words>\d+) \|$", re.MULTILINE
)
BOUNDS = {
    row["sentence"]: (int(row["steps"]), int(row["words"])) for row in ROW.finditer(PAGE.read_text("utf-8"))
}

READING, CHANGING = {}, {}
"""Each task by its sentence: who says it, and what they do next. What changes something has a bot of its own,
whose messages about it nobody else reads."""


def reads(user, sentence):
    return lambda act: READING.update({sentence: (user, act)})


def changes(user, sentence):
    return lambda act: CHANGING.update({sentence: (user, act)})


@pytest.fixture(scope="module")
async def site(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        async with bot_site(tmp_path_factory.mktemp("bot"), patch) as site:
            yield site


def test_the_page_has_twelve_tasks():
    assert set(BOUNDS) == {*READING, *CHANGING}
    assert len(BOUNDS) == 12


async def latest(site, name):
    """Return the newest change of the cluster."""
    found = await site.bot.kernel.dispatcher.changes.rows.latest()
    return next(each for each in found if name in each.plan.action)


def reports(site):
    return site.bot.kernel.dispatcher.reports.rows


def cluster(site, name):
    return next((each for each in site.demo.cloud.everything() if each.name == name), None)


async def ask_restore(person, user, name):
    """Let someone request a restore before this person begins, and return the change's id."""
    site = person.site
    await site.slash(user, f'/pg restore {name} --to 2h --reason "bad deploy"')

    async def is_asked():
        # Everyone sees the card in #ops, filled after it was posted, and the first line of its thread.
        seen = " ".join(text_of(each) for each in await site.seen(VERA))
        is_told = "waiting for" in seen and f"{user.removeprefix('U0').lower()} asks for" in seen
        return is_told and not await site.unanswered()

    await person.wait_for(is_asked)
    await person.arrive()
    return (await latest(site, name)).id


async def settle(person):
    """Let the changes that run come to their end: a bot does not stop in the middle of one."""

    async def is_quiet():
        running = {ChangeState.APPROVED, ChangeState.RUNNING}
        changes = await person.site.bot.kernel.dispatcher.changes.rows.latest()
        return running.isdisjoint(each.state for each in changes) and not await person.site.unanswered()

    await person.wait_for(is_quiet)


@changes(ALICE, "I need orders-prod as it was yesterday afternoon")
async def restore_beside(person, sentence):
    site = person.site
    await person.arrive()
    await person.say(sentence)
    await person.press("restore orders-prod")
    await person.choose("point in time")
    await person.choose("new cluster")
    afternoon = site.demo.clock.now() - timedelta(hours=20)
    await person.fill(to=int(afternoon.timestamp()), into="orders-restored", reason="a table was emptied")
    await person.submit()
    await person.submit()
    await person.press("change confirm")

    async def is_there():
        return getattr(cluster(site, "orders-restored"), "phase", "") == "AVAILABLE"

    await person.wait_for(is_there)


@reads(BOB, "which disk is the fullest?")
async def find_disk(person, sentence):
    await person.arrive()
    await person.say(sentence)
    await person.press("cluster list")
    await person.press("cluster list", "--wide")
    assert "Storage" in person.reads()


@changes(BOB, "what is waiting for me?")
async def approve(person, sentence):
    change = await ask_restore(person, ALICE, "hr-prod")
    await person.say(sentence)
    await person.press("home")
    await person.press(f"change approve {change}")
    await person.submit()

    async def is_approved():
        return any(
            row["kind"] == "decision" and row["actor"] == f"slack:{BOB}" for row in person.site.audit()
        )

    await person.wait_for(is_approved)


@reads(BOB, "stop the fleet report for a week")
async def snooze(person, sentence):
    await person.arrive()
    await person.say(sentence)
    await person.press("report snooze fleet 1w")
    await person.submit()
    standing = (await reports(person.site).standings())["fleet"]
    assert standing.snoozed_until >= person.site.demo.clock.now() + timedelta(days=6)


@reads(BOB, "what clusters are broken?")
async def find_broken(person, sentence):
    await person.arrive()
    await person.say(sentence)
    await person.press("status")
    assert all(name in person.reads() for name in ("analytics-dev", "inventory-prod"))


@reads(BOB, "logs of orders-prod in the last 2 hours")
async def read_log(person, sentence):
    await person.arrive()
    await person.say(sentence)
    await person.press("log show orders-prod", "--since 2h")
    assert "statement timeout" in person.reads()


@changes(BOB, "resize orders-staging to 8 GB")
async def resize(person, sentence):
    await person.arrive()
    await person.say(sentence)
    await person.press("cluster resize", "--ram")
    await person.submit()
    await person.submit()
    await person.press("change confirm")

    async def is_resized():
        return cluster(person.site, "orders-staging").ram_mb == 8192

    await person.wait_for(is_resized)


@reads(ALICE, "what blocks legacy-reports from moving to v2?")
async def find_blockers(person, sentence):
    await person.arrive()
    await person.say(sentence)
    await person.press("migration show legacy-reports")
    assert "PGR030" in person.reads()


@changes(ALICE, "withdraw my restore")
async def withdraw(person, sentence):
    change = await ask_restore(person, ALICE, "geo-prod")
    await person.say(sentence)

    await person.press("change withdraw", "--form")
    await person.fill(change=change)
    await person.submit()
    assert (await latest(person.site, "geo-prod")).state == "withdrawn"


@reads(BOB, "do we have a backup of payments-prod?")
async def find_backup(person, sentence):
    await person.arrive()
    await person.say(sentence)
    await person.press("backup list payments-prod")
    assert "2026-11-16" in person.reads()


@reads(BOB, "send me the backups report every monday")
async def add_report(person, sentence):
    await person.arrive()
    await person.say(sentence)
    await person.press("report add")
    await person.fill(name="monday", command="summary backups", when="every monday at 9:00", save=["yes"])
    await person.submit()
    assert "monday" in [each.name for each in await reports(person.site).made_in_slack()]


@reads(BOB, "who changed orders-prod?")
async def find_changes(person, sentence):
    await person.site.ask(ALICE, "/pg cluster show orders-prod")
    await person.arrive()
    await person.say(sentence)
    await person.press("audit search orders-prod")
    assert "cluster show orders-prod" in person.reads()


async def play(site, user, act, sentence):
    person = OnCall(site, user)
    await act(person, sentence)
    done = person.steps, person.words
    await settle(person)

    steps, words = BOUNDS[sentence]
    assert done[0] <= steps
    assert done[1] <= words


@pytest.mark.parametrize("sentence", READING)
async def test_a_task_that_reads_from_a_plain_sentence_to_its_end(site, sentence):
    await play(site, *READING[sentence], sentence)


@pytest.mark.parametrize("sentence", CHANGING)
async def test_a_task_that_changes_something_from_a_plain_sentence_to_its_end(
    tmp_path, monkeypatch, sentence
):
    async with bot_site(tmp_path, monkeypatch) as site:
        await play(site, *CHANGING[sentence], sentence)
