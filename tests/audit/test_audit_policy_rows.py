"""Settings that are not those of before have a row; the same ones have none, and no secret is in it."""

import json

import pytest
from audit_kit import make_entry
from audit_rows import audit_rows
from pydantic import BaseModel, SecretStr

from bot.audit.log import OTHERS, POLICY, AuditLog, note_policy
from bot.demo.virtual_clock import VirtualClock
from bot.runtime.database.database import SqliteDatabase
from bot.settings.model import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
async def log(tmp_path):
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    yield AuditLog(database)
    await database.close()


async def noted(log):
    """Return the rows about settings, oldest first."""
    return [row for row in await audit_rows(log._database) if row["kind"] == "policy"]


async def test_the_first_policy_and_every_other_one_have_a_row(log):
    for version in ("one", "one", "two"):
        await note_policy(log, version, VirtualClock())
        await log.append(make_entry(1, policy=version))

    rows = [(row["outcome"], row["detail"], row["policy"]) for row in await noted(log)]
    assert rows == [("began", "", "one"), ("changed", "was one", "two")]


async def test_settings_that_are_no_policy_have_a_row_when_they_change(log):
    class Given(BaseModel):
        reports: int
        token: SecretStr = SecretStr("canary-token")

    for reports in (1, 1, 2, 2, 1):
        await note_policy(log, "one", VirtualClock(), Given(reports=reports))
        await log.append(make_entry(1, text="change the settings", policy="one", digest="of a change"))
    rows = await noted(log)

    assert [(row["outcome"], row["text"]) for row in rows] == [
        ("began", POLICY),
        ("changed", OTHERS),
        ("changed", OTHERS),
    ]
    assert rows[1]["detail"] == f"was {rows[0]['digest']}"
    assert rows[2]["digest"] == rows[0]["digest"] != rows[1]["digest"]
    assert "canary" not in json.dumps(rows)


async def test_a_log_from_before_settings_were_noted_gets_a_row_once(log):
    await note_policy(log, "one", VirtualClock())
    for _ in range(2):
        await note_policy(log, "one", VirtualClock(), Settings())

    rows = await noted(log)
    assert [(row["text"], row["detail"]) for row in rows] == [(POLICY, ""), (OTHERS, "was not known")]
