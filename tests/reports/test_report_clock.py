"""Reports after a wrong clock: marks of times to come are taken back, and no run is lost or made twice."""

from datetime import UTC, datetime, timedelta

import pytest
from report_kit import one_report, pass_time

from bot.reports.record import ReportStatus, Slot, SlotState
from bot.reports.snapshot import ReportSnapshot

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
FAR = datetime(2036, 11, 23, 10, tzinfo=UTC)


def run_of(at, state, **more):
    return Slot(report="morning", at=at, due_at=at, state=state, **more)


@pytest.mark.parametrize("state", [SlotState.WAITING, SlotState.SKIPPED, SlotState.MERGED, SlotState.DONE])
async def test_marks_of_times_to_come_are_taken_back(opened, state):
    async with opened(one_report(late="run")) as (terminal, at):
        rows, clock = at.rows, terminal.kernel.clock
        await at.look()
        await pass_time(terminal, at)
        tomorrow = clock.now() + timedelta(days=1)
        ahead = [run_of(each, state) for each in (clock.now() + HOUR, clock.now() + 2 * HOUR, tomorrow, FAR)]
        await rows.plan("morning", ahead, FAR)
        made = run_of(FAR + HOUR, SlotState.MAKING)
        await rows.plan("morning", [made], FAR)
        await rows.made(made, "9.9", ReportSnapshot(), lambda _db: None)
        clock.advance(HOUR)  # the next run passes meanwhile
        words, again = await rows.repair(clock.now()), await rows.repair(clock.now())
        await at.look()
        await pass_time(terminal, at)

        assert words == "Runs and marks of reports for times to come were taken back."
        assert again == ""
        expected = [("23 10:00", "made"), ("23 11:00", "made"), ("23 12:00", "made")]
        if state is not SlotState.WAITING:
            # By the time that was taken for right it had come, and this is what was done about it.
            expected[1] = ("23 11:00", state.value)
        assert await at.states("morning") == expected
        assert max(each.at for each in await rows.results("morning")) <= clock.now()


async def test_runs_that_were_missed_while_the_mark_was_far_ahead_are_made(opened):
    async with opened(one_report(late="run")) as (terminal, at):
        await at.look()
        await pass_time(terminal, at)
        await at.rows.plan("morning", [], FAR)
        await pass_time(terminal, at, 2 * HOUR)
        before = await at.states("morning")
        await at.rows.repair(terminal.kernel.clock.now())
        await at.look()
        await at.look()

        assert before == [("23 10:00", "made")]
        assert await at.states("morning") == [(f"23 {hour}:00", "made") for hour in (10, 11, 12)]


async def test_what_a_person_asked_for_in_the_future_is_made_now(opened):
    async with opened(one_report()) as (terminal, at):
        await at.look()
        await at.rows.ask(run_of(FAR, SlotState.WAITING, asked_by="bob"))
        await at.look()
        before = len(at.posts.tops())
        await at.rows.repair(terminal.kernel.clock.now())
        await at.look()

        assert (before, len(at.posts.tops())) == (0, 1)


async def test_a_report_without_wrong_marks_keeps_them(opened):
    async with opened(one_report()) as (terminal, at):
        await at.look()
        await pass_time(terminal, at)
        before = await at.rows.standings()
        assert await at.rows.repair(terminal.kernel.clock.now()) == ""

        assert await at.rows.standings() == before
        assert isinstance(before["morning"], ReportStatus)
