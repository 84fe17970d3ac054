"""Names are compared in one way, whatever their case, encoding and unseen characters."""

from fnmatch import fnmatchcase
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pattern_trial import try_attack

from bot.domain.name_match import fold_name, matches_name, normalize_name, same_name

ACCENTED = "Größe-É\N{LATIN SMALL LIGATURE FI}-Ж"
VARIANTS = {
    "capitals": str.upper,
    "small": str.lower,
    "titles": str.title,
    "turned": str.swapcase,
    **{form: lambda text, form=form: normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")},
    "blanks around": lambda text: f"  {text}\t",
    "unseen between": "\u200b".join,
    "wide": lambda text: text.replace("o", "\N{FULLWIDTH LATIN SMALL LETTER O}"),
}
"""Ways to spell the same name that people cannot tell apart, or would not."""


@given(st.text(max_size=12))
def test_folding_is_done_at_once(text):
    assert fold_name(fold_name(text)) == fold_name(text)
    assert normalize_name(normalize_name(text)) == normalize_name(text)


@given(st.text(alphabet="aAbB-_ éßﬁÄжİΣςǆ1²", max_size=8), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_no_form_of_unicode_makes_another_name(text, form):
    assert fold_name(normalize(form, text)) == fold_name(text)
    assert fold_name(fold_name(text).upper()) == fold_name(text.upper())


@pytest.mark.parametrize("vary", VARIANTS.values(), ids=VARIANTS)
@pytest.mark.parametrize("name", ["orders-prod", ACCENTED, "Orders Prod 1"])
def test_a_name_is_the_same_however_it_is_spelled(name, vary):
    assert same_name(vary(name), name)
    assert matches_name(vary(name), name[:3] + "*")
    assert matches_name(name, vary(name[:3]).strip() + "*")


@pytest.mark.parametrize(
    ("one", "other"),
    [("orders-prod", "orders-prod-2"), ("orders", "0rders"), ("a", "а"), ("orders prod", "ordersprod")],
)
def test_other_names_stay_other_names(one, other):
    assert not same_name(one, other)


@pytest.mark.parametrize("nothing", ["", "  ", "\u200b", "\u202e\ufeff"])
def test_a_name_of_which_nothing_is_seen_is_the_same_as_none(nothing):
    assert not same_name(nothing, nothing)
    assert matches_name(nothing, "*")


@pytest.mark.parametrize(
    ("name", "pattern", "matches"),
    [
        ("Orders-Prod", "*prod*", True),
        ("orders-prod", "*PROD", True),
        ("orders-prod", "prod", False),
        ("orders-prod", "orders-pro?", True),
        ("orders-prod", "orders-pr?", False),
        ("orders[1]", "orders[1]", True),
        ("orders[1]", "orders[*", True),
        ("orders1", "orders[1]", True),
        ("orders-a", "orders-[ab]", True),
        ("orders-c", "orders-[ab]", False),
        ("orders-c", "orders-[!ab]", True),
        ("orders]", "orders]", True),
        ("orders-[", "orders-[", True),
        ("orders.prod", "orders?prod", True),
        ("ordersxprod", "orders.prod", False),
        ("line\nbreak", "line*", True),
    ],
)
def test_patterns_have_three_signs(name, pattern, matches):
    assert matches_name(name, pattern) is matches


@given(st.text(max_size=10))
def test_a_pattern_matches_the_name_that_is_spelled_like_it(text):
    assert matches_name(text, text)


@given(st.text("[]!a-*?", max_size=12), st.text("[]!a-b", max_size=6))
def test_brackets_mean_what_they_mean_to_fnmatch(pattern, name):
    plain = fnmatchcase(name, pattern.replace("[", "[[]"))

    assert matches_name(name, pattern) is (plain or fnmatchcase(name, pattern))


@pytest.mark.parametrize("part", ["[", "[!", "*[", "[a", "[]", "[a]", "?*", "*a"])
def test_a_pattern_takes_time_as_it_grows(part):
    """People type it, and each one is new to the cache of fnmatch."""
    for ending in ("", "]"):
        assert not try_attack(lambda text: matches_name("orders-prod", text), "", part, (ending,))
