"""Report runs: failures reported once, lost channels reported to the owner, a Slack that is away."""

from datetime import timedelta

import pytest
from change_requests import BOB
from report_kit import one_report, pass_time, refuse_all

from bot.domain.reply_text import render_plain
from bot.reports.record import Report, Slot, SlotState
from bot.settings.report_settings import ReportSetting

pytestmark = pytest.mark.anyio
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


# Failures


async def test_a_failing_command_is_told_once_and_later_failures_edit_that(opened):
    async with opened(one_report(when="0 10 * * *")) as (terminal, at):
        await at.look()
        await refuse_all(terminal)
        await pass_time(terminal, at)
        [first] = at.posts.tops("C0OPS")
        await pass_time(terminal, at, 5 * MINUTE)
        [second] = at.posts.tops("C0OPS")

    assert first.title == second.title == "morning could not run"
    assert "Next try: Mon 23 Nov 10:05 (UTC)." in render_plain(first)
    assert "Next try: Mon 23 Nov 10:20 (UTC). Tried 2 times." in render_plain(second)
    assert render_plain(first).splitlines()[2]  # the reason


async def test_an_outage_over_several_slots_is_one_notice_and_its_end_is_said(opened):
    async with opened(one_report()) as (terminal, at):
        await at.look()
        await refuse_all(terminal)
        await pass_time(terminal, at)
        for minutes in (5, 15, 40, 5, 15):
            await pass_time(terminal, at, minutes * MINUTE)
        terminal.cloud.faults.clear()
        await pass_time(terminal, at, 40 * MINUTE)

        notice, made = at.posts.tops("C0OPS")
        assert notice.title == "morning could not run for a while; the report is below"
        assert made.title.startswith("morning: ")
        assert [state for _, state in await at.states("morning")] == ["failed", "failed", "made"]


async def test_skipped_slots_between_two_failures_do_not_make_a_second_notice(opened):
    async with opened(one_report()) as (terminal, at):
        await at.look()
        await refuse_all(terminal)
        for minutes in (60, 5, 15):
            await pass_time(terminal, at, minutes * MINUTE)
        await terminal.run("report pause morning", BOB)
        await pass_time(terminal, at)
        await terminal.run("report resume morning", BOB)
        await pass_time(terminal, at)

        assert [state for _, state in await at.states("morning")] == ["failed", "skipped", "waiting"]
        assert len(at.posts.tops("C0OPS")) == 1


async def test_a_notice_that_somebody_deleted_is_posted_anew(opened):
    async with opened(one_report(when="0 10 * * *")) as (terminal, at):
        await at.look()
        await refuse_all(terminal)
        await pass_time(terminal, at)
        at.posts.messages.clear()
        await pass_time(terminal, at, 5 * MINUTE)

        [notice] = at.posts.tops("C0OPS")
        assert "Tried 2 times." in render_plain(notice)


async def test_what_is_not_allowed_any_more_is_not_tried_again_before_its_next_time(opened):
    async with opened("reports: []\n") as (terminal, at):
        setting = ReportSetting(
            name="out", command="cluster list", when="every hour", channel="C0SHARED", owner="U0BOB"
        )
        await at.rows.add(Report(setting=setting, by="U0BOB", team="T0DEMO", at=terminal.kernel.clock.now()))
        await at.look()
        await pass_time(terminal, at)

        [notice] = at.posts.texts("C0SHARED")
        assert "shared with another company" in notice
        assert "Next try: Mon 23 Nov 11:00 (UTC)." in notice
        assert await at.states("out") == [("23 10:00", "failed")]


# Channels


@pytest.mark.parametrize("code", ["not_in_channel", "channel_not_found", "is_archived"])
async def test_the_owner_learns_of_a_lost_channel_once_and_again_after_it_worked(opened, code):
    async with opened(one_report()) as (terminal, at):
        await at.look()
        at.posts.refuse["C0OPS"] = code
        for _ in range(3):
            await pass_time(terminal, at)
        once = len(at.posts.tops("U0BOB"))
        at.posts.refuse.clear()
        await pass_time(terminal, at)
        at.posts.refuse["C0OPS"] = code
        for _ in range(2):
            await pass_time(terminal, at)

        assert once == 1
        assert len(at.posts.tops("U0BOB")) == 2
        told = render_plain(at.posts.tops("U0BOB")[0])
        assert f"(Slack says {code}.)" in told
        assert "Invite the bot into the channel" in told


@pytest.mark.parametrize("code", ["invalid_auth", "account_inactive", "internal_error", "moon_is_full"])
async def test_what_is_not_the_channel_s_fault_is_tried_again_and_nobody_is_sent_to_the_channel(opened, code):
    """A monthly report must not be lost over a token that is renewed."""
    async with opened(one_report(when="0 10 1 * *")) as (terminal, at):
        await at.look()
        at.posts.refuse["C0OPS"] = code
        await pass_time(terminal, at, timedelta(days=8))
        for _ in range(4):
            await pass_time(terminal, at)
        refused = at.posts.asked["C0OPS"]
        at.posts.refuse.clear()
        for _ in range(2):
            await pass_time(terminal, at)

        assert refused > 2
        assert len(at.posts.tops("C0OPS")) == 1
        assert at.posts.tops("U0BOB") == []


async def test_a_message_that_slack_will_never_take_is_not_the_channel_s_fault_either(opened):
    async with opened(one_report()) as (terminal, at):
        await at.look()
        at.posts.refuse["C0OPS"] = "msg_too_long"
        await pass_time(terminal, at)

        [told] = at.posts.tops("U0BOB")
        assert "The message is too long for Slack." in render_plain(told)
        assert "Invite" not in render_plain(told)


async def test_a_failure_that_the_channel_cannot_be_told_goes_to_the_owner(opened):
    async with opened(one_report()) as (terminal, at):
        await at.look()
        await refuse_all(terminal)
        at.posts.refuse["C0OPS"] = "not_in_channel"
        await pass_time(terminal, at)
        await pass_time(terminal, at, 5 * MINUTE)

        [told] = at.posts.tops("U0BOB")
        assert told.title == "Your report morning can't be posted in C0OPS"


async def test_an_owner_who_cannot_be_reached_is_told_at_the_next_time(opened):
    async with opened(one_report()) as (terminal, at):
        await at.look()
        at.posts.refuse |= {"C0OPS": "not_in_channel", "U0BOB": "user_not_found"}
        await pass_time(terminal, at)
        del at.posts.refuse["U0BOB"]
        await pass_time(terminal, at)

        assert len(at.posts.tops("U0BOB")) == 1
        assert [state for _, state in await at.states("morning")] == ["failed", "failed"]


@pytest.mark.parametrize("code", ["no_answer", "ratelimited"])
async def test_a_slack_that_is_away_holds_up_a_report(opened, code):
    async with opened(one_report(when="0 10 * * *")) as (terminal, at):
        await at.look()
        at.posts.refuse["C0OPS"] = code
        await pass_time(terminal, at)
        for _ in range(8):
            await pass_time(terminal, at, 2 * MINUTE)
        at.posts.refuse.clear()
        await pass_time(terminal, at, 2 * MINUTE)

        [posted] = at.posts.tops()
        assert "18 minutes late" in render_plain(posted)


async def test_a_run_that_was_missed_for_days_is_not_lost_over_a_slack_that_is_away_then(opened):
    async with opened(one_report(when="0 10 1 * *")) as (terminal, at):
        await at.look()
        terminal.kernel.clock.advance(timedelta(days=11))
        started = await at.restarted()
        started.posts.refuse["C0OPS"] = "ratelimited"
        await started.look()
        started.posts.refuse.clear()
        for _ in range(2):
            await pass_time(terminal, started)

        assert len(started.posts.tops("C0OPS")) == 1
        assert started.posts.tops("U0BOB") == []


async def test_a_slack_that_is_away_takes_no_try_from_the_command(opened):
    async with opened(one_report(when="0 10 * * *")) as (terminal, at):
        await at.look()
        at.posts.refuse["C0OPS"] = "service_unavailable"
        await pass_time(terminal, at)
        for _ in range(6):
            await pass_time(terminal, at, 2 * MINUTE)
        at.posts.refuse.clear()
        await refuse_all(terminal)
        await pass_time(terminal, at, 2 * MINUTE)

        [notice] = at.posts.tops()
        assert "Next try: Mon 23 Nov 10:19 (UTC)." in render_plain(notice)


async def test_a_slack_that_gives_no_answer_for_a_day_is_asked_ever_more_seldom_and_then_no_more(opened):
    """Each try may have posted the report once more."""
    async with opened(one_report(when="0 10 23 11 *")) as (terminal, at):
        at.posts.refuse["C0OPS"] = "no_answer"
        await at.look()
        await pass_time(terminal, at)
        for _ in range(52):
            await pass_time(terminal, at, 30 * MINUTE)
        slot = await at.rows.slot("morning", terminal.kernel.clock.now().replace(day=23, hour=10, minute=0))

        assert (slot.state, slot.why) == (SlotState.FAILED, "Slack says no_answer")
        assert at.posts.asked["C0OPS"] < 35


# Changes by people and settings during a run


async def test_two_who_ask_in_the_same_moment_both_get_it(opened):
    async with opened(one_report()) as (terminal, at):
        await at.look()
        now = terminal.kernel.clock.now()
        for who in ("bob", "carol"):
            await at.rows.ask(Slot(report="morning", at=now, due_at=now, asked_by=who))
        for _ in range(2):
            await at.look()

        assert len(at.posts.tops("C0OPS")) == 2


async def test_a_report_whose_calendar_is_gone_holds_no_other_up_and_says_so_when_asked(opened):
    async with opened(one_report()) as (terminal, at):
        setting = ReportSetting(
            name="broken",
            command="cluster lsit",
            when="every hour",
            channel="C0DEV",
            owner="U0BOB",
            holidays="gone",
        )
        await at.rows.add(Report(setting=setting, by="U0BOB", team="T0DEMO", at=terminal.kernel.clock.now()))
        await at.look()
        await pass_time(terminal, at)
        await terminal.run("report run broken", BOB)
        await at.look()

        assert await at.states("morning") == [("23 10:00", "made")]
        assert [each.title for each in at.posts.tops("C0DEV")] == ["broken could not run"]


async def test_a_report_that_is_removed_while_it_waits_is_not_made(opened):
    async with opened("reports: []\n") as (terminal, at):
        setting = ReportSetting(
            name="mine", command="version list", when="0 10 * * *", channel="C0OPS", owner="U0BOB"
        )
        await at.rows.add(Report(setting=setting, by="U0BOB", team="T0DEMO", at=terminal.kernel.clock.now()))
        await at.look()
        await refuse_all(terminal)
        await pass_time(terminal, at)
        await terminal.run("report remove mine", BOB)
        await pass_time(terminal, at, 5 * MINUTE)

        [slot] = await at.rows.latest("mine")
        assert (slot.state, slot.why) == (SlotState.SKIPPED, "the report was removed")
