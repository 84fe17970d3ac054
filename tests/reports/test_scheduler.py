"""Report runs: made once, late ones run, skipped or merged, failures reported, channels lost; over
restarts."""

from dataclasses import replace
from datetime import timedelta

import pytest
from change_requests import BOB, VERA, cluster
from report_kit import make_runner, report_line

from bot.demo.cloud.records import Phase
from bot.domain.errors import ConfigError
from bot.domain.reply import Mention
from bot.domain.reply_text import render_plain
from bot.domain.request import AccountStatus
from bot.reports.record import Report, SlotState
from bot.reports.run_scheduler import MAX_LATE_RUNS
from bot.settings.report_settings import ReportSetting

pytestmark = pytest.mark.anyio
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def report(name="morning", **more):
    """Return the part of app.yaml with one report."""
    return f"reports:\n{report_line(name, **more)}"


async def hours(terminal, at, count):
    for _ in range(count):
        terminal.kernel.clock.advance(HOUR)
        await at.look()


async def test_a_report_comes_at_each_of_its_times_and_once(opened):
    async with opened(report()) as (terminal, at):
        await at.look()
        assert at.posts.messages == []
        await hours(terminal, at, 2)
        await at.look()

        assert await at.states("morning") == [("23 10:00", "made"), ("23 11:00", "made")]
        assert len(at.posts.tops("C0OPS")) == 2


async def test_the_first_says_all_and_the_next_only_that_nothing_has_changed(opened):
    async with opened(report()) as (terminal, at):
        await at.look()
        await hours(terminal, at, 2)

        first, second = at.posts.tops()
        assert first.title.startswith("morning: ")
        assert "nothing to compare with" in render_plain(first)
        assert second.parts == ()
        assert second.title.startswith("morning: no change since Mon 23 Nov 10:00 (UTC). ")
        threads = [each for each in at.posts.messages if each["thread"]]
        assert [each["thread"] for each in threads] == ["1.0"]


async def test_what_changed_is_said_in_sentences(opened):
    async with opened(report(command="summary fleet")) as (terminal, at):
        await at.look()
        await hours(terminal, at, 1)
        cluster(terminal, "orders-prod").phase = Phase.FAILED
        terminal.kernel.clock.advance(HOUR)
        await at.look()

        said = render_plain(at.posts.tops()[-1])
        assert "• New under “Not AVAILABLE”: orders-prod." in said


@pytest.mark.parametrize(
    ("late", "states", "posted"),
    [
        ("run", ["made"] * 5, 5),
        ("skip", ["skipped"] * 4 + ["made"], 1),
        ("merge", ["merged"] * 4 + ["made"], 1),
    ],
)
async def test_times_that_a_sleeping_host_missed(opened, late, states, posted):
    async with opened(report(late=late)) as (terminal, at):
        await at.look()
        terminal.kernel.clock.advance(5 * HOUR)
        for _ in range(6):
            await at.look()

        assert [state for _, state in await at.states("morning")] == states
        assert len(at.posts.tops()) == posted
        if late == "merge":
            assert "It replaces 5 runs" in render_plain(at.posts.tops()[-1])
        if late == "run":
            assert "4 hours late: it was due Mon 23 Nov 10:00 (UTC)." in render_plain(at.posts.tops()[0])


async def test_of_many_missed_runs_only_the_last_are_made(opened):
    async with opened(report(late="run", when="*/5 * * * *")) as (terminal, at):
        await at.look()
        terminal.kernel.clock.advance(5 * HOUR + timedelta(minutes=11))
        await at.scheduler._make_slots()
        await at.scheduler._settle_missed()
        slots = await at.rows.latest("morning", 99)

    left_out = [each for each in slots if each.state is SlotState.SKIPPED]
    assert len(slots) - len(left_out) <= MAX_LATE_RUNS + 2
    assert {each.why for each in left_out} == {"only the last 50 missed runs are made up for"}


async def test_a_restart_makes_up_for_what_was_due_meanwhile_and_repeats_nothing(opened):
    async with opened(report(late="run")) as (terminal, at):
        await at.look()
        await hours(terminal, at, 1)
        terminal.kernel.clock.advance(2 * HOUR)
        after = make_runner(terminal.kernel, at.posts)
        for _ in range(4):
            await after.look()

        assert [state for _, state in await after.states("morning")] == ["made"] * 3
        assert len(at.posts.tops()) == 3


def with_reports(terminal, *settings):
    """Return the terminal's kernel after a restart with another app.yaml."""
    dispatcher = terminal.kernel.dispatcher
    reports = replace(dispatcher.reports, from_file=tuple(Report(setting=each) for each in settings))
    return replace(terminal.kernel, dispatcher=replace(dispatcher, reports=reports))


async def test_a_new_schedule_has_missed_nothing_while_the_old_one_was_kept(opened):
    async with opened(report(when="every monday at 8:00")) as (terminal, at):
        await at.look()
        await hours(terminal, at, 50)
        setting = at.making.reports.from_file[0].setting.model_copy(
            update={"when": "every hour", "late": "run"}
        )
        after = make_runner(with_reports(terminal, setting), at.posts)
        await after.look()
        assert at.posts.messages == []
        await hours(terminal, after, 1)

        assert len(at.posts.tops()) == 1


async def test_a_report_that_comes_back_into_the_file_has_missed_nothing(opened):
    async with opened(report(late="run")) as (terminal, at):
        await at.look()
        without = make_runner(with_reports(terminal), at.posts)
        await hours(terminal, without, 50)
        again = make_runner(terminal.kernel, at.posts)
        await again.look()
        assert at.posts.messages == []
        await hours(terminal, again, 1)

        assert len(at.posts.tops()) == 1


async def test_jitter_spreads_what_is_due_at_once(opened):
    lines = "reports:\n" + "".join(report_line(f"r{number}", jitter="30m") for number in range(8))
    async with opened(lines) as (terminal, at):
        await at.look()
        terminal.kernel.clock.advance(HOUR)
        await at.look()
        early = len(at.posts.tops())
        waiting = [each.due_at for each in await at.rows.open_slots()]
        assert 0 <= early < 8
        assert len(set(waiting)) == len(waiting)
        terminal.kernel.clock.advance(30 * MINUTE)
        await at.look()

        assert len(at.posts.tops()) == 8


async def test_hours_and_holidays_are_kept(opened, tmp_path):
    calendar = tmp_path / "days.ics"
    calendar.write_text(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:1\r\n"
        "DTSTART;VALUE=DATE:20201124\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:Day off\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n",
        encoding="utf-8",
    )
    line = report(holidays="ours").rstrip("}\n") + ", hours: {from: '10:00', to: '12:00'}}\n"
    async with opened(f"{line}holidays: {{ours: {calendar}}}\n") as (terminal, at):
        await at.look()
        await hours(terminal, at, 52)

        assert [when for when, _ in await at.states("morning")] == [
            "23 10:00",
            "23 11:00",
            "25 10:00",
            "25 11:00",
        ]


async def test_a_late_one_waits_for_working_hours(opened):
    line = report(late="run", when="0 16 * * *").rstrip("}\n") + ", hours: {from: '08:00', to: '17:00'}}\n"
    async with opened(line) as (terminal, at):
        await at.look()
        terminal.kernel.clock.advance(12 * HOUR)
        await at.look()
        assert at.posts.tops() == []
        terminal.kernel.clock.advance(11 * HOUR + MINUTE)
        await at.look()

        assert len(at.posts.tops()) == 1


async def test_a_failure_is_told_once_with_the_reason_and_the_next_try(opened):
    async with opened(report(when="0 10 * * *")) as (terminal, at):
        await at.look()
        await terminal.fault(kind="status", status=401)
        terminal.kernel.clock.advance(HOUR)
        await at.look()
        for minutes in (5, 15, 60):
            terminal.kernel.clock.advance(timedelta(minutes=minutes))
            await at.look()

        [notice] = at.posts.tops("C0OPS")
        said = render_plain(notice)
        assert notice.title == "morning could not run"
        assert "Next try: Tue 24 Nov 10:00 (UTC). Tried 4 times." in said
        assert [state for _, state in await at.states("morning")] == ["failed"]


async def test_a_report_made_in_slack_sees_what_its_maker_may_see(opened):
    async with opened("reports: []\n") as (terminal, at):
        grant = await terminal.run(
            'report add mine --command "cluster list" --when "every hour" --channel C0OPS --save', VERA
        )
        assert not grant.ok  # an auditor of the demo may not make reports
        setting = ReportSetting(
            name="mine", command="cluster list", when="every hour", channel="C0OPS", owner="U0VERA"
        )
        await at.rows.add(Report(setting=setting, by="U0VERA", team="T0DEMO", at=terminal.kernel.clock.now()))
        await at.look()
        await hours(terminal, at, 1)
        [posted] = at.posts.tops("C0OPS")
        everything = await terminal.run("cluster list")
        assert posted.title != f"mine: {everything.title}"
        assert posted.title.startswith("mine: ")
        gone = await at.making.people("U0VERA", "T0DEMO")
        at.people["U0VERA"] = replace(gone, standing=AccountStatus.DEACTIVATED)
        await hours(terminal, at, 1)

        assert "the account is deactivated" in render_plain(at.posts.tops("C0OPS")[-1])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            report(command="restore orders-prod --to 2h"),
            "“restore” makes changes, and reports must be read-only",
        ),
        (report(command="cluster lsit"), "is not a command"),
        (report(when="at some point"), "as a schedule"),
        (report(holidays="moon"), "There is no holiday calendar called moon"),
        (report() + report_line(), "two reports are called morning"),
        (report(owner="bob"), "owner"),
    ],
)
async def test_what_cannot_be_made_is_refused_at_the_start(opened, line, words):
    with pytest.raises(ConfigError) as refused:
        async with opened(line):
            pass

    assert words in str(refused.value)


async def test_paused_and_snoozed_reports_keep_quiet(opened):
    async with opened(report()) as (terminal, at):
        await at.look()
        await terminal.run("report snooze morning 90m --reason lunch", BOB)
        await hours(terminal, at, 2)
        await terminal.run("report pause morning", BOB)
        await hours(terminal, at, 1)
        await terminal.run("report resume morning", BOB)
        await hours(terminal, at, 1)

        states = await at.states("morning")
        assert states == [
            ("23 10:00", "skipped"),
            ("23 11:00", "made"),
            ("23 12:00", "skipped"),
            ("23 13:00", "made"),
        ]
        assert (await at.rows.latest("morning", 9))[
            -1
        ].why == "snoozed by bob until Mon 23 Nov 10:30 (UTC): lunch"


async def test_run_now_says_who_asked_and_shows_everything(opened):
    async with opened(report()) as (terminal, at):
        await at.look()
        await hours(terminal, at, 1)
        reply = await terminal.run("report run morning", BOB)
        await at.look()

        assert reply.ok
        assert "Started by bob." in render_plain(at.posts.tops()[-1])
        assert len([each for each in at.posts.messages if each["thread"]]) == 2


async def test_owners_are_mentioned_when_it_is_their_turn_and_only_when_it_is_new(opened):
    async with opened(report(command="summary fleet")) as (terminal, at):
        await at.look()
        await hours(terminal, at, 1)
        cluster(terminal, "orders-prod").phase = Phase.FAILED
        await hours(terminal, at, 2)

        mentioned = [
            [part.people for part in top.parts if isinstance(part, Mention)] for top in at.posts.tops()
        ]
        assert mentioned[0] == []
        assert "U0ALICE" in mentioned[1][0]
        assert mentioned[2] == []
