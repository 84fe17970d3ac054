"""Every command there is, generated from the registry: each case gives a sentence and its audit rows."""

import pytest
from every_command import (
    COMMANDS,
    GUEST_OF_NOTHING,
    LEFT_THE_COMPANY,
    every_command_site,
)
from every_command_answers import (
    assert_golden_text,
    complaints,
    kinds,
    shown,
    without_random,
)
from every_command_lines import (
    mistyped_lines,
    naming,
    with_cluster,
)
from golden_files import FOLDER, IS_RENEWED

pytestmark = pytest.mark.anyio

NAMES = [each.name for each in COMMANDS]

LISTS = {"help", "help all", "migration rules"}
"""Lines that list every command or rule, and change with each: see test_help and test_migration_rules."""


@pytest.fixture
async def table(tmp_path, monkeypatch):
    async with every_command_site(tmp_path, monkeypatch) as table:
        yield table


@pytest.fixture
async def small_table(tmp_path, monkeypatch):
    async with every_command_site(tmp_path, monkeypatch, clusters=21) as table:
        yield table


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
async def test_allowed(table, command):
    """Every example of the help works, and answers as the command's golden file says, where there is one."""
    cells = [await table.say(command, line) async for line in table.lines(command)]

    assert [complaint for cell in cells for complaint in complaints(cell)] == []
    assert [cell.line for cell in cells if not cell.reply.ok] == []
    golden = f"commands/{command.name.replace(' ', '_')}"
    if IS_RENEWED or (FOLDER / f"{golden}.txt").exists():
        text = "\n".join(shown(cell) for cell in cells if cell.line not in LISTS)
        assert_golden_text(golden, without_random(text))


async def test_denied(small_table):
    cells = [
        await small_table.say(command, line, LEFT_THE_COMPANY if command.open_to_all else GUEST_OF_NOTHING)
        for command in COMMANDS
        async for line in small_table.lines(command)
    ]

    assert_judged("denied", cells)
    assert [cell.line for cell in cells if cell.row["outcome"] != "denied"] == []


async def test_bad_argument(small_table):
    cells = [
        await small_table.say(command, wrong)
        for command in COMMANDS
        for wrong in mistyped_lines(command, await small_table.line(command))
    ]

    assert_judged("bad_argument", cells)
    assert [cell.line for cell in cells if cell.row["outcome"] != "mistyped"] == []


@pytest.mark.parametrize(("case", "name"), [("missing", "nowhere-prod"), ("ambiguous", "search")])
async def test_no_such_cluster_and_too_many(table, case, name):
    cells = [
        await table.say(command, other)
        for command in COMMANDS
        if naming(command, "cluster")
        async for line in table.lines(command)
        if (other := with_cluster(command, line, name))
    ]

    assert_judged(f"{case}_cluster", cells)
    assert [cell.line for cell in cells if cell.row["outcome"] != "mistyped"] == []
    assert {cell.command.name for cell in cells} == {
        each.name for each in COMMANDS if naming(each, "cluster")
    }


def assert_judged(case, cells):
    """Assert that there are no complaints, and the golden file of the case."""
    found = [complaint for cell in cells for complaint in complaints(cell)]
    assert_golden_text(f"refusals/{case}", kinds(cells))
    assert found == []
