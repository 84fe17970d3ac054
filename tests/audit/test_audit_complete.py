"""Nothing passes without a row: every command there is, and every operation that changes something."""

import ast
import inspect
import json
import sqlite3
import textwrap
from contextlib import suppress

import pytest
from api_site import WRITES, Site
from audit_kit import make_entry
from audit_site import BOB, audit_site

from bot.audit.log import AuditLog, add_row, row_of
from bot.audit.verify import verify
from bot.domain.errors import CloudError, PgbotError, StoreError
from bot.ionos.transport import Transport

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(tmp_path, monkeypatch):
    async with audit_site(tmp_path, monkeypatch) as site:
        yield site


async def test_every_command_has_a_row_before_it_runs_and_one_of_how_it_ended(site):
    without = []
    commands = list(site.terminal.kernel.dispatcher.registry)
    for number, command in enumerate(commands):
        await site.ask(command.examples[0], BOB, trace=f"walk{number}")
        rows = await site.terminal.kernel.audit.find_related(f"walk{number}")
        kinds = [(row.kind, row.command) for row in rows if row.kind in {"invocation", "outcome"}]
        if kinds != [("invocation", command.name), ("outcome", command.name)]:
            without.append((command.name, kinds))

    assert without == []
    assert len(commands) > 10
    assert verify([site.terminal.kernel.database.path]).bad is None


def client(site):
    """Return the client of the running bot, as the list of all operations takes it."""
    terminal = site.terminal
    contract = terminal.kernel.fleet.require_contract("shop")
    return Site(
        terminal.cloud,
        terminal.kernel.clock,
        terminal.kernel.fleet,
        contract.need_v1(),
        contract.need_v2("de/txl"),
    )


def changing_calls(site):
    return sum(site.terminal.cloud.calls.count(method) for method in ("POST", "PUT", "PATCH", "DELETE"))


@pytest.mark.parametrize("name", WRITES)
async def test_every_operation_that_changes_something_has_a_row_before_it_leaves(site, name):
    method, call = WRITES[name]
    with suppress(CloudError):  # the simulator's answer does not matter
        await call(client(site))

    rows = [row for row in await site.terminal.audit() if row["kind"] == "request"]
    assert [row["text"].split()[0] for row in rows] == [method]
    assert all(row["outcome"] == "intended" for row in rows)


@pytest.mark.parametrize("ails", ["full", "read-only", "locked", "sealed"])
async def test_while_the_log_takes_no_row_nothing_is_changed(site, ails):
    other = await broken(site.terminal.kernel.database, ails)
    refused = []
    for name, (_, call) in WRITES.items():
        try:
            await call(client(site))
        except StoreError:
            refused.append(name)
        except PgbotError as error:
            raise AssertionError(f"{name} got as far as {error}") from error
    if other is not None:
        other.close()

    assert refused == list(WRITES)
    assert changing_calls(site) == 0


async def broken(database, ails):
    """Make every write fail in one of the ways in which disks and files do."""
    if ails == "full":
        pages = await database.write(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
        await database.write(lambda db: db.execute(f"PRAGMA max_page_count = {pages}").fetchone())
        await fill(database)
    elif ails == "read-only":
        await database.write(lambda db: db.execute("PRAGMA query_only = ON").fetchone())
    elif ails == "sealed":
        await database.write(seal)
    else:
        return await locked(database)
    return None


async def fill(database):
    """Fill the file until there is no room for one row more."""
    for number in range(10_000):
        try:
            await AuditLog(database).append(make_entry(number, detail="x" * 2_000))
        except StoreError:
            break
    else:
        raise AssertionError("it is never full")
    for number in range(10_000):
        try:
            await AuditLog(database).append(make_entry(number, detail="", text=""))
        except StoreError:
            return


def seal(db):
    add_row(db, row_of(make_entry(1, kind="sealed")))


async def locked(database):
    """Lock the file as another process, and return its connection."""
    await database.write(lambda db: db.execute("PRAGMA busy_timeout = 1").fetchone())
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


async def test_after_a_full_disk_the_chain_goes_on_where_it_was(site):
    database = site.terminal.kernel.database
    await broken(database, "full")
    await database.write(lambda db: db.execute("PRAGMA max_page_count = 1000000").fetchone())

    reply = await site.ask("whoami")

    assert reply.ok
    assert verify([site.terminal.kernel.database.path]).bad is None


def called(function):
    """Return the calls in a function's source, in their order."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    nodes = [each for each in ast.walk(tree) if isinstance(each, ast.Call)]
    return [ast.unparse(each.func) for each in sorted(nodes, key=lambda each: (each.lineno, each.col_offset))]


def test_there_is_one_way_out_and_the_row_comes_before_it():
    methods = {name: called(each) for name, each in vars(Transport).items() if inspect.isfunction(each)}

    assert [name for name, calls in methods.items() if "self._http.send" in calls] == ["_send"]
    assert [name for name, calls in methods.items() if "self._send" in calls] == ["_try"]
    assert {name for name, calls in methods.items() if "self._try" in calls} == {"_read", "write"}
    write = methods["write"]
    assert write.index("self._wiring.before_write") < write.index("self._try")
    assert {name for name, calls in methods.items() if "self._read" in calls} == {"read"}
    assert "method='GET'" in ast.unparse(ast.parse(textwrap.dedent(inspect.getsource(Transport.read))))


async def test_no_secret_that_is_typed_or_sent_is_in_any_row(site):
    await site.ask("cluster show xoxb-1-canary-one --password=canary-two")
    with suppress(CloudError):
        await WRITES["v1 usersPost"][1](client(site))

    rows = json.dumps(await site.terminal.audit())
    assert "Canary" not in rows
    assert "canary" not in rows
