"""PGR107: whether the primary user's password fits v2 is a question for people."""

from rule_kit import FACTS, inconclusive

from migrations.rules.pgr107_password_to_prepare import rule


def test_always_asks():
    assert "10 to 63 characters" in inconclusive(rule, FACTS).question
