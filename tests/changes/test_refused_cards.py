"""A card that Slack refuses for good: retried ever more seldom, reported once, decided without it."""

from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from audit_rows import audit_rows
from bot_site import bot_site
from change_requests import ALICE, BOB, CAROL, PROD, STAGING, TEST, ask, now, run_log
from notifier_kit import Directory, make_alarm_notifier, make_notifier, post_all
from one_contract import SETTINGS
from passing_time import until
from report_kit import Posts
from terminal_site import terminal_site

from bot.changes.notices import Escalation
from bot.changes.record import ChangeState
from bot.changes.run_log import MAX_PROGRESS_LINES
from bot.domain.errors import SlackError
from bot.domain.reply import Mention, Reply
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio
CODES = ["channel_not_found", "not_in_channel", "is_archived"]
OPS, DAY = "C0OPS", 24 * 60


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        yield terminal


async def pass_minutes(terminal, tells, count):
    """Run the notifier once a minute, as the scheduler does."""
    for _ in range(count):
        await post_all(tells)
        terminal.kernel.clock.advance(timedelta(minutes=1))


def to_alice(posts):
    return [render_plain(each["reply"]) for each in posts.messages if each["channel"] == "U0ALICE"]


@pytest.mark.parametrize("code", CODES)
async def test_the_requester_is_told_once_and_the_channel_asked_seldom(terminal, code):
    posts = Posts(refuse={OPS: code})
    await ask(terminal, PROD, ALICE)
    await pass_minutes(terminal, make_notifier(terminal.kernel, posts), DAY - 1)

    card, call, why = to_alice(posts)
    assert "Restore orders-prod" in card
    assert "waiting for 2 DBA approvals" in card
    assert call.startswith("alice asks for 2 DBA approvals.")
    assert why.startswith(f"This change can't be posted in {OPS}: ")
    assert posts.asked[OPS] < 35


async def test_those_who_may_decide_get_the_card_and_the_audit_log_says_so(terminal):
    posts = Posts(refuse={OPS: "not_in_channel"})
    record = await ask(terminal, PROD, ALICE)
    notifier = make_notifier(terminal.kernel, posts, Directory())
    await pass_minutes(terminal, notifier, 3)
    [audited] = [
        row["detail"]
        for row in await audit_rows(terminal.kernel.database)
        if (row["kind"], row["outcome"], row["change"]) == ("change", "card refused", record.id)
    ]
    for person in (BOB, CAROL):
        await terminal.run(f"change approve {record.id}", person)
    await pass_minutes(terminal, notifier, 1)

    for each in ("U0BOB", "U0CAROL"):
        [card] = posts.texts(each)
        assert card.startswith("Restore orders-prod")
        assert "approved" in card
    assert audited.startswith("This change can't be posted in C0OPS")
    assert audited.endswith("It is posted to U0BOB and U0CAROL instead.")
    assert [each["channel"] for each in posts.messages if "can't be" in each["reply"].title] == [
        "U0ALICE",
        "U0BOB",
        "U0CAROL",
    ]


async def test_a_cluster_whose_channel_refuses_is_decided_in_the_channel_for_approvals(tmp_path, monkeypatch):
    settings = tmp_path / "app.yaml"
    tagged = SETTINGS.read_text().replace("tier: prod}", "tier: prod, channel: C0SHOP}", 1)
    settings.write_text(tagged)
    async with terminal_site(tmp_path / "site", monkeypatch, settings=settings) as terminal:
        posts = Posts(refuse={"C0SHOP": "not_in_channel"})
        await ask(terminal, PROD, ALICE)
        await pass_minutes(terminal, make_notifier(terminal.kernel, posts, Directory()), 3)

    assert [each["channel"] for each in posts.messages if not each["thread"]] == ["U0ALICE", OPS]
    [called] = [each for each in posts.messages if Mention(("U0BOB", "S0DBA")) in each["reply"].parts]
    assert called["channel"] == OPS


async def test_a_change_that_the_requester_confirms_bothers_no_approver(terminal):
    posts = Posts(refuse={OPS: "not_in_channel"})
    await ask(terminal, TEST, ALICE)
    await pass_minutes(terminal, make_notifier(terminal.kernel, posts, Directory()), 3)

    assert {each["channel"] for each in posts.messages} == {"U0ALICE"}


async def test_a_card_that_nobody_takes_is_named_by_readyz_until_somebody_does(terminal):
    posts = Posts(refuse=dict.fromkeys([OPS, "U0ALICE", "U0BOB"], "user_disabled"))
    notifier = make_notifier(terminal.kernel, posts)
    await ask(terminal, PROD, ALICE)
    await post_all(notifier)
    untold = await notifier.escalation.check()
    del posts.refuse["U0BOB"]
    terminal.kernel.clock.advance(timedelta(hours=1))
    await post_all(notifier)

    assert (untold.is_warning, untold.figures) == (True, {"untold": 1})
    assert "Restore orders-prod" in untold.why
    assert "Restore orders-prod" in render_plain(posts.tops("U0BOB")[0])
    assert (await notifier.escalation.check()).why == ""


async def test_what_nobody_takes_is_posted_for_approvals_and_calls_their_user_groups(terminal):
    posts = Posts(refuse=dict.fromkeys(["U0ALICE", "U0BOB"], "user_disabled"))
    escalation = Escalation(posts, terminal.kernel.setup.settings)

    assert await escalation.tell("1", Reply("Lost"), ["U0ALICE"])
    [posted] = posts.messages
    assert posted["channel"] == terminal.kernel.setup.settings.approvals.channel
    assert posted["reply"].parts == (Mention(("U0BOB", "S0DBA")),)


async def test_a_bot_that_was_restarted_does_not_tell_it_again(terminal):
    posts = Posts(refuse={OPS: "not_in_channel"})
    await ask(terminal, PROD, ALICE)
    for _ in range(3):
        await pass_minutes(terminal, make_notifier(terminal.kernel, posts), 2)

    assert len(to_alice(posts)) == 3


async def test_once_the_bot_is_invited_the_card_is_there(terminal):
    posts = Posts(refuse={OPS: "not_in_channel"})
    await ask(terminal, PROD, ALICE)
    tells = make_notifier(terminal.kernel, posts)
    await pass_minutes(terminal, tells, 5)
    posts.refuse.clear()
    await pass_minutes(terminal, tells, 60)

    [card] = posts.texts(OPS)
    assert "Approve restore: change approve" in card
    assert len(to_alice(posts)) == 3


@pytest.mark.parametrize("also", [{}, {"U0ALICE": "user_disabled"}], ids=["channel", "nobody"])
async def test_what_slack_does_not_show_is_decided_all_the_same(terminal, also):
    posts = Posts(refuse={OPS: "not_in_channel", **also})
    record = await ask(terminal, PROD, ALICE)
    tells = make_notifier(terminal.kernel, posts)
    await pass_minutes(terminal, tells, 10)

    assert record.id in render_plain(await terminal.run("home", BOB))
    for person in (BOB, CAROL):
        assert (await terminal.run(f"change approve {record.id}", person)).ok
    assert (await now(terminal, record)).state is ChangeState.APPROVED
    assert posts.asked[OPS] <= 5


async def test_of_a_change_that_is_over_no_card_is_posted_any_more(terminal):
    posts = Posts(refuse={OPS: "is_archived"})
    record = await ask(terminal, PROD, ALICE)
    tells = make_notifier(terminal.kernel, posts)
    await pass_minutes(terminal, tells, 3)
    await terminal.run(f"change withdraw {record.id}", ALICE)
    await pass_minutes(terminal, tells, 5)
    asked = posts.asked[OPS]
    await pass_minutes(terminal, tells, 300)

    assert posts.asked[OPS] == asked
    assert "withdrawn" in to_alice(posts)[0]


async def test_a_day_after_the_end_slack_is_asked_no_more(terminal):
    posts = Posts(refuse={OPS: "is_archived", "U0ALICE": "user_disabled"})
    record = await ask(terminal, PROD, ALICE)
    tells = make_notifier(terminal.kernel, posts)
    await terminal.run(f"change withdraw {record.id}", ALICE)
    await pass_minutes(terminal, tells, 5)
    terminal.kernel.clock.advance(timedelta(days=1))
    await pass_minutes(terminal, tells, 1)
    asked = posts.asked.total()
    await pass_minutes(terminal, tells, DAY)

    assert posts.asked.total() == asked


async def test_a_slack_without_an_answer_is_asked_ever_more_seldom(terminal):
    """Each try may have posted the card, or the alarm, once more."""
    posts = Posts(refuse={OPS: "no_answer"})
    for actor in (ALICE, BOB, CAROL):
        await ask(terminal, STAGING, actor)
    tells, alarms = make_notifier(terminal.kernel, posts), make_alarm_notifier(terminal.kernel, posts)
    tells.run_log.rows.log.put_in_doubt("it is older than its anchors")
    for _ in range(360):
        for job in (alarms.post_alarms, partial(post_all, tells)):
            with suppress(SlackError):
                await job()
        terminal.kernel.clock.advance(timedelta(seconds=10))

    assert posts.asked[OPS] < 4 * 40
    posts.refuse.clear()
    terminal.kernel.clock.advance(timedelta(minutes=2))
    await post_all(tells)
    assert len(posts.texts(OPS)) == 3


async def test_a_cluster_that_goes_to_and_fro_fills_no_thread(terminal):
    record = await ask(terminal, STAGING, ALICE)
    await terminal.run(f"change approve {record.id}", BOB)
    running = run_log(terminal.kernel)
    await running.claim(await now(terminal, record))
    for number in range(100):
        await running.record_progress(record.id, f"The cluster is {('BUSY', 'AVAILABLE')[number % 2]}")
    lines = [each.words for each in await running.rows.milestones(record.id)]

    assert (await now(terminal, record)).progress == "The cluster is AVAILABLE"
    assert sum(each.startswith("The cluster is") for each in lines) == MAX_PROGRESS_LINES
    assert lines[-1].endswith("From here on, progress is shown on the card only.")


async def test_a_refused_card_holds_up_no_other(terminal):
    posts = Posts(refuse={OPS: "is_archived", "U0ALICE": "user_disabled"})
    await ask(terminal, PROD, ALICE)
    tells = make_notifier(terminal.kernel, posts)
    await pass_minutes(terminal, tells, 1)
    await ask(terminal, PROD, BOB)
    await pass_minutes(terminal, tells, 1)

    assert {each["channel"] for each in posts.messages} == {"U0BOB"}


@pytest.mark.parametrize("channel", ["C0SECRET", "C0OLD"])
async def test_in_slack_it_comes_to_the_requester(tmp_path, monkeypatch, channel):
    settings = tmp_path / "app.yaml"
    settings.write_text(SETTINGS.read_text().replace("  channel: C0OPS", f"  channel: {channel}"))
    async with bot_site(tmp_path, monkeypatch, settings=settings) as site:
        await site.ask("U0ALICE", f"/pg {PROD}")
        direct = site.demo.workspace.direct_channel("U0ALICE")
        await until(site, lambda: any("This change can't be posted in" in each for each in texts(direct)), 1)


def texts(channel):
    return [each.text for each in channel.messages.values()]
