"""The bot killed at every named point of restores and drills: nothing is lost, doubled or misreported."""

import importlib
import re
from pathlib import Path

import pytest
from change_kit import SECRETS
from crash_cases import DRILL_POINTS, HEAD, NAMED, POINTS, random_case
from crash_site import crash_site

import bot.changes

pytestmark = pytest.mark.anyio
SEEDS = range(4)


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
