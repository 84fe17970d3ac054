"""A new file begins with a signed checkpoint of the old one; both prove themselves, alone and together."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from audit_kit import Forger, anchor_at, make_entry, write_log
from audit_programs import AuditPrograms

from bot.audit.log import AuditLog
from bot.audit.rotate import rotate
from bot.audit.verify import verify
from bot.demo.virtual_clock import VirtualClock
from bot.domain.errors import ConfigError, StoreError
from bot.domain.request import Actor, Invocation, Origin
from bot.programs.terminal_identity import os_user
from bot.runtime.database.database import SqliteDatabase
from bot.slack.inbox import Inbox

pytestmark = pytest.mark.anyio
KEY = b"0123456789abcdef"
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    return write_log(tmp_path / "pgbot.db", 20, KEY)


async def append(path, number):
    database = SqliteDatabase(path)
    await database.open()
    try:
        return await AuditLog(database, KEY).append(make_entry(number))
    finally:
        await database.close()


async def test_numbers_and_hashes_go_on_and_each_file_proves_itself(path):
    kept = rotate(path, KEY, AT)
    number = await append(path, 23)

    assert kept.name == "audit-000000001-000000021.db"
    assert number == 23
    for files, first, last in (([kept], 1, 21), ([path], 22, 23), ([path, kept], 1, 23)):
        verdict = verify(files, KEY)
        assert (verdict.bad, verdict.first, verdict.last) == (None, first, last)


async def test_who_ended_a_file_is_in_both(path):
    kept = rotate(path, KEY, AT, "os:olga")

    for file, kind in ((kept, "sealed"), (path, "checkpoint")):
        with closing(sqlite3.connect(file)) as db:
            assert db.execute("SELECT actor FROM audit WHERE kind = ?", [kind]).fetchall() == [("os:olga",)]


async def test_the_program_says_who_started_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "PGBOT_DATA": str(tmp_path),
        "PGBOT_AUDIT__KEY": "env:AUDIT_KEY",
        "AUDIT_KEY": KEY.decode(),
        "LOGNAME": "mallory",
        "USER": "mallory",
    }.items():
        monkeypatch.setenv(name, value)
    programs = AuditPrograms(tmp_path, capsys)
    write_log(programs.db, 20, KEY)

    assert (await programs.run("rotate")).code == 0
    assert (await programs.run("verify")).code == 0
    with closing(sqlite3.connect(programs.db)) as db:
        ((actor,),) = db.execute("SELECT actor FROM audit WHERE kind = 'checkpoint'")
    assert actor == f"os:{os_user(os.getuid())}"


async def test_anchors_of_rows_in_another_file_are_no_alarm(path):
    kept = rotate(path, KEY, AT)
    await append(path, 23)
    anchors = [anchor_at(kept, 10), anchor_at(path, 23)]

    for files, fit, elsewhere in (([kept], 1, 1), ([path], 1, 1), ([path, kept], 2, 0)):
        verdict = verify(files, KEY, anchors)
        assert (verdict.bad, verdict.anchored, verdict.unchecked) == (None, fit, elsewhere)


async def test_another_file_of_the_same_name_is_not_taken_for_the_old_one(path):
    (path.parent / "audit-000000001-000000021.db").write_text("something else")

    with pytest.raises(StoreError, match="is another file"):
        rotate(path, KEY, AT)
    assert verify([path], KEY).last == 21


def test_a_seal_that_somebody_puts_where_the_end_was_cut_off_is_found(tmp_path):
    path = write_log(tmp_path / "plain.db", 20)
    anchors = [anchor_at(path, 20)]
    forger = Forger(path, 0)
    forger.run("DELETE FROM audit WHERE seq > 10")
    forger.run("UPDATE audit SET kind = 'sealed' WHERE seq = 10")
    forger.rehash(10)
    forger.leave()

    assert verify([path], anchors=anchors).bad.seq == 11


async def test_three_files_in_a_row(path):
    kept = [rotate(path, KEY, AT)]
    await append(path, 23)
    kept.append(rotate(path, KEY, AT))

    verdict = verify([kept[1], path, kept[0]], KEY)
    assert (verdict.bad, verdict.last) == (None, 25)
    assert verify([kept[0], path], KEY).bad.seq == 22


async def test_everything_else_in_the_database_goes_along(path):
    database = SqliteDatabase(path)
    await database.open()
    alice = Actor(origin=Origin.SLACK, id="U1", team="T1")
    delivery = Invocation(key="k1", trace="t", actor=alice, channel="C1", text="help", at=AT)
    await Inbox(database, VirtualClock(AT)).accept(delivery)
    await database.close()

    rotate(path, KEY, AT)

    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT key FROM inbox").fetchall() == [("k1",)]
        triggers = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    assert {"audit_never_updated", "audit_never_deleted", "audit_sealed"} <= triggers


async def test_a_file_that_has_ended_takes_no_row_more(path):
    kept = rotate(path, KEY, AT)

    with pytest.raises(StoreError, match="goes on in another file"):
        await append(kept, 30)
    assert verify([kept], KEY).bad is None


async def test_while_the_bot_runs_nothing_is_ended(path):
    database = SqliteDatabase(path)
    await database.open()

    link = path.parent / "link" / "pgbot.db"
    link.parent.symlink_to(path.parent)
    for way in (path, link):
        with pytest.raises(ConfigError, match="already works with the data folder"):
            rotate(way, KEY, AT)
    await AuditLog(database, KEY).append(make_entry(21))
    await database.close()

    assert verify([path], KEY).rows == 21


async def test_the_file_of_another_user_is_not_ended(path, tmp_path):
    """The bot could not open one that root has made."""
    other = path if os.getuid() == 0 else Path("/etc/passwd")
    if os.getuid() == 0:
        os.chown(path, 1, -1)

    with pytest.raises(ConfigError, match="belongs to another user"):
        rotate(other, KEY, AT)
    assert [each.name for each in tmp_path.iterdir()] == ["pgbot.db"]


async def test_a_checkpoint_that_somebody_made_up_is_found(path):
    """A forger who cuts off the beginning of a log and puts a checkpoint there lacks the key to sign it."""
    forger = Forger(path, 0)
    forger.run("DELETE FROM audit WHERE seq < 10")
    forger.run("UPDATE audit SET kind = 'checkpoint' WHERE seq = 10")
    forger.leave()
    assert verify([path], KEY).bad.seq == 10

    forger = Forger.__new__(Forger)
    forger.connection = sqlite3.connect(path, isolation_level=None)
    forger.connection.row_factory = sqlite3.Row
    forger.rehash(10)
    forger.leave()
    assert "without a signature" in verify([path], KEY).bad.why


async def test_without_a_key_nothing_can_be_signed(tmp_path):
    path = write_log(tmp_path / "plain.db", 3)

    with pytest.raises(ConfigError, match=r"audit\.key"):
        rotate(path, None, AT)


async def test_a_log_whose_key_is_new_is_ended_too(tmp_path):
    path = write_log(tmp_path / "pgbot.db", 3)

    kept = rotate(path, KEY, AT)

    assert verify([kept, path], KEY).keyed_from == 4


def test_an_empty_or_missing_log_has_nothing_to_keep(tmp_path):
    with pytest.raises(StoreError, match="no audit log"):
        rotate(tmp_path / "pgbot.db", KEY, AT)
    with pytest.raises(StoreError, match="is empty"):
        rotate(write_log(tmp_path / "pgbot.db", 0), KEY, AT)
