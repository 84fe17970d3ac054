"""Long runs behind `make soak RUNS=n`: two years of reports in twelve zones, cut short and put to sleep."""

import os
import random
from collections import Counter
from datetime import time, timedelta

import pytest
from report_kit import POINTS, Fate, Killed, report_line, reports_site
from wall_times import ZONES, daily_moments, shown_moments

from bot.domain.reply_text import render_plain

pytestmark = [pytest.mark.soak, pytest.mark.anyio]
RUNS = int(os.environ.get("SOAK_RUNS", "1000"))
YEARS = timedelta(days=2 * 365 + 1)
CRONS = {"nightly": "30 2 * * 0,1", "elapsing": "15 */12 * * 0"}
"""Clocks are changed on Sundays; the first has a rule for skipped and repeated hours, the second goes by."""

LINES = [
    (zone, kind, f"{zone.lower().replace('/', '-').replace('_', '-')}-{kind}")
    for zone in ZONES
    for kind in CRONS
]


def expected(kind, zone, start, end):
    """Return the moments at which a report of this kind is due."""
    if kind == "nightly":
        return daily_moments(time(2, 30), {6, 0}, zone, start, end)
    return shown_moments((time(0, 15), time(12, 15)), {6}, zone, start, end)


class Years:
    """Time passes in leaps of up to twice the mean: short ones are a running bot, long ones a sleeping host.
    At each the process may end at some point, as often as `chance` says, and is started again."""

    def __init__(self, terminal, at):
        self.terminal, self.at = terminal, at
        self.random = random.Random(RUNS)  # noqa: S311 - the same each time
        self.made = {}
        self.kills = 0

    async def pass_by(self):
        clock = self.terminal.kernel.clock
        start = clock.now()
        await self.at.look()
        while clock.now() < start + YEARS:
            leap = YEARS * self.random.uniform(0, 2) / RUNS
            clock.advance(min(leap, start + YEARS - clock.now()))
            if self.random.random() < 0.5:
                await self.cut_short()
            await self.settle()
        return start, clock.now()

    async def cut_short(self):
        """Work with a process that may end at some point, and go on with the next one."""
        self.at = await self.at.restarted(Fate(self.random.choice(POINTS)))
        try:
            await self.at.look()
        except Killed:
            self.kills += 1
        self.at = await self.at.restarted()

    async def settle(self):
        """Look until nothing waits, and record the runs."""
        await self.at.look()
        while await self.at.rows.open_slots():
            await self.at.look()
        query = "SELECT report, at, state FROM report_slots"
        rows = await self.terminal.kernel.database.read(lambda db: list(db.query(query)))
        self.made |= {(row["report"], row["at"]): row["state"] for row in rows}


async def test_two_years_in_twelve_zones_make_every_report_once(tmp_path, monkeypatch, capsys):
    lines = "".join(
        report_line(
            name, command="help", when=CRONS[kind], zone=zone, channel=f"C0{name.upper()}", late="run"
        )
        for zone, kind, name in LINES
    )
    async with reports_site(tmp_path, monkeypatch, f"reports:\n{lines}", clusters=12) as (terminal, at):
        years = Years(terminal, at)
        start, end = await years.pass_by()

    due = {
        (name, moment.isoformat(timespec="microseconds"))
        for zone, kind, name in LINES
        for moment in expected(kind, zone, start, end)
    }
    tops = [
        (each["channel"], render_plain(each["reply"])) for each in at.posts.messages if not each["thread"]
    ]
    with capsys.disabled():
        print(f"\n{len(due):,} reports, {years.kills:,} kills, {len(tops) - len(due):,} posted twice")  # noqa: T201 - the figures are the point
    assert set(years.made) == due
    assert set(years.made.values()) == {"made"}
    for _, _, name in LINES:
        said = [text for channel, text in tops if channel == f"C0{name.upper()}"]
        slots = Counter(report for report, _ in due)[name]
        assert len(said) == slots
