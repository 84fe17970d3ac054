"""PGR006: the primary's address is where v2 forbids it."""

from dataclasses import replace

import pytest
from rule_kit import FACTS, READY, does_not_apply, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr006_address_forbidden import rule


def at(address):
    """Return facts of a cluster with this address."""
    return facts(connections=(replace(READY.connections[0], address=address),))


@pytest.mark.parametrize(
    "address", ["10.207.255.255/24", "10.224.0.0/24", "10.233.0.5/24", "192.168.230.4/24"]
)
def test_quiet_outside_of_it(address):
    assert is_quiet(rule, at(address))
    assert is_quiet(rule, FACTS)


def test_quiet_when_only_the_subnet_reaches_into_it():
    assert is_quiet(rule, at("10.0.0.5/8"))


@pytest.mark.parametrize("address", ["10.208.0.0/24", "10.210.4.6/23", "10.223.255.255/24", "10.208.0.1"])
def test_fires_inside_and_shows_the_address(address):
    assert fires(rule, at(address)).evidence[0].value == address


def test_inconclusive_without_an_address():
    assert "connections[0].cidr" in inconclusive(rule, at(None)).why


def test_an_empty_list_of_connections_is_a_fact():
    assert does_not_apply(rule, facts(connections=()))


def test_inconclusive_when_the_list_could_not_be_read():
    odd = facts(connections=(), oddities=("properties.connections: a word",))
    assert "connections[0].cidr" in inconclusive(rule, odd).why


@pytest.mark.parametrize("address", ["", "10.208.0.1/99", "fd00::1/64", "primary"])
def test_inconclusive_from_something_that_is_no_address(address):
    assert repr(address) in inconclusive(rule, at(address)).why
