"""A month with a clock that jumps: no run of a report lost or made twice, nothing expires by a wrong time."""

import pytest
from clock_month import REPORT, ClockMonth
from report_kit import reports_site

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("seed", [5])
async def test_a_month_of_jumps_loses_and_doubles_nothing(tmp_path, monkeypatch, seed):
    async with reports_site(tmp_path, monkeypatch, REPORT) as (terminal, at):
        month = ClockMonth(terminal, at, seed)
        wrong = await month.pass_month()

    assert wrong == []
    assert month.doubted > 10
    assert len(month.proposed) > 10
