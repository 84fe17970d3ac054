"""The start of a program loads what it needs and no more, counted in modules, which no other load slows."""

import json
import os
import sys
from importlib.metadata import version

import pytest
from programs_site import run

from bot.demo.environment import CREDENTIALS
from bot.programs.cli import PROGRAMS

pytestmark = pytest.mark.anyio

SERVE_ONLY = {
    "slack_bolt",
    "slack_sdk",
    "aiohttp",
    "dbos",
    "sqlalchemy",
    "starlette",
    "uvicorn",
    "websockets",
}
"""Modules of the bot that Slack talks to."""

HEAVY = {
    *("pydantic", "yaml", "httpx", "httpcore", "ssl", "asyncio", "sqlite3", "sqlite_utils", "structlog"),
    *("slack_bolt", "slack_sdk", "aiohttp", "dbos", "sqlalchemy", "starlette", "uvicorn", "websockets"),
    *("rich", "pygments", "icalendar", "rapidfuzz", "pyrage", "cronsim", "hcl2", "lark"),
    "importlib.metadata",
}
"""Modules that take a noticeable part of a second, or of 100 MB."""

RARELY = {
    *("rich", "pygments", "icalendar", "rapidfuzz", "structlog", "hcl2", "lark", "httpx._main"),
    "sqlite_utils",
}
"""Modules for what most commands do not do: draw tables, read calendars, correct typing errors, log, scan,
open a database."""

CODE = """
import json, sys
from bot.programs.cli import main
try:
    code = main(sys.argv[1:])
except SystemExit as ended:
    code = ended.code
loaded = [name for name, module in sys.modules.items() if module is not None]
sys.stderr.write("\\n" + json.dumps([code, loaded]))
"""

PEAK = (
    "int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]) / 1024"
    if sys.platform == "linux"  # whose getrusage counts the process that started this one, too
    else "__import__('resource').getrusage(0).ru_maxrss / 1024**2"
)
SIZE = CODE.replace("json.dumps([code, loaded])", f"json.dumps([{PEAK}, loaded])")
"""The same with the most memory that the process had, in MB, in place of the exit code."""


async def loaded_by(*arguments, env=None, cwd=None, code=CODE):
    """Run pgbot in a fresh interpreter; return what it printed, its exit code and the modules it loaded."""
    path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    ended = await run("-c", code, *arguments, program=(sys.executable,), env=path | (env or {}), cwd=cwd)
    code, loaded = json.loads(ended.err.splitlines()[-1])
    return ended.out, code, set(loaded)


async def test_help_names_every_program_and_loads_none():
    out, code, loaded = await loaded_by("--help")

    assert code == 0
    assert [name for name in PROGRAMS if f"\n    {name} " not in out] == []
    assert loaded & HEAVY == set()
    assert {each for each in loaded if each.endswith("_program")} == set()


async def test_the_help_of_a_program_waits_for_none():
    each_help = CODE.replace(
        "    code = main(sys.argv[1:])\n",
        """    for name in sys.argv[1:]:
        try:
            main([name, "--help"])
        except SystemExit as ended:
            assert ended.code == 0, name
    code = 0
""",
    )
    out, code, loaded = await loaded_by(*PROGRAMS, code=each_help)

    assert code == 0
    assert [name for name in PROGRAMS if f"usage: pgbot {name} " not in out] == []
    assert loaded & HEAVY == set()
    assert {each for each in loaded if each.endswith("_program") or each == "migrations"} == set()


async def test_the_tab_key_waits_for_no_library():
    out, code, loaded = await loaded_by("completion", "words", "--", "run", "cluster", "resi")

    assert (out, code) == ("resize\n", 0)
    assert loaded & HEAVY == set()


async def test_version_is_that_of_the_package_and_loads_nothing_else():
    out, code, loaded = await loaded_by("--version")

    assert (out, code) == (f"pgbot {version('ionos-pg-chatops')}\n", 0)
    assert loaded & HEAVY == set()


@pytest.mark.parametrize(
    ("line", "says", "needs"),
    [("cluster list", "No IONOS contract", set()), ("report list", "report", {"sqlite_utils"})],
)
async def test_a_command_that_only_reads_loads_its_own_handler_and_nothing_of_slack(
    tmp_path, line, says, needs
):
    (tmp_path / "app.yaml").write_text("holidays: {berlin: [2026-12-25]}\n")

    out, _, loaded = await loaded_by("run", line, env=CREDENTIALS, cwd=tmp_path)

    handlers = {name for name in loaded if name.startswith("handlers.") and "shared" not in name}
    assert says in out
    assert handlers == {f"handlers.{line.replace(' ', '_')}"}
    assert loaded & (SERVE_ONLY | RARELY) == needs
    assert {name for name in loaded if name.startswith(("bot.slack.", "migrations.", "bot.demo."))} == set()
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("words", "modules", "megabytes"),
    [(("--help",), 140, 18), (("--version",), 140, 18), (("run", "cluster list"), 740, 60)],
)
async def test_a_start_stays_small(tmp_path, words, modules, megabytes):
    """The bounds are a tenth above what Python 3.11 needs; the last one is the target itself."""
    _, size, loaded = await loaded_by(*words, cwd=tmp_path, code=SIZE)

    assert size < megabytes
    assert len(loaded) < modules
