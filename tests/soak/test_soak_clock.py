"""Long runs behind `make soak RUNS=n`: months on machines whose clocks jump, a month for each ten runs."""

import os

import pytest
from clock_month import REPORT, ClockMonth
from report_kit import reports_site

pytestmark = [pytest.mark.soak, pytest.mark.anyio]
RUNS = int(os.environ.get("SOAK_RUNS", "1000"))


@pytest.mark.parametrize("seed", range(100, 100 + max(RUNS // 10, 1)))
async def test_no_month_of_jumps_loses_or_doubles_anything(tmp_path, monkeypatch, seed):
    async with reports_site(tmp_path, monkeypatch, REPORT) as (terminal, at):
        assert await ClockMonth(terminal, at, seed).pass_month() == []
