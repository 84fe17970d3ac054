"""Every error word that Slack publishes, with what comes of it: class, time, advice, and who hears of it."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from change_requests import ALICE, PROD, ask
from golden_files import assert_golden
from notifier_kit import make_notifier, post_all
from outbox_kit import open_outbox
from report_kit import Posts, one_report, pass_time, reports_site
from terminal_site import terminal_site

from bot.demo.virtual_clock import EPOCH
from bot.demo.workspace.slack_faults import SlackFault
from bot.domain.errors import SlackError
from bot.domain.reply import Audience, Reply
from bot.domain.request import Actor, Invocation, Origin
from bot.domain.slack_trouble import KNOWN, SlackTrouble, retry_period
from bot.domain.times import format_span
from bot.slack.message_renderer import render
from bot.slack.web_api import slack_error

pytestmark = pytest.mark.anyio
PUBLISHED = json.loads((Path(__file__).parent / "slack_error_words.json").read_text(encoding="utf-8"))
WORDS = sorted({word for words in PUBLISHED["methods"].values() for word in words.split()})
UNKNOWN = "a_word_of_next_year"
OF_KIND = {kind: [each for each in WORDS if KNOWN[each] is kind] for kind in SlackTrouble}
SAMPLE = [*(word for words in OF_KIND.values() for word in words[:3]), UNKNOWN]
"""Three words of each class, for what takes a while."""
OPS, OWNER, REQUESTER, APPROVER = "C0OPS", "U0CAROL", "U0ALICE", "U0BOB"
HOUR = timedelta(hours=1)


def test_every_published_word_is_known_and_there_are_many():
    assert len(WORDS) >= 120
    assert set(WORDS) - KNOWN.keys() == set()


def test_the_class_the_time_and_the_advice_of_each_word():
    table = {}
    for word in [*WORDS, UNKNOWN]:
        error, period = slack_error(word), retry_period(word)
        span = f"tried again for {format_span(period)}" if period else "not tried again"
        doubt = "; may be there" if error.is_outcome_unknown else ""
        table[word] = f"{error.trouble.value}, {span}{doubt}. {error}"

    assert UNKNOWN in table[UNKNOWN]
    assert_golden("slack_error_words", table)


async def fates_of_reports(tmp_path, monkeypatch):
    """Return where a report, or word of it, goes when Slack refuses the channel, and then the owner, too."""
    fates = {}
    async with reports_site(tmp_path, monkeypatch, one_report(owner=OWNER)) as (terminal, at):
        await at.look()
        for word in SAMPLE:
            tries = []
            for refused in ([OPS], [OPS, OWNER]):
                at.posts.messages.clear()
                at.posts.refuse |= dict.fromkeys(refused, word)
                await pass_time(terminal, at)
                told = [each["channel"] for each in at.posts.messages]
                at.posts.refuse.clear()
                await pass_time(terminal, at)
                last = [each for each in await at.rows.latest("morning", 2) if each.state.value == "failed"]
                tries.append("later" if not told and not last else " ".join(told))
                await pass_time(terminal, at)
            fates[word] = tuple(tries)
    return fates


async def forget(terminal, change):
    """Take a change out of what is to be posted."""

    def work(db):
        db.execute("DELETE FROM milestones")
        db.execute("UPDATE changes SET state = 'withdrawn' WHERE id = ?", [change])
        db.execute("INSERT OR REPLACE INTO cards SELECT id, 'C0', '1', version FROM changes")

    await terminal.kernel.database.write(work)


async def fates_of_cards(tmp_path, monkeypatch):
    """Return where a card goes when Slack refuses the channel, and then the requester, too."""
    fates = {}
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        for word in SAMPLE:
            tries = []
            for refused in ([OPS], [OPS, REQUESTER]):
                posts = Posts(refuse=dict.fromkeys(refused, word))
                record = await ask(terminal, PROD, ALICE)
                try:
                    await post_all(make_notifier(terminal.kernel, posts))
                except SlackError:
                    tries.append("later")
                else:
                    tries.append(next((e["channel"] for e in posts.messages if not e["thread"]), "later"))
                await forget(terminal, record.id)
            fates[word] = tuple(tries)
    return fates


async def fates_of_answers(_tmp_path, _monkeypatch):
    """Return where an answer for the channel goes when Slack refuses it once, and twice."""
    fates, actor = {}, Actor(origin=Origin.SLACK, id=REQUESTER)
    async with open_outbox() as (site, outbox, _):
        site.workspace.direct_channel(REQUESTER)
        for word in [*WORDS, UNKNOWN]:
            tries = []
            for times in (1, 2):
                for channel in site.workspace.channels.values():
                    channel.messages.clear()
                site.workspace.faults.clear()
                site.workspace.faults.add(
                    SlackFault(target="chat.postMessage", kind="error", times=times, code=word)
                )
                trace = f"{word}:{times}"
                asked = Invocation(key="k", trace=trace, actor=actor, channel=OPS, text="", at=EPOCH)
                try:
                    await outbox.answer(asked, "", render(Reply("Hello")), Audience.CHANNEL)
                except SlackError:
                    tries.append("lost")
                else:
                    [at] = [each.id for each in site.workspace.channels.values() if each.messages]
                    tries.append(at)
            fates[word] = tuple(tries)
    return fates


SIMPLER = {"invalid_blocks", "invalid_blocks_format", "invalid_attachments", "msg_blocks_too_long"}


@pytest.mark.parametrize(
    ("fates_of", "passes", "stays", "unknown"),
    [
        (fates_of_reports, ("later", "later"), (OWNER, APPROVER), ("later", "later")),
        (fates_of_cards, ("later", "later"), (REQUESTER, APPROVER), (REQUESTER, APPROVER)),
        (fates_of_answers, (OPS, OPS), ("D0ALICE", "lost"), (OPS, OPS)),
    ],
    ids=["report", "card", "answer"],
)
async def test_who_hears_of_what_slack_refuses_once_and_twice(request, fates_of, passes, stays, unknown):
    fates = await fates_of(*map(request.getfixturevalue, ("tmp_path", "monkeypatch")))
    expected = {word: passes if KNOWN[word].passes else stays for word in fates if word != UNKNOWN}
    if fates_of is fates_of_answers:
        expected |= dict.fromkeys(SIMPLER.intersection(WORDS), (OPS, "D0ALICE"))

    assert fates == expected | {UNKNOWN: unknown}
