"""`pgbot audit export` and `backup`: everything, once each, in a form that can be continued and opened."""

import asyncio
import csv
import io
import json
import sqlite3
import stat
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
from audit_kit import copy_log, make_entry, write_log
from sqlite_utils import Database as Sqlite

from bot.audit.export import Export, continued, last_row, to_disk
from bot.audit.log import AuditLog, add_row, row_of
from bot.audit.verify import verify
from bot.demo.virtual_clock import VirtualClock
from bot.domain.errors import StoreError
from bot.runtime.database.database import SqliteDatabase

pytestmark = pytest.mark.anyio


async def test_every_row_is_a_line_of_json_with_all_that_the_row_holds(programs):
    ended = await programs.run("export")
    rows = [json.loads(line) for line in ended.out.splitlines()]

    with closing(sqlite3.connect(programs.db)) as db:
        db.row_factory = sqlite3.Row
        stored = [dict(row) for row in db.execute("SELECT * FROM audit ORDER BY seq")]
    assert rows == stored
    assert len(rows) == 20


@pytest.mark.parametrize("program", ["export", "backup"])
async def test_where_no_bot_runs_to_record_the_reading_that_is_said_and_nothing_written(
    programs, tmp_path, program
):
    """With `serve` it is in the log: see test_terminal_socket."""
    before = programs.db.read_bytes()

    ended = await programs.run(program, *([tmp_path / "copy.db"] if program == "backup" else []))

    assert ended.code == 0
    assert ended.err.endswith("This access is not recorded in the audit log.\n")
    assert programs.db.read_bytes() == before


async def test_naming_the_log_with_a_path_of_ones_own_is_reading_it_too(programs, tmp_path):
    (tmp_path / "other.db").symlink_to(programs.db)
    for path in (programs.db, tmp_path / "data" / ".." / "data" / "pgbot.db", tmp_path / "other.db"):
        assert "This access is not recorded" in (await programs.run("export", "--db", path)).err


async def test_a_copy_is_exported_as_it_is(programs, tmp_path):
    copy = copy_log(programs.db, tmp_path / "copy.db")

    assert len((await programs.run("export", "--db", copy)).out.splitlines()) == 20


@pytest.mark.parametrize("start", ["=1+1", "+49", "-1", "@SUM(A1)", "\tx", "\rx"])
async def test_csv_holds_no_formula_and_one_line_for_each_row(programs, tmp_path, start):
    append(programs.db, make_entry(21, text=f"{start}\nsecond line", detail='say "hello", twice'))
    copy = copy_log(programs.db, tmp_path / "copy.db")

    text = (await programs.run("export", "--format", "csv", "--db", copy)).out
    rows = list(csv.DictReader(io.StringIO(text)))

    assert len(rows) == 21
    assert len(text.splitlines()) == 22
    assert rows[-1]["text"].startswith("'")
    assert rows[-1]["detail"] == 'say "hello", twice'
    assert rows[0]["seq"] == "1"


async def test_a_file_has_its_name_when_it_is_complete(programs, tmp_path):
    await programs.run("export", "--out", tmp_path / "log.jsonl")

    assert last_row("jsonl", tmp_path / "log.jsonl") == 20
    assert stat.S_IMODE((tmp_path / "log.jsonl").stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir() if each.name.endswith(".part")] == []


def append(path, *entries):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        db = Sqlite(connection, execute_plugins=False)
        for each in entries:
            add_row(db, row_of(each))


@contextmanager
def following(source, out, form):
    """Run an export, on a clock that is advanced by hand."""
    clock = VirtualClock()
    with continued(out, form) as (file, last):
        export = Export(source=source, form=form)
        yield asyncio.ensure_future(export.follow(file, last, clock, to_disk(file))), clock


async def stopped(task):
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def reaches(task, out, form, number, clock=None):
    """Wait for a row; with `clock`, time passes whenever the export begins to wait for it."""
    async with asyncio.timeout(120):
        while not out.exists() or b"\n" not in out.read_bytes() or peek(out, form) < number:
            assert not task.done(), task.exception()
            if clock is not None:
                clock.advance(timedelta(seconds=1))
            await asyncio.sleep(0.01)


def peek(out, form):
    line = out.read_bytes().rpartition(b"\n")[0].rpartition(b"\n")[2].decode()
    first = json.loads(line)["seq"] if form == "jsonl" else line.partition(",")[0]
    return 0 if first == "seq" else int(first)


@pytest.mark.parametrize("form", ["jsonl", "csv"])
@pytest.mark.parametrize("torn", [b"", b'{"seq":9', b'9,"2026'])
async def test_follow_goes_on_where_it_stopped_also_after_a_torn_line(programs, tmp_path, form, torn):
    out = tmp_path / f"log.{form}"
    with following(programs.db, out, form) as (task, _):
        await reaches(task, out, form, 20)
        await stopped(task)
    with out.open("ab") as file:
        file.write(torn)
    append(programs.db, *(make_entry(number) for number in range(21, 31)))
    with following(programs.db, out, form) as (task, clock):
        await reaches(task, out, form, 30)
        append(programs.db, make_entry(31))
        await reaches(task, out, form, 31, clock)
        await stopped(task)

    lines = out.read_text().splitlines()
    numbers = (
        [json.loads(line)["seq"] for line in lines]
        if form == "jsonl"
        else [int(row["seq"]) for row in csv.DictReader(lines)]
    )
    assert numbers == list(range(1, 32))


async def test_rows_that_lie_in_an_older_file_are_not_left_out_in_silence(programs, tmp_path):
    out = tmp_path / "log.jsonl"
    out.write_text('{"seq":5}\n')
    later = write_log(tmp_path / "later.db", 20)
    with closing(sqlite3.connect(later)) as db:
        db.execute("DROP TRIGGER audit_never_deleted")
        db.execute("DELETE FROM audit WHERE seq < 10")
        db.commit()

    with (
        following(later, out, "jsonl") as (task, _),
        pytest.raises(StoreError, match="Rows 6 to 9 are not in"),
    ):
        await task


async def test_two_exports_do_not_write_the_same_file(programs, tmp_path):
    out = tmp_path / "log.jsonl"
    with continued(out, "jsonl"), pytest.raises(StoreError, match="another export"), continued(out, "jsonl"):
        raise AssertionError


@pytest.mark.parametrize("content", ["a letter\n", '{"sequence": 1}\n', "[]\n"])
async def test_a_file_that_is_no_export_is_left_as_it_is(tmp_path, content):
    out = tmp_path / "letter.txt"
    out.write_text(content)

    with pytest.raises(StoreError, match="does not end like an export"):
        last_row("jsonl", out)
    assert out.read_text() == content


def test_a_last_line_longer_than_what_is_read_at_a_time_is_found(tmp_path):
    out = tmp_path / "log.jsonl"
    out.write_text('{"seq":1}\n' + json.dumps({"seq": 2, "text": "x" * 200_000}) + "\n")

    assert last_row("jsonl", out) == 2


async def test_a_backup_is_a_consistent_copy_while_the_bot_writes(programs, tmp_path):
    database = SqliteDatabase(programs.db)
    await database.open()
    log = AuditLog(database)

    async def write():
        for number in range(200):
            await log.append(make_entry(number))

    writing = asyncio.create_task(write())
    ended = await programs.run("backup", tmp_path / "copy.db")
    await writing
    await database.close()

    verdict = verify([tmp_path / "copy.db"])
    assert ended.code == 0
    assert verdict.bad is None
    assert 20 <= verdict.rows <= 220
    assert verdict.opened_up == ()
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    assert sorted(each.name for each in tmp_path.iterdir()) == ["copy.db", "data"]


async def test_a_backup_over_the_database_itself_is_refused(programs):
    with pytest.raises(StoreError, match="the database itself"):
        await programs.run("backup", programs.db)
    assert (await programs.run("verify")).code == 0


async def test_a_backup_that_cannot_be_written_leaves_nothing_behind(programs, tmp_path):
    with pytest.raises(StoreError, match="could not be written"):
        await programs.run("backup", tmp_path / "nowhere" / "copy.db")


async def test_the_descriptions_fit_the_tables_and_the_queries_run(programs):
    metadata = json.loads((await programs.run("export", "--metadata")).out)["databases"]["pgbot"]

    with closing(sqlite3.connect(programs.db)) as db:
        for table, described in metadata["tables"].items():
            columns = {each[0] for each in db.execute(f"SELECT * FROM {table} LIMIT 0").description}  # noqa: S608
            named = {*described.get("columns", {}), *described.get("facets", [])}
            assert named <= columns
        shown = {table: len(db.execute(f"SELECT 1 FROM {table}").fetchall()) for table in metadata["tables"]}  # noqa: S608
        for query in metadata["queries"].values():
            db.execute(query["sql"]).fetchall()
    assert set(metadata["tables"]["audit"]["columns"]) == columns_of_audit(programs.db)
    assert (shown["audit_readable"], shown["audit_requests"]) == (20, 4)


def columns_of_audit(path):
    with closing(sqlite3.connect(path)) as db:
        return {each[1] for each in db.execute("PRAGMA table_info(audit)")}
