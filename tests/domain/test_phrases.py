"""Numbers of things and lists of names in words."""

import pytest

from bot.domain.phrases import counted, few


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "0 clusters"), (1, "1 cluster"), (2, "2 clusters"), (1200, "1,200 clusters")]
)
def test_one_thing_has_no_s(number, expected):
    assert counted(number, "cluster") == expected


def test_some_names_are_listed_and_the_rest_counted():
    assert few([]) == ""
    assert few(iter("abcde")) == "a, b, c, d, e"
    assert few("abcdef") == "a, b, c, d, e and 1 more"
    assert few("abc", most=1) == "a and 2 more"
