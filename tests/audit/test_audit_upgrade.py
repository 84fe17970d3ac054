"""A log from before rows named their clusters: it is continued, searched, and still verifies."""

import sqlite3
from contextlib import closing

import pytest
from audit_kit import make_entry
from sqlite_utils import Database as Sqlite

from bot.audit.hash_chain import GENESIS, LATER, row_digest
from bot.audit.log import AuditLog, row_of
from bot.audit.records import AuditQuery
from bot.audit.verify import verify
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.upgrade import schema

pytestmark = pytest.mark.anyio


def write_as_before(path, count):
    """Write rows as the first version did: with fewer columns, and so fewer in the hash."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        db = Sqlite(connection, execute_plugins=False)
        schema.apply(db, stop_before="audit_evidence")
        prev = GENESIS
        for seq in range(1, count + 1):
            old = {name: value for name, value in row_of(make_entry(seq)).items() if name not in LATER}
            row = {"seq": seq, **old, "prev": prev}
            row["hash"] = prev = row_digest(row)
            db["audit"].insert(row)


async def test_old_rows_are_found_and_verified_together_with_new_ones(tmp_path):
    write_as_before(tmp_path / "pgbot.db", 5)
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    log = AuditLog(database)

    number = await log.append(make_entry(6))
    found = await log.find(AuditQuery(words="orders-3"))
    await database.close()

    verdict = verify([tmp_path / "pgbot.db"])
    assert number == 6
    assert [row.seq for row in found] == [3]
    assert (verdict.bad, verdict.rows) == (None, 6)


async def test_what_an_old_row_is_made_to_say_of_a_cluster_later_breaks_it(tmp_path):
    write_as_before(tmp_path / "pgbot.db", 5)
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    await database.close()
    with closing(sqlite3.connect(tmp_path / "pgbot.db", isolation_level=None)) as db:
        db.execute("DROP TRIGGER audit_never_updated")
        db.execute("UPDATE audit SET cluster = 'another' WHERE seq = 2")

    assert verify([tmp_path / "pgbot.db"]).bad.seq == 2


async def test_a_column_that_somebody_adds_is_part_of_what_is_proved(tmp_path):
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    await AuditLog(database).append(make_entry(1))
    await database.close()
    with closing(sqlite3.connect(tmp_path / "pgbot.db", isolation_level=None)) as db:
        db.execute("ALTER TABLE audit ADD COLUMN remark TEXT DEFAULT 'approved by the board'")

    assert verify([tmp_path / "pgbot.db"]).bad.seq == 1
