"""`pgbot precheck` without a server: its arguments, the connection string, and documents that are none."""

import json

import pytest
from programs_site import run

from bot.domain.error_codes import ExitCode
from bot.domain.errors import ConfigError
from bot.programs.precheck_program import resolve_connection
from migrations.precheck.database_documents import CheckKind, read_sql

pytestmark = pytest.mark.anyio

WHOLE = {
    "$schema": "urn:ionos-pg-chatops:aftercheck:1",
    "read_at": "2026-11-30T08:00:00Z",
    "server": {"version": "16.4", "major": 16, "role": "payments", "databases": []},
    "parts": {"roles": {"app": "login"}},
    "databases": [],
    "unread": [],
}


@pytest.mark.parametrize(
    ("given", "settings"),
    [
        (
            "postgresql://app@h:5432/shop?sslmode=require",
            "host='h' port='5432' user='app' dbname='shop' sslmode='require'",
        ),
        ("postgres://a%40b@h,[::1]:6432/d", "host='h,::1' port=',6432' user='a@b' dbname='d'"),
        ("postgresql:///d?host=/tmp/x", "dbname='d' host='/tmp/x'"),
        (" host = h  user='it\\'s' dbname='a b' ", "host='h' user='it\\'s' dbname='a b'"),
        ("service=orders", "service='orders'"),
        ("orders", "dbname='orders'"),
    ],
)
async def test_a_connection_is_given_as_libpq_takes_it(given, settings):
    assert (await resolve_connection(given)).conninfo() == settings


async def test_another_database_of_the_same_server_is_quoted():
    connection = await resolve_connection("host=h dbname=a")

    assert connection.conninfo("it's \\ host=evil") == "host='h' dbname='it\\'s \\\\ host=evil'"


@pytest.mark.parametrize(
    "written",
    [
        "postgresql://app:hunter2@h/shop",
        "postgresql://app:hunter2@h?dbname=shop",
        "host=h password = 'hunter2'",
        "postgresql://h/d?password=hunter2",
    ],
)
async def test_a_password_comes_by_reference_and_goes_to_psql_alone(written, monkeypatch, tmp_path):
    monkeypatch.setenv("ORDERS_DSN", written)
    monkeypatch.setenv("IONOS_TOKEN", "hunter3")
    (tmp_path / "dsn").write_text(f"{written}\n", encoding="utf-8")
    for reference in ("env:ORDERS_DSN", f"file:{tmp_path / 'dsn'}"):
        connection = await resolve_connection(reference)
        assert connection.program(9).environment()["PGPASSWORD"] == "hunter2"
        assert "hunter" not in repr(connection.program(9)) + repr(connection)
        assert "hunter3" not in connection.program(9).environment().values()

    ended = await run("precheck", "--dsn", written, cwd=tmp_path)

    assert ended.code == ExitCode.USAGE
    assert ended.err.startswith("--dsn contains a password, ")
    assert "hunter2" not in ended.err


@pytest.mark.parametrize(
    "given",
    [
        "host=h sslpassword=x",
        "host=h 'x",
        "postgresql://[::1",
        "host h=",
        "env:NOT_SET",
        "postgresql://u:x/x@h/d",
    ],
)
async def test_what_cannot_be_used_is_one_sentence_without_the_value(given):
    with pytest.raises(ConfigError) as refused:
        await resolve_connection(given)

    assert refused.value.next_step
    assert "x" not in refused.value.sentence.replace("example", "").split()


async def test_a_password_of_any_characters_is_one(monkeypatch):
    for written, password in (("a#b?c:d", "a#b?c:d"), ("a@b", "a@b"), ("%2F+%40", "/+@")):
        monkeypatch.setenv("ORDERS_DSN", f"postgresql://app:{written}@h/shop?sslmode=require")
        connection = await resolve_connection("env:ORDERS_DSN")
        assert connection.password == password
        assert connection.conninfo() == "host='h' user='app' dbname='shop' sslmode='require'"


async def test_without_psql_it_says_how_to_go_on(tmp_path):
    ended = await run("precheck", "--dsn", "orders", env={"PATH": str(tmp_path)}, cwd=tmp_path)

    assert ended.code == ExitCode.USAGE
    assert ended.err.startswith("Can’t find psql on PATH.\n")
    assert "--sql" in ended.err


@pytest.mark.parametrize("kind", CheckKind)
async def test_the_sql_is_printed_with_the_time_limit_that_was_given(kind, tmp_path):
    after = ["--after"] if kind is CheckKind.AFTERCHECK else []
    ended = await run("precheck", "--sql", *after, "--timeout", "7", cwd=tmp_path)

    assert ended.out == read_sql(kind, 7)
    assert ended.out.count("SET LOCAL statement_timeout = '7s';") == 1
    assert "READ ONLY" in ended.out


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "it is not valid JSON"),
        ("[]", "not in the form"),
        ("[" * 100_000, "it is not valid JSON"),
        (json.dumps(WHOLE | {"$schema": "urn:ionos-pg-chatops:scan:1"}), "see $schema"),
        (json.dumps(WHOLE | {"databases": [{"name": {}}]}), "see databases.0"),
        (json.dumps(WHOLE | {"$schema": "urn:ionos-pg-chatops:precheck:1"}), "one is a precheck"),
        (None, "Can’t read"),
    ],
)
async def test_documents_that_cannot_be_compared_are_refused(tmp_path, content, says):
    (tmp_path / "before.json").write_text(json.dumps(WHOLE), encoding="utf-8")
    if content is not None:
        (tmp_path / "after.json").write_text(content, encoding="utf-8")

    ended = await run("precheck", "--compare", "before.json", "after.json", cwd=tmp_path)

    assert ended.code == ExitCode.USAGE
    assert says in ended.err
    assert len(ended.err.splitlines()) == 2


async def test_what_was_not_read_ends_with_3_and_a_difference_with_1(tmp_path):
    lacking = WHOLE | {"unread": [{"database": "shop", "part": "*", "why": "no\x1b[31m connection"}]}
    changed = WHOLE | {"parts": {"roles": {"app": "no login"}}}
    for name, content in (("before", WHOLE), ("lacking", lacking), ("changed", changed)):
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")

    unread = await run("precheck", "--compare", "before", "lacking", cwd=tmp_path)
    differs = await run("precheck", "--compare", "before", "changed", cwd=tmp_path)

    assert unread.code == ExitCode.PARTIAL
    assert "Not compared: database shop, after the move: no\\x1b[31m connection" in unread.out
    assert differs.code == ExitCode.FAILED
    assert "  app: login → no login" in differs.out
