"""PGR140: a rebuild side by side is a decision for people."""

import pytest
from rule_kit import FACTS, facts, inconclusive

from migrations.rules.pgr140_rebuild_side_by_side import rule


def test_always_asks_and_says_what_a_double_takes():
    question = inconclusive(rule, FACTS).question

    assert "8 cores, 16 GB of RAM and 200 GB of storage" in question


@pytest.mark.parametrize("unknown", ["instances", "cores", "ram_mb", "storage_mb"])
def test_asks_without_figures_where_v1_does_not_say_them_all(unknown):
    assert "a second cluster of its size" in inconclusive(rule, facts(**{unknown: None})).question
