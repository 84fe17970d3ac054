"""PGR005: no connection."""

from dataclasses import replace

import pytest
from rule_kit import ID, READY, facts, fires, inconclusive, is_quiet

from bot.domain.cluster import Api
from bot.ionos.endpoint import Endpoint
from bot.ionos.tolerant_models import read_partly
from bot.ionos.v1.responses import V1Cluster, to_cluster
from migrations.rules.pgr005_no_connection import rule


def as_read(properties):
    """Return facts of a cluster as the client reads it from an answer with these properties."""
    answer = {"id": ID, "metadata": {"state": "AVAILABLE"}, "properties": properties}
    place = Endpoint(api=Api.V1, contract="shop", base="https://api.example.com")
    cluster = to_cluster(read_partly(V1Cluster, answer), place)
    return facts(connections=cluster.connections, oddities=cluster.oddities)


def with_connection(**changes):
    """Return facts of a cluster whose one connection has other values."""
    return facts(connections=(replace(READY.connections[0], **changes),))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"datacenter_id": "03A8FDF1-FBC4-43F6-91CE-0506444E17DD"},
        {"lan_id": "1"},
        {"lan_id": "4294967"},
        {"address": "10.0.0.7/8"},
        # PGR006 and PGR007 check the address itself.
        {"address": None},
        {"address": "primary"},
    ],
)
def test_quiet_with_a_connection_that_v2_could_take(changes):
    assert is_quiet(rule, with_connection(**changes))


@pytest.mark.parametrize("name", ["datacenterId", "lanId"])
def test_inconclusive_where_the_connection_says_too_little(name):
    given = {"datacenterId": "03a8fdf1-fbc4-43f6-91ce-0506444e17dd", "lanId": "2", "cidr": "10.0.0.7/8"}
    del given[name]

    said = inconclusive(rule, as_read({"connections": [given]})).why

    assert said == f"v1's response does not include properties.connections[0].{name}"
    assert inconclusive(rule, as_read({"connections": [{}]}))


@pytest.mark.parametrize("datacenter", ["", "my data center", "03a8fdf1", "{03a8fdf1-fbc4}", "x" * 500])
def test_inconclusive_from_an_id_that_v2_does_not_describe(datacenter):
    said = inconclusive(rule, with_connection(datacenter_id=datacenter)).why

    assert said.startswith("properties.connections[0].datacenterId in v1 is ")
    assert len(said) < 200


@pytest.mark.parametrize("lan", ["", "LAN 2", "-1", "2.0", "\u0662", "02a8fdf1-fbc4-43f6-91ce-0506444e17dd"])
def test_inconclusive_from_a_lan_that_is_no_number(lan):
    assert (
        f"lanId in v1 is {lan!r}, which is not a number"
        in inconclusive(rule, with_connection(lan_id=lan)).why
    )


@pytest.mark.parametrize("address", ["10.0.0.7", "192.168.1.100", "10.0.0.7/255.0.0.0"])
def test_inconclusive_how_long_the_prefix_of_an_address_is_that_has_none(address):
    said = inconclusive(rule, with_connection(address=address)).why

    assert f"cidr in v1 is {address!r}, without the prefix length" in said


def test_fires_on_an_empty_list_and_says_what_is_not_known():
    verdict = fires(rule, facts(connections=()))

    assert verdict.evidence[0].value == "an empty list"
    assert "unknown" in verdict.why


def test_fires_on_an_empty_list_whatever_else_is_odd_about_the_answer():
    assert fires(rule, as_read({"connections": [], "shape": "round"}))


@pytest.mark.parametrize(
    "properties", [None, {}, {"connections": None}, {"connections": "2"}, {"connections": [None]}]
)
def test_inconclusive_when_the_answer_leaves_the_list_out(properties):
    assert "properties.connections" in inconclusive(rule, as_read(properties)).why
