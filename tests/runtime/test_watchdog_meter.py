"""The watchdog's measure of a loop that stands still, and the file that tells the next start."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import ConfigError
from bot.runtime.watchdog import EXIT_CODE, Stall, StallFile, StallMeter, Watchdog, read_stall
from bot.settings.model import load_settings

ROOT = Path(__file__).parents[2]
STEP = 1.0
CHECKS = st.lists(st.tuples(st.floats(0, 100_000), st.booleans()), max_size=40)


@given(CHECKS)
def test_only_time_in_which_the_process_ran_counts(checks):
    """Gaps, however long, count as two steps, and a loop that has moved begins anew."""
    now, meter, seconds = 0.0, StallMeter(STEP, 0.0), 0.0
    for gap, moved in checks:
        now += gap
        seconds = meter.check(now, moved=moved)
        since = next((number for number, (_, each) in enumerate(reversed(checks)) if each), len(checks))

        assert 0 <= seconds <= 2 * STEP * len(checks)
        assert seconds == 0 or not moved
    if checks:
        assert seconds <= 2 * STEP * since
        assert seconds <= sum(gap for gap, _ in checks[len(checks) - since :]) + 1e-6


def test_a_clock_that_goes_back_counts_nothing():
    meter = StallMeter(STEP, 100.0)

    assert meter.check(50.0, moved=False) == 0
    assert meter.check(50.5, moved=False) == 0.5


def test_the_file_is_empty_until_there_is_a_stall_and_gone_at_the_end(tmp_path):
    path, stall = tmp_path / "stalled", Stall("t-1", 3.5, "a.py:1 f\nb.py:2 \ud800")
    file = StallFile(path)
    assert read_stall(path) is None
    file.write(stall)
    file.write(stall)
    assert read_stall(path) == Stall("t-1", 3.5, "a.py:1 f\nb.py:2 \ud800")
    assert path.stat().st_mode & 0o777 == 0o600
    file.write(None)
    assert read_stall(path) is None
    file.close()
    assert not path.exists()


@pytest.mark.parametrize("text", ["Thread 0x1 (most recent call first):\n", "[]", "7", '{"other": 1}', "{"])
def test_any_content_is_a_stall_that_names_nobody(tmp_path, text):
    (tmp_path / "stalled").write_text(text)

    assert read_stall(tmp_path / "stalled").task == ""


def test_no_file_is_no_stall(tmp_path):
    assert read_stall(tmp_path / "stalled") is None
    (tmp_path / "folder").mkdir()
    assert read_stall(tmp_path / "folder") is None


class Moments:
    """A monotonic clock that is a second further each time."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 1
        return self.now


@pytest.mark.anyio
@pytest.mark.parametrize("traced", [False, True])
async def test_a_loop_under_a_debugger_may_stand_still(tmp_path, traced):
    file = StallFile(tmp_path / "stalled")
    watchdog = Watchdog(asyncio.get_running_loop(), 60.0, file, Moments())

    def stand_still():
        for _ in range(30):
            watchdog._check()

    before = sys.gettrace()
    if traced:
        sys.settrace(lambda *_: lambda *_: None)
    try:
        stand_still()
    finally:
        sys.settrace(before)
    noticed = read_stall(tmp_path / "stalled")
    file.close()

    assert (noticed is None) is traced
    if noticed:
        assert "stand_still" in noticed.stack
        assert json.dumps(noticed.task)


FILLS_THE_PIPE = """
import asyncio, os, sys
from pathlib import Path
from bot.runtime import logging
from bot.runtime.watchdog import watch_loop

async def fill():
    with watch_loop(Path(sys.argv[1]), 2.0):
        await asyncio.sleep(0.1)
        os.write(2, b"x" * 10_000_000)

logging.configure_logging()
asyncio.run(fill())
"""


def test_a_log_that_nobody_reads_keeps_no_process_alive(tmp_path):
    reading, writing = os.pipe()
    with subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", FILLS_THE_PIPE, tmp_path / "stalled"], stderr=writing, cwd=ROOT
    ) as process:
        code = process.wait(timeout=60)
    os.close(reading)
    os.close(writing)

    assert code == EXIT_CODE
    assert "fill" in read_stall(tmp_path / "stalled").stack


def test_a_limit_that_ends_a_busy_bot_is_refused():
    with pytest.raises(ConfigError, match="briefly busy"):
        load_settings(environment={"PGBOT_WATCHDOG__LIMIT": "1s"})
    assert load_settings(environment={"PGBOT_WATCHDOG__LIMIT": "1m30s"}).settings.watchdog.seconds == 90
