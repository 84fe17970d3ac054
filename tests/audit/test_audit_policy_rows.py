"""A policy that is not the one of before has a row; the same one has none."""

import pytest
from audit_kit import entry

from bot.audit.configuration import note_policy
from bot.demo.clock import VirtualClock
from bot.store.audit import AuditLog
from bot.store.database import Database

pytestmark = pytest.mark.anyio


async def test_the_first_policy_and_every_other_one_have_a_row(tmp_path):
    database = Database(tmp_path / "pgbot.db")
    await database.open()
    log = AuditLog(database)
    for version in ("one", "one", "two"):
        await note_policy(log, version, VirtualClock())
        await log.append(entry(1, policy=version))
    rows = [
        (row["outcome"], row["detail"], row["policy"])
        for row in await log.latest()
        if row["kind"] == "policy"
    ]
    await database.close()

    assert rows[::-1] == [("began", "", "one"), ("changed", "was one", "two")]
