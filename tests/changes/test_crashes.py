"""The bot is killed at every named point of a restore: nothing is lost, doubled or told untruly."""

import re
from pathlib import Path

import pytest
from change_kit import SECRETS
from crash_cases import HEAD, NAMED, POINTS, random_case
from crash_site import crash_site

import bot.changes

pytestmark = pytest.mark.anyio
SEEDS = range(4)


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


async def test_no_kill_loses_or_doubles_a_restore(tmp_path):
    cases = [*NAMED, *map(random_case, SEEDS)]
    async with crash_site(tmp_path) as site:
        outcomes = await site.run_all(cases)

    print(HEAD, *(outcome.row() for outcome in outcomes), sep="\n")  # noqa: T201 - the table that is asked for
    assert [outcome.row() for outcome in outcomes if outcome.wrong] == []
    assert all(outcome.killed for outcome in outcomes if outcome.case in NAMED)
    assert len(outcomes) == len(cases)


def test_every_point_that_the_code_names_is_one_where_the_bot_is_killed():
    folder = Path(bot.changes.__file__).parent
    named = {
        name for file in folder.glob("*.py") for name in re.findall(r'at_point\("(.+?)"\)', file.read_text())
    }

    assert named == {*POINTS, "looked"}
