"""Presence of a cluster in v2: by id, then host name, then network; and undetermined is not pending."""

from dataclasses import replace

import pytest
from rule_kit import READY

from bot.domain.cluster import Api, Gap
from migrations.v2_presence import PresenceState, find_presence

IN_V2 = replace(READY, api=Api.V2)
OTHER = replace(
    IN_V2,
    id="0b41a0de-0000-4000-8000-000000000001",
    dns_name="pg-other.postgresql.de-txl.ionos.com",
    connections=(),
)


def gap(why, **place):
    return Gap(where="v2", why=why, **place)


def test_the_same_id_is_visible_and_nothing_else_is_asked():
    found = find_presence(READY, (OTHER, IN_V2), ())

    assert (found.state, found.how, found.counterpart) == (PresenceState.VISIBLE, "same id", IN_V2)


def test_the_same_host_name_under_another_id_is_a_probable_successor():
    found = find_presence(READY, (replace(OTHER, dns_name=READY.dns_name),), ())

    assert found.state is PresenceState.VISIBLE
    assert found.how == "probable successor under another id: same host name"


def test_the_same_network_is_too_whatever_the_prefix_length():
    connection = replace(READY.connections[0], address="192.168.1.100/23")

    assert "same network" in find_presence(READY, (replace(OTHER, connections=(connection,)),), ()).how


def test_the_same_name_alone_proves_nothing():
    assert find_presence(READY, (OTHER,), ()).state is PresenceState.PENDING


def test_what_v1_shows_is_not_v2():
    assert find_presence(READY, (READY,), ()).state is PresenceState.PENDING


@pytest.mark.parametrize("why", ["401", "403", "429", "503", "no answer"])
def test_a_region_that_could_not_be_asked_is_undetermined(why):
    found = find_presence(READY, (OTHER,), (gap(why, api=Api.V2, region="de/txl", contract="shop"),))

    assert found.state is PresenceState.UNDETERMINED
    assert why in found.how


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"api": Api.V1},
        {"api": Api.V2, "region": "fr/par", "contract": "shop"},
        {"api": Api.V2, "region": "de/txl", "contract": "billing"},
    ],
)
def test_a_gap_elsewhere_changes_nothing(elsewhere):
    assert find_presence(READY, (), (gap("503", **elsewhere),)).state is PresenceState.PENDING


def test_all_of_v2_not_looked_at_is_undetermined():
    assert find_presence(READY, (), (gap("not looked at", api=Api.V2),)).state is PresenceState.UNDETERMINED


def test_de_fra_2_is_asked_for_at_the_host_of_de_fra():
    frankfurt = replace(READY, region="de/fra/2", dns_name=None)

    assert (
        find_presence(frankfurt, (), (gap("503", api=Api.V2, region="de/fra"),)).state
        is PresenceState.UNDETERMINED
    )


def test_where_the_host_name_names_another_region_it_wins():
    moved = replace(READY, region="de/fra")

    assert (
        find_presence(moved, (), (gap("503", api=Api.V2, region="de/txl"),)).state
        is PresenceState.UNDETERMINED
    )


def test_it_never_says_migrated():
    assert "migrated" not in {word for each in PresenceState for word in each.value.split()}
