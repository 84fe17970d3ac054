"""Suggestions for a name that does not exist: names that look alike are told apart by their code points."""

import pytest

from bot.domain.nearest_names import suggest_names

COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"


@pytest.mark.parametrize(
    ("typed", "names", "says"),
    [
        ("orders-qa", ["Orders-QA", "orders"], "Did you mean “Orders-QA”?"),
        ("ordrs", ["orders", "billing"], "Did you mean “orders”?"),
        ("zzz", ["orders", "billing"], ""),
        ("orders", [], ""),
        (
            DECOMPOSED,
            ["app", COMPOSED],
            f"Did you mean “{COMPOSED}” (caf<U+00E9>)? You typed “{DECOMPOSED}” (cafe<U+0301>).",
        ),
        ("orders", ["ord\u200bers"], "Did you mean “ord\u200bers” (ord<U+200B>ers)?"),
        ("CAF\u00c9", [COMPOSED, DECOMPOSED], "(cafe<U+0301>) or"),
        ("CAF\u00c9", [COMPOSED, DECOMPOSED], "(caf<U+00E9>)? You typed"),
    ],
)
def test_names_that_look_alike_are_spelled(typed, names, says):
    hint = suggest_names(typed, names)

    assert says in hint
    assert bool(hint) is bool(says)
