"""The region of a cluster, from its location and its DNS name."""

from dataclasses import replace

import pytest
from rule_kit import READY

from migrations.identity import V2_REGIONS, find_home, host_mark, network_mark

TXL = "pg-3euh45am6idkppu3.postgresql.de-txl.ionos.com"


@pytest.mark.parametrize(
    ("location", "dns_name", "region", "is_contradictory"),
    [
        ("de/txl", TXL, "de/txl", False),
        ("DE/TXL", TXL.upper(), "de/txl", False),
        ("de/fra/2", None, "de/fra", False),
        ("de/fra/2", "pg-1.postgresql.de-fra.ionos.com", "de/fra", False),
        ("de/fra", TXL, "de/txl", True),
        ("not stated", TXL, "de/txl", False),
        ("", None, None, False),
        ("not stated", "orders.example.com", None, False),
        ("Berlin", None, None, False),
        ("Berlin", TXL, "de/txl", False),
        ("se/sto", None, "se/sto", False),
        ("de/txl", "pg-1.postgresql.se-sto.ionos.com", "de/txl", True),
        ("se/sto", TXL, "de/txl", True),
    ],
)
def test_the_region_is_decided_once(location, dns_name, region, is_contradictory):
    home = find_home(replace(READY, region=location, dns_name=dns_name))

    assert (home.region, home.is_contradictory) == (region, is_contradictory)
    assert home.v2_region == (region if region in V2_REGIONS else None)


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("", "v1's response does not include properties.location"),
        ("not stated", "v1's response does not include properties.location"),
        ("Berlin", "properties.location in v1 is 'Berlin', which is not a location"),
        ("se/sto", "v2 has no host for se/sto"),
    ],
)
def test_why_no_host_of_v2_is_known_is_said(location, why):
    assert find_home(replace(READY, region=location, dns_name=None)).why_unknown == why


def test_marks_are_compared_in_one_spelling():
    (connection,) = READY.connections
    other = replace(
        READY,
        dns_name=f"{TXL.upper()}.",
        connections=(
            replace(connection, datacenter_id=connection.datacenter_id.upper(), address="192.168.1.100/8"),
        ),
    )

    assert host_mark(other) == host_mark(READY)
    assert network_mark(other) == network_mark(READY)


@pytest.mark.parametrize("missing", ["datacenter_id", "lan_id", "address"])
def test_half_a_network_is_no_mark(missing):
    (connection,) = READY.connections

    assert network_mark(replace(READY, connections=(replace(connection, **{missing: None}),))) is None
    assert network_mark(replace(READY, connections=())) is None
