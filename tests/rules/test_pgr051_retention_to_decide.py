"""PGR051: how long backups are kept on v2 is a question for people."""

from rule_kit import FACTS, cannot_tell

from migrations.rules.pgr051_retention_to_decide import rule


def test_always_asks():
    assert "days" in cannot_tell(rule, FACTS).question
