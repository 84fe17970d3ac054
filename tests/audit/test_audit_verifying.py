"""`pgbot audit verify`: 0 whole, 1 broken, 2 could not read, on the log itself or on a copy of it."""

import json
import sqlite3
from contextlib import closing

import pytest
from audit_kit import Forger, anchor_at, copy_log, write_log

from bot.domain.errors import ConfigError, StoreError

pytestmark = pytest.mark.anyio
KEY = "0123456789abcdef0123456789abcdef"


async def test_a_whole_log_ends_with_0_and_says_what_was_not_proved(programs):
    ended = await programs.run("verify")

    assert ended.code == 0
    assert "Whole: 20 rows, from 1 to 20." in ended.out
    assert "No anchor was checked" in ended.out
    assert "No key is used" in ended.out


async def test_a_broken_log_ends_with_1_and_names_the_row(programs):
    forger = Forger(programs.db, 3)
    bad = forger.edit()
    forger.leave()

    ended = await programs.run("verify")
    facts = json.loads((await programs.run("verify", "--json")).out)

    assert ended.code == 1
    assert f"BROKEN: row {bad} was changed" in ended.out
    assert "has lost its append-only triggers" in ended.out
    assert (facts["whole"], facts["first_bad_row"], facts["rows"]) == (False, bad, bad - 1)


async def test_anchors_are_read_from_a_file_or_from_what_was_copied_out_of_slack(programs, tmp_path):
    anchors = tmp_path / "anchors.txt"
    anchors.write_text(
        f"pgbot APP 10:00\n`{anchor_at(programs.db, 12)}`\nOlga: thanks!\n{anchor_at(programs.db, 20)}\n"
    )
    whole = await programs.run("verify", "--anchors", anchors)
    forger = Forger(programs.db, 1)
    forger.run("DELETE FROM audit WHERE seq > 15")
    forger.leave()
    broken = await programs.run("verify", "--anchors", anchors)

    assert "Matching anchors: 2." in whole.out
    assert (broken.code, "row 16 is missing" in broken.out) == (1, True)


@pytest.mark.parametrize(
    "text", ["", "nothing here", "pgbot-audit seq=12 hash=abc at=2026-11-23T10:00:00+00:00"]
)
async def test_anchors_that_are_none_or_damaged_could_not_be_read(programs, tmp_path, text):
    (tmp_path / "anchors.txt").write_text(text)

    with pytest.raises(StoreError):
        await programs.run("verify", "--anchors", tmp_path / "anchors.txt")


@pytest.mark.parametrize(
    "content", [None, b"", b"this is not a database, whatever its name says it is" * 100]
)
async def test_what_is_no_audit_log_could_not_be_read(programs, tmp_path, content):
    path = tmp_path / "other.db"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(StoreError, match="could not be read"):
        await programs.run("verify", "--db", path)


async def test_a_damaged_file_is_never_called_whole(programs, tmp_path):
    write_log(tmp_path / "long.db", 2_000)
    content = bytearray((tmp_path / "long.db").read_bytes())
    content[300_000:340_000] = bytes(range(256)) * 156 + b"x" * 64
    (tmp_path / "long.db").write_bytes(content)

    assert await outcome(programs, tmp_path / "long.db") in {1, 2}


async def outcome(programs, path):
    """Return the exit code: an unreadable file is an error, which the command line turns into a 2."""
    try:
        return (await programs.run("verify", "--db", path)).code
    except StoreError:
        return 2


async def test_a_copy_is_read_where_nothing_can_be_put_beside_it(programs, tmp_path):
    """As on a read-only disk: SQLite cannot make its shared memory file there."""
    copy_log(programs.db, tmp_path / "copy.db")
    (tmp_path / "copy.db-shm").mkdir()

    assert (await programs.run("verify", "--db", tmp_path / "copy.db")).code == 0


async def test_a_log_that_is_being_written_is_verified_as_it_is(programs):
    with closing(sqlite3.connect(programs.db, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")

        assert (await programs.run("verify")).code == 0


async def test_a_key_is_needed_where_one_was_used_and_is_never_printed(programs, tmp_path, monkeypatch):
    path = write_log(tmp_path / "keyed.db", 20, KEY.encode())
    monkeypatch.setenv("AUDIT_KEY", KEY)

    with pytest.raises(StoreError, match="written with a key"):
        await programs.run("verify", "--db", path)
    ended = await programs.run("verify", "--db", path, "--key", "env:AUDIT_KEY")

    assert ended.code == 0
    assert "Keyed from row 1 on." in ended.out
    assert KEY not in ended.out


async def test_another_key_is_named_as_what_may_be_wrong(programs, tmp_path, monkeypatch):
    path = write_log(tmp_path / "keyed.db", 20, KEY.encode())
    monkeypatch.setenv("AUDIT_KEY", KEY[::-1])

    ended = await programs.run("verify", "--db", path, "--key", "env:AUDIT_KEY")

    assert (ended.code, "another key" in ended.out) == (1, True)


async def test_a_key_that_could_be_guessed_is_refused(programs, monkeypatch):
    monkeypatch.setenv("AUDIT_KEY", "short")

    with pytest.raises(ConfigError, match="shorter than 16"):
        await programs.run("verify", "--key", "env:AUDIT_KEY")


async def test_a_key_that_is_typed_itself_is_refused_and_not_said_again(programs, capsys):
    with pytest.raises(SystemExit):
        await programs.run("verify", "--key", KEY)

    said = capsys.readouterr()
    assert "never the key itself" in said.err
    assert KEY not in said.err + said.out


async def test_the_configured_anchors_are_used_for_the_configured_log(programs, tmp_path, monkeypatch):
    (tmp_path / "kept.txt").write_text(f"{anchor_at(programs.db, 20)}\n")
    (tmp_path / "app.yaml").write_text("audit: {anchors: {file: kept.txt}}\n")

    assert "Matching anchors: 1." in (await programs.run("verify")).out
