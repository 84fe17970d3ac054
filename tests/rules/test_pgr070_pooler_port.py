"""PGR070: the pooler is on."""

import pytest
from rule_kit import FACTS, cannot_tell, facts, fires, is_quiet

from migrations.rules.pgr070_pooler_port import rule


def test_quiet_without_a_pooler():
    assert is_quiet(rule, FACTS)
    assert is_quiet(rule, facts(pooler="disabled"))


@pytest.mark.parametrize("mode", ["transaction", "session", "statement"])
def test_fires_in_every_mode_and_shows_it(mode):
    (seen,) = fires(rule, facts(pooler=mode)).evidence

    assert (seen.field, seen.value) == ("properties.connectionPooler.poolMode", mode)


def test_fires_on_an_empty_mode():
    assert fires(rule, facts(pooler="")).evidence[0].value == "empty"


def test_quiet_when_v1_leaves_it_out():
    assert is_quiet(rule, facts(pooler=None))


def test_cannot_tell_when_v1_has_something_else_in_its_place():
    odd = facts(pooler=None, oddities=("properties.connectionPooler: a list",))
    assert "properties.connectionPooler" in cannot_tell(rule, odd).why
