"""PGR070: the pooler is on."""

import pytest
from rule_kit import does_not_apply, facts, fires, inconclusive

from migrations.rules.pgr070_pooler_port import rule


@pytest.mark.parametrize("off", ["disabled", None])
def test_does_not_apply_without_a_pooler_and_v1_leaves_out_one_that_is_off(off):
    assert does_not_apply(rule, facts(pooler=off))


@pytest.mark.parametrize("mode", ["transaction", "session", "statement"])
def test_fires_in_every_mode_and_shows_it(mode):
    (seen,) = fires(rule, facts(pooler=mode)).evidence

    assert (seen.field, seen.value) == ("properties.connectionPooler.poolMode", mode)


def test_fires_on_an_empty_mode():
    assert fires(rule, facts(pooler="")).evidence[0].value == "empty"


def test_inconclusive_when_v1_has_something_else_in_its_place():
    odd = facts(pooler=None, oddities=("properties.connectionPooler: a list",))
    assert "properties.connectionPooler" in inconclusive(rule, odd).why
