"""Approvals matched to the roles of a rule: as good as trying every way, and nobody counts twice."""

from collections import Counter

import pytest
from hypothesis import given
from quorum_kit import most_approvals, needs, voter_lists

from bot.domain.quorum import describe_approvals, missing_approvals


@given(needs, voter_lists)
def test_no_way_of_counting_votes_satisfies_more(needed, voters):
    missing = Counter(missing_approvals(needed, voters))

    assert sum(needed.values()) - missing.total() == most_approvals(needed, voters)
    assert missing <= Counter(needed)
    filled = Counter(needed) - missing
    assert most_approvals(filled, voters) == filled.total()


@pytest.mark.parametrize(
    ("voters", "missing"),
    [
        ([{"dba", "owner"}], ("owner",)),
        ([{"dba", "owner"}, {"dba"}], ()),
        ([{"dba"}, {"dba", "owner"}], ()),
        ([{"dba"}, {"dba"}], ("owner",)),
        ([{"developer"}], ("dba", "owner")),
        ([], ("dba", "owner")),
    ],
)
def test_somebody_in_two_roles_takes_the_seat_that_lets_it_go_on(voters, missing):
    assert missing_approvals({"dba": 1, "owner": 1}, voters) == missing


def test_empty_seats_are_counted_for_people():
    roles = ("dba", "dba", "owner")
    assert describe_approvals(roles) == "2 DBA approvals and 1 owner approval"
    assert describe_approvals(roles, {"dba": ("Ann", "Cem", "Dee")}) == (
        "2 DBA approvals (Ann, Cem or Dee) and 1 owner approval"
    )
    assert describe_approvals(()) == ""
