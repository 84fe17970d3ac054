"""The bot killed at every named point of restores and drills: nothing is lost, doubled or misreported."""

import importlib
import re
from pathlib import Path

import pytest
from change_kit import SECRETS
from crash_cases import ACCEPTED, DRILL_POINTS, HEAD, NAMED, POINTS, Case, random_case
from crash_site import crash_site

import bot.changes

pytestmark = pytest.mark.anyio
SEEDS = range(2)

OLDER = (
    Case(("acted",), copied="claimed", back=("pgbot.db",)),
    Case((ACCEPTED,), "v2", "none", copied="before arming", back=("pgbot.db",)),
    Case(("sent",), trace="none", copied="before arming", back=("engine.db", "pgbot.db")),
    Case(("sending recorded",), copied="started", back=("engine.db",)),
)
"""Kills after which files are put back as they were before the request."""


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


async def test_no_kill_loses_or_doubles_a_change(tmp_path, record_property):
    cases = [*NAMED, *map(random_case, SEEDS)]
    async with crash_site(tmp_path) as site:
        outcomes = await site.run_all(cases)

    record_property("table", "\n".join([HEAD, *(outcome.row() for outcome in outcomes)]))
    assert [outcome.row() for outcome in outcomes if outcome.wrong] == []
    assert all(outcome.killed for outcome in outcomes if outcome.case in NAMED)
    assert len(outcomes) == len(cases)


async def test_no_older_copy_that_is_put_back_after_a_kill_doubles_a_change(tmp_path):
    async with crash_site(tmp_path) as site:
        outcomes = await site.run_all(OLDER)

    assert [outcome.row() for outcome in outcomes if outcome.wrong] == []
    assert all(outcome.killed and outcome.posts == 1 for outcome in outcomes)


def test_every_point_that_the_code_names_is_one_where_the_bot_is_killed():
    folder = Path(bot.changes.__file__).parent
    assert {name for file in folder.glob("*.py") for name in named_points(file)} == {
        *POINTS,
        *DRILL_POINTS,
        "looked",
    }


def named_points(file):
    """Return the points that a module passes to `at_point` or `_pass_point`, literally or by a constant."""
    module = importlib.import_module(f"bot.changes.{file.stem}")
    for call in re.findall(r"(?:at_point|_pass_point)\((.+?)\)", file.read_text()):
        if call.startswith('"'):
            yield call.strip('"')
        elif call.isupper():
            yield getattr(module, call)
