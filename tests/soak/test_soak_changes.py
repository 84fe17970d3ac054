"""Long runs behind `make soak RUNS=n`: bots killed at random, simultaneous decisions, votes and approvals."""

import os

import pytest
from change_kit import SECRETS
from crash_cases import HEAD, older_case, random_case
from crash_site import crash_site
from hypothesis import HealthCheck, given, settings
from quorum_kit import most_approvals, needs, voter_lists
from race_site import open_arena

from bot.domain.quorum import missing_approvals

pytestmark = [pytest.mark.soak, pytest.mark.anyio]
RUNS = int(os.environ.get("SOAK_RUNS", "1000"))


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


async def test_no_seeded_run_of_kills_loses_or_doubles_a_change(tmp_path, record_property):
    async with crash_site(tmp_path) as site:
        cases = [older_case(seed) if seed % 3 == 0 else random_case(seed) for seed in range(RUNS)]
        outcomes = await site.run_all(cases)

    record_property("table", "\n".join([HEAD, *(each.row() for each in outcomes)]))
    assert [each.row() for each in outcomes if each.wrong] == []


@pytest.mark.parametrize(
    ("mode", "seeds"),
    [("socket", range(RUNS // 2)), ("http", range(RUNS // 2, RUNS))],
    ids=["socket", "http"],
)
async def test_of_every_hundred_decisions_one_wins(tmp_path, mode, seeds):
    """In halves, each with a bot of its own, so that two cores can share the rounds."""
    async with open_arena(tmp_path, mode) as place:
        assert await place.rounds(seeds, clusters=8) == {}


@given(needs, voter_lists)
@settings(max_examples=RUNS * 10, suppress_health_check=list(HealthCheck))
def test_no_way_of_counting_votes_satisfies_more(needed, voters):
    assert sum(needed.values()) - len(missing_approvals(needed, voters)) == most_approvals(needed, voters)
