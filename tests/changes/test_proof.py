"""Nothing is sent that the audit log does not prove: every cell of the file is tampered with."""

import json
import sqlite3
from functools import partial

import pytest
from change_requests import ALICE, BOB, PROD, STAGING, ask, now
from tampered_changes import TamperSite
from terminal_site import terminal_site
from workflow_kit import WorkflowRunner, hurry

from bot.changes.record import ChangeState
from bot.runtime.database.schema import STEPS

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        yield TamperSite(terminal)


def columns(table):
    with sqlite3.connect(":memory:") as db:
        for statements in STEPS.values():
            for each in statements:
                if "fts5" not in each and "audit_words" not in each:
                    db.execute(each)
        return [name for _, name, *_ in db.execute(f"PRAGMA table_info({table})")]


def others(value):
    """Return what somebody might put in the place of a value."""
    text = "" if value is None else str(value)
    return [f"{text}x", b"\xff\x00", "2026-11-01T00:00:00" if text[:2] == "20" else "" if text else "y"]


SHOWN = {("changes", "version"), ("changes", "progress")}
"""Columns that are shown and decide nothing; no audit row has them."""

CELLS = [
    (table, name)
    for table in ("changes", "votes", "attempts")
    for name in columns(table)
    if (table, name) not in SHOWN
]


async def test_an_honest_change_is_sent_and_nothing_is_found(site):
    record = await site.approved()
    done = await site.carried_out(record, lambda: None)

    assert (done.sent, done.state, done.alarms) == (1, "done", ())
    assert await site.compare() == []


@pytest.mark.parametrize("point", ["", "before arming"])
async def test_no_cell_of_a_change_can_be_altered_and_the_change_still_be_sent(site, point):
    wrong = []
    for table, name in CELLS:
        if table == "attempts":
            continue
        for number in range(1 if point else 3):
            record = await site.approved()
            cell = Cell(site, table, name, record)
            other = others(cell.before)[number]
            done = await site.carried_out(record, lambda cell=cell, other=other: cell.put(other), point)
            await site.compare()
            wrong += [] if not done.sent and cell.is_alarmed() else [(table, name, other, done)]
            await cell.back()

    assert wrong == []


@pytest.mark.parametrize("name", [None, *(name for table, name in CELLS if table == "attempts")])
async def test_nothing_done_to_its_attempt_has_a_request_sent_twice(site, name):
    record, runner = await site.approved(), WorkflowRunner(site.terminal, ALICE)
    await runner.claim(record)
    assert await runner.run(record, kill_at="sent")
    before = site.sent()
    if name is None:
        site.intruder.run("DELETE FROM attempts WHERE change_id = ?", record.id)
    else:
        Cell(site, "attempts", name, record).put("2026-11-01T00:00:00.000+00:00")
    async with hurry(site.terminal):
        await runner.run(record)

    assert (before, site.sent()) == (1, 1)
    await site.compare()
    assert [each.change for each in site.log.alarms] == [record.id]
    assert (await now(site.terminal, record)).state is ChangeState.UNKNOWN


class Cell:
    """A cell of a table that is about a change, before it was tampered with."""

    def __init__(self, site, table, name, record):
        self.site, self.table, self.name, self.record = site, table, name, record
        self.key = "id" if table == "changes" else "change_id"
        (row,) = site.intruder.run(f"SELECT * FROM {table} WHERE {self.key} = ?", record.id)  # noqa: S608
        self.before = row[name]

    def put(self, value):
        self.other = value
        self._update(value, self.record.id)

    def _update(self, value, key):
        statement = f"UPDATE {self.table} SET {self.name} = ? WHERE {self.key} = ?"  # noqa: S608
        self.site.intruder.run(statement, value, key)

    def is_alarmed(self):
        """Return whether an alarm is open about the change, or about what it is called now."""
        return any(each.change in (self.record.id, self.other) for each in self.site.log.alarms)

    async def back(self):
        """Put the value back and settle the change, which frees its cluster for the next one."""
        self._update(self.before, self.other if self.name == self.key else self.record.id)
        # Whatever is done to it now, it stays stopped until somebody settles it.
        assert not (await self.site.terminal.run(f"change withdraw {self.record.id}", BOB)).ok
        reply = await self.site.terminal.run(f"change settle {self.record.id} not-run", BOB)
        assert reply.ok, (self.table, self.name, self.other, reply)


AUDIT_CELLS = [name for name in columns("audit") if name not in {"seq", "requests"}]


async def test_no_cell_of_its_audit_rows_can_be_altered_and_the_change_still_be_sent(site):
    wrong = []
    for number, name in enumerate(AUDIT_CELLS):
        record = await site.approved()
        rows = site.intruder.rows(record.id)
        row = rows[number % len(rows)]
        other = others(row[name])[0]
        statement = f"UPDATE audit SET {name} = ? WHERE seq = ?"  # noqa: S608
        done = await site.carried_out(record, partial(site.intruder.run, statement, other, row["seq"]))
        wrong += [] if not done.sent and done.alarms else [(name, other, done)]
        site.intruder.run(statement, row[name], row["seq"])
        assert (await site.terminal.run(f"change settle {record.id} not-run", BOB)).ok

    assert wrong == []


def forge_an_approval(site, record):
    """Vote as somebody else, in the tables and with a row that follows from the last one."""
    at = "2026-11-23T12:00:00.000+00:00"
    vote = {"voter": "U0CAROL", "name": "carol", "word": "approve", "roles": ["dba"]}
    vote |= {"digest": record.digest, "at": at}
    rows = site.intruder.rows(record.id)
    kept = {"after": rows[-1]["seq"], "fields": {"state": "approved"}, "vote": vote}
    row = {"outcome": "approved", "kind": "decision", "actor": "slack:U0CAROL", "at": at, "roles": "dba"}
    site.intruder.append(rows[-1] | row | {"detail": "", "kept": json.dumps(kept)})
    statement = (
        "INSERT INTO votes (change_id, voter, name, word, roles, digest, at)"
        " VALUES (?, 'U0CAROL', 'carol', 'approve', '[\"dba\"]', ?, ?)"
    )
    site.intruder.run(statement, record.id, record.digest, at)
    site.intruder.run("UPDATE changes SET state = 'approved' WHERE id = ?", record.id)


async def test_a_row_that_another_process_adds_proves_nothing_though_its_hash_fits(site):
    record = await ask(site.terminal, STAGING, ALICE)
    done = await site.carried_out(record, partial(forge_an_approval, site, record))

    assert done.sent == 0
    assert "was added by another process while the bot ran" in done.alarms[0]


def delete_last_row(site, record):
    seq = site.intruder.rows(record.id)[-1]["seq"]
    site.intruder.run("DELETE FROM audit WHERE seq = ?", seq)


def cut_off_the_end(site, record):
    seq = site.intruder.rows(record.id)[-1]["seq"]
    site.intruder.run("DELETE FROM audit WHERE seq >= ?", seq)


def rewrite_the_end(site, record):
    seq = site.intruder.rows(record.id)[0]["seq"]
    site.intruder.run("UPDATE audit SET roles = 'dba owner' WHERE seq = ?", seq)
    site.intruder.rehash(seq)


def rewrite_everything(site, record):
    site.intruder.run("UPDATE audit SET team = 'T1' WHERE change = ?", record.id)
    site.intruder.rehash()


def give_it_a_row_of_another(site, record):
    statement = "UPDATE audit SET change = ? WHERE kind = 'decision' AND change != ?"
    site.intruder.run(statement, record.id, record.id)
    site.intruder.rehash()


def insert_before_all(site, record):
    row = site.intruder.rows(record.id)[-1]
    site.intruder.run("UPDATE audit SET seq = -1 WHERE seq = ?", row["seq"])


@pytest.mark.parametrize(
    "tamper",
    [
        delete_last_row,
        cut_off_the_end,
        rewrite_the_end,
        rewrite_everything,
        give_it_a_row_of_another,
        insert_before_all,
    ],
)
@pytest.mark.parametrize("point", ["", "before arming"])
async def test_rows_added_removed_or_hashed_again_while_the_bot_runs_are_not_believed(site, tamper, point):
    """Not even without a key: the process remembers what it verified and wrote."""
    await site.approved()
    record = await site.approved()
    done = await site.carried_out(record, partial(tamper, site, record), point)

    assert done.sent == 0
    assert done.alarms or site.log.doubt


async def test_nothing_is_changed_while_the_log_is_in_doubt_and_reading_works(site):
    record = await site.approved()
    other = await ask(site.terminal, PROD, ALICE)
    cut_off_the_end(site, record)
    await site.terminal.run("help")

    said = {
        line: await site.terminal.run(line, BOB)
        for line in (
            f"change approve {other.id}",
            "cluster rename orders-staging orders-stage",
            "key remove",
            f"change show {other.id}",
        )
    }

    assert [each.ok for each in said.values()] == [False, False, False, True]
    assert {each.title.partition(" (")[0] for each in said.values() if not each.ok} == {
        "The audit log is not as it was written"
    }
    assert site.sent() == 0
