"""`pgbot precheck` against real servers: every database, no password shown, and its exit codes."""

import json
import os

import pytest
from postgres_names import MIXED
from postgres_servers import PRIMARY
from programs_site import run

from bot.domain.error_codes import ExitCode

pytestmark = pytest.mark.anyio

HOSTILE = (MIXED[0], "dbname=postgres host=evil")
ID = "46c151c7-55f8-42a4-86c3-06ad6b4b91ea"


@pytest.fixture
def pgbot(server, tmp_path):
    """Return what runs pgbot beside this server's psql, in an empty folder."""

    async def start(*arguments, **environment):
        path = f"{server.install.psql.parent}{os.pathsep}{os.environ['PATH']}"
        dsn = f"host={server.folder} user={PRIMARY} dbname={PRIMARY}"
        return await run(*arguments, env={"PATH": path, "DSN": dsn} | environment, cwd=tmp_path)

    return start


async def test_every_database_is_read_and_one_that_refuses_is_said(server, pgbot, tmp_path):
    for name in HOSTILE:
        server.admin('CREATE DATABASE "{}"'.format(name.replace('"', '""')))
    server.admin("CREATE DATABASE closed; REVOKE CONNECT ON DATABASE closed FROM PUBLIC")
    server.admin("CREATE DATABASE idle ALLOW_CONNECTIONS false")

    ended = await pgbot("precheck", "--dsn", "env:DSN", "--cluster", ID.upper(), "--out", "found.json")
    document = json.loads((tmp_path / "found.json").read_bytes())

    assert (ended.code, ended.out) == (ExitCode.PARTIAL, "")
    assert {each["name"] for each in document["databases"]} == {*HOSTILE, PRIMARY, "postgres"}
    whole = {each["database"]: each["why"] for each in document["unread"] if each["part"] == "*"}
    assert list(whole) == ["closed"]
    assert 'permission denied for database "closed"' in whole["closed"]
    assert (document["cluster"], document["host"]) == (ID, str(server.folder))
    assert f"Read {len(HOSTILE) + 2} databases: " in ended.err
    assert "Not read: closed: " in ended.err
    assert all(line.isprintable() for line in ended.err.splitlines())


async def test_check_after_the_move_and_compare(server, pgbot):
    server.admin("CREATE TABLE orders AS SELECT generate_series(1, 3) AS id", database=PRIMARY, user=PRIMARY)
    first = await pgbot("precheck", "--after", "--dsn", "env:DSN", "--out", "before.json")
    same = await pgbot("precheck", "--compare", "before.json", "before.json")
    server.admin("DELETE FROM orders WHERE id = 1", database=PRIMARY)
    await pgbot("precheck", "--after", "--dsn", "env:DSN", "--out", "after.json")
    compared = await pgbot("precheck", "--compare", "before.json", "after.json")

    assert (first.code, same.code, compared.code) == (ExitCode.OK, ExitCode.OK, ExitCode.FAILED)
    assert same.out.startswith("No difference.\n")
    assert compared.out.startswith("1 difference.\n")
    assert f"database {PRIMARY}, rows\n  public.orders: 3 → 2\n" in compared.out


async def test_the_sql_that_it_prints_gives_the_same_document(server, pgbot):
    printed = await pgbot("precheck", "--sql", "--cluster", ID)
    by_hand = server.run_script(printed.out, database=PRIMARY, options=["-qAt"])
    by_program = await pgbot("precheck", "--dsn", "env:DSN")

    mine, other = json.loads(by_hand.out), by_program.json()
    assert (mine["cluster"], other["cluster"]) == (ID, None)
    assert mine["$schema"] == other["$schema"]
    assert mine["parts"].keys() == other["parts"].keys()
    assert mine["databases"][0]["parts"].keys() == other["databases"][0]["parts"].keys()


async def test_a_server_that_cannot_be_reached_is_one_sentence(pgbot):
    ended = await pgbot("precheck", "--dsn", "env:DSN", DSN="host=/nowhere dbname=x password=hunter2")

    assert ended.code == ExitCode.USAGE
    assert ended.err.startswith("Can’t read the database: ")
    assert "hunter2" not in ended.err + ended.out
    assert "Traceback" not in ended.err
