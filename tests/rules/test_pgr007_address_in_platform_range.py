"""PGR007: the primary's address is in a range that the platform uses."""

from dataclasses import replace

import pytest
from rule_kit import FACTS, READY, does_not_apply, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr007_address_in_platform_range import rule


def at(address):
    """Return facts of a cluster with this address."""
    return facts(connections=(replace(READY.connections[0], address=address),))


@pytest.mark.parametrize(
    "address",
    ["10.232.255.255/24", "10.233.128.0/24", "192.168.229.255/24", "192.168.231.0/24", "10.210.4.6/23"],
)
def test_quiet_outside_of_them(address):
    assert is_quiet(rule, at(address))
    assert is_quiet(rule, FACTS)


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        ("10.233.0.0/24", "10.233.0.0/18"),
        ("10.233.63.255/24", "10.233.0.0/18"),
        ("10.233.64.0/24", "10.233.64.0/18"),
        ("10.233.127.255/24", "10.233.64.0/18"),
        ("192.168.230.0/24", "192.168.230.0/24"),
        ("192.168.230.255/16", "192.168.230.0/24"),
    ],
)
def test_fires_inside_and_names_the_range(address, taken):
    verdict = fires(rule, at(address))

    assert verdict.evidence[0].value == address
    assert f"is in {taken}." in verdict.why


def test_inconclusive_without_an_address():
    assert "connections[0].cidr" in inconclusive(rule, at(None)).why


def test_an_empty_list_of_connections_is_a_fact():
    assert does_not_apply(rule, facts(connections=()))


def test_inconclusive_when_the_list_could_not_be_read():
    odd = facts(connections=(), oddities=("properties.connections: a word",))
    assert "connections[0].cidr" in inconclusive(rule, odd).why


@pytest.mark.parametrize("address", ["", "10.233.0.1/99", "fd00::1/64", "primary"])
def test_inconclusive_from_something_that_is_no_address(address):
    assert repr(address) in inconclusive(rule, at(address)).why
