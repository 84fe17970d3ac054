"""PGR051: how long backups are kept on v2 is a question for people."""

from rule_kit import FACTS, inconclusive

from migrations.rules.pgr051_retention_to_decide import rule


def test_always_asks():
    assert "days" in inconclusive(rule, FACTS).question
