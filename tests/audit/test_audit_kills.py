"""kill -9 between any two steps: nothing is done that is not recorded, and the record still proves itself."""

import signal
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from audit_kit import write_log
from programs_site import running_program

from bot.audit.rotate import rotate
from bot.audit.verify import verify

pytestmark = pytest.mark.anyio
KEY = "0123456789abcdef"
SUPPORT = Path(__file__).parents[1] / "support"
MOST = 60


async def killed_at(step, what, folder):
    """Run it until the step; return whether it was killed there, and did not finish before."""
    script = SUPPORT / "audit_killed.py"
    async with running_program(what, folder, step, env={"AUDIT_KEY": KEY}, script=script) as process:
        code = await process.wait()
    assert code in {0, -signal.SIGKILL}
    return code != 0


async def test_no_write_is_unrecorded_and_the_chain_holds_whichever_statement_was_the_last(tmp_path):
    kills = []
    for step in range(1, MOST):
        folder = tmp_path / str(step)
        folder.mkdir()
        kills.append(await killed_at(step, "append", folder))
        done = set((folder / "done.txt").read_text().split()) if (folder / "done.txt").exists() else set()
        with closing(sqlite3.connect(folder / "pgbot.db")) as db:
            recorded = {trace for (trace,) in db.execute("SELECT trace FROM audit")}

        assert done <= recorded
        assert verify([folder / "pgbot.db"]).bad is None
        if not kills[-1]:
            break

    assert kills.count(True) >= 8
    assert (kills[-1], len(recorded)) == (False, 2)


async def test_a_rotation_that_was_killed_anywhere_leaves_a_log_and_is_finished_by_the_next(tmp_path):
    kills = []
    for step in range(1, MOST):
        folder = tmp_path / str(step)
        folder.mkdir()
        path = write_log(folder / "pgbot.db", 5, KEY.encode())
        kills.append(await killed_at(step, "rotate", folder))
        if not kills[-1]:
            break
        assert verify([path], KEY.encode()).bad is None

        rotate(path, KEY.encode(), datetime(2026, 11, 23, tzinfo=UTC))
        files = sorted(folder.glob("audit-*.db"))
        verdict = verify([*files, path], KEY.encode())

        assert verdict.bad is None
        assert verdict.first == 1
        assert verdict.rows in {7, 9}  # 9: it had been done but for the last step, and was done again

    assert kills.count(True) >= 4
    assert kills[-1] is False
