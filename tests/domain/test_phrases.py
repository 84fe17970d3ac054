"""Numbers of things and lists of names in words."""

import pytest

from bot.domain.phrases import format_count, join_some


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "0 clusters"), (1, "1 cluster"), (2, "2 clusters"), (1200, "1,200 clusters")]
)
def test_one_thing_has_no_s(number, expected):
    assert format_count(number, "cluster") == expected


def test_some_names_are_listed_and_the_rest_counted():
    assert join_some([]) == ""
    assert join_some(iter("abcde")) == "a, b, c, d, e"
    assert join_some("abcdef") == "a, b, c, d, e and 1 more"
    assert join_some("abc", most=1) == "a and 2 more"
