"""PGR005: no connection."""

import pytest
from rule_kit import FACTS, ID, cannot_tell, facts, fires, is_quiet

from bot.api import v1_domain
from bot.api.place import Place
from bot.api.v1_wire import WireCluster
from bot.api.wire import mend
from bot.domain import Api
from migrations.rules.pgr005_no_connection import rule


def as_read(properties):
    """Facts of a cluster as the client reads it from an answer with these properties."""
    answer = {"id": ID, "metadata": {"state": "AVAILABLE"}, "properties": properties}
    place = Place(api=Api.V1, contract="shop", base="https://api.example.com")
    cluster = v1_domain.cluster(mend(WireCluster, answer), place)
    return facts(connections=cluster.connections, oddities=cluster.oddities)


def test_quiet_with_a_connection_even_one_that_says_little():
    assert is_quiet(rule, FACTS)
    assert is_quiet(rule, as_read({"connections": [{}]}))


def test_fires_on_an_empty_list_and_says_what_is_not_known():
    verdict = fires(rule, facts(connections=()))

    assert verdict.evidence[0].value == "an empty list"
    assert "not known" in verdict.why


def test_fires_on_an_empty_list_whatever_else_is_odd_about_the_answer():
    assert fires(rule, as_read({"connections": [], "shape": "round"}))


@pytest.mark.parametrize(
    "properties", [None, {}, {"connections": None}, {"connections": "2"}, {"connections": [None]}]
)
def test_cannot_tell_when_the_answer_leaves_the_list_out(properties):
    assert "properties.connections" in cannot_tell(rule, as_read(properties)).why
