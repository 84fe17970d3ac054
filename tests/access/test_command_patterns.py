"""Two patterns are about the same command where one name fits both, and when nobody can tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.name_match import matches_name, may_meet


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("restore", "restore", True),
        ("restore", "drill", False),
        ("cluster *", "cluster delete", True),
        ("cluster *", "cluster?delete", True),
        ("cluster *", "user *", False),
        ("* delete", "user *", True),
        ("*", "cluster [rd]*", True),
        ("cluster [rd]*", "cluster create", False),
    ],
)
def test_two_patterns(one, other, expected):
    assert may_meet([one], ["other command", other]) is may_meet([other], [one]) is expected


@given(*[st.text("ab ?*", max_size=4)] * 2, st.text("ab ", max_size=4))
def test_what_fits_both_is_never_missed(one, other, name):
    both = matches_name(name, one) and matches_name(name, other)

    assert may_meet([one], [other]) or not both
