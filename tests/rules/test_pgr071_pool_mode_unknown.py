"""PGR071: the pooler's mode is empty or unknown."""

import pytest
from rule_kit import does_not_apply, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr071_pool_mode_unknown import rule


@pytest.mark.parametrize("mode", ["transaction", "session"])
def test_quiet_on_the_documented_modes(mode):
    assert is_quiet(rule, facts(pooler=mode))


@pytest.mark.parametrize(
    ("mode", "shown"), [("", "empty"), ("statement", "statement"), ("Session", "Session")]
)
def test_fires_on_an_empty_or_unknown_one_and_says_what_is_inferred(mode, shown):
    verdict = fires(rule, facts(pooler=mode))

    assert verdict.evidence[0].value == shown
    assert "probably" in verdict.why


@pytest.mark.parametrize("off", ["disabled", None])
def test_does_not_apply_without_a_pooler_and_v1_leaves_out_one_that_is_off(off):
    assert does_not_apply(rule, facts(pooler=off))


def test_inconclusive_when_v1_has_something_else_in_its_place():
    odd = facts(pooler=None, oddities=("properties.connectionPooler: a list",))
    assert "properties.connectionPooler" in inconclusive(rule, odd).why
