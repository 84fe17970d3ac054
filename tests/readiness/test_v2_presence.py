"""Presence of a cluster in v2: by id, then host name, then network; and undetermined is not pending."""

from dataclasses import replace

import pytest
from rule_kit import READY

from bot.domain.cluster import Api, Gap
from migrations.v2_presence import PresenceState, pair_fleet

IN_V2 = replace(READY, api=Api.V2)
OTHER = replace(
    IN_V2,
    id="0b41a0de-0000-4000-8000-000000000001",
    dns_name="pg-other.postgresql.de-txl.ionos.com",
    connections=(),
)


def find_presence(cluster, in_v2, gaps=(), *, others=()):
    """Return the presence of one cluster of a fleet."""
    return pair_fleet((cluster, *others), in_v2, gaps)[cluster.id]


def gap(why, **place):
    return Gap(where="v2", why=why, **place)


def test_the_same_id_is_visible_and_nothing_else_is_asked():
    found = find_presence(READY, (OTHER, IN_V2), ())

    assert (found.state, found.how, found.counterpart) == (PresenceState.VISIBLE, "same id", IN_V2)


def test_the_same_host_name_under_another_id_is_a_probable_successor():
    found = find_presence(READY, (replace(OTHER, dns_name=READY.dns_name),), ())

    assert found.state is PresenceState.SUCCESSOR
    assert found.how == f"same host name, with the id {OTHER.id}"


def test_the_same_network_is_too_whatever_the_prefix_length():
    connection = replace(READY.connections[0], address="192.168.1.100/23")

    assert "same network" in find_presence(READY, (replace(OTHER, connections=(connection,)),), ()).how


def test_a_host_name_is_a_closer_match_than_a_network():
    by_network = replace(OTHER, connections=READY.connections)
    by_host = replace(OTHER, id="0b41a0de-0000-4000-8000-000000000002", dns_name=READY.dns_name)

    assert find_presence(READY, (by_network, by_host)).counterpart is by_host


@pytest.mark.parametrize("elsewhere", [{"region": "fr/par"}, {"contract": "billing"}])
def test_another_region_or_contract_has_no_successor_but_an_id_is_a_fact_anywhere(elsewhere):
    assert find_presence(READY, (replace(OTHER, dns_name=READY.dns_name, **elsewhere),)).state is (
        PresenceState.PENDING
    )
    assert find_presence(READY, (replace(IN_V2, **elsewhere),)).state is PresenceState.VISIBLE


def test_of_two_that_show_the_id_the_nearer_one_counts():
    assert find_presence(READY, (replace(IN_V2, region="de/fra"), IN_V2)).counterpart is IN_V2


def test_two_candidates_are_none_whichever_comes_first():
    twins = [replace(OTHER, id=each, dns_name=READY.dns_name) for each in ("b", "a")]
    found = find_presence(READY, twins)

    assert (found.state, found.counterpart) == (PresenceState.UNDETERMINED, None)
    assert found.how == "2 v2 clusters have its host name: a, b"


def test_two_claimants_of_one_successor_get_none():
    rival = replace(READY, id="rival")
    both = pair_fleet((READY, rival), (replace(OTHER, dns_name=READY.dns_name),), ())

    assert {each.state for each in both.values()} == {PresenceState.UNDETERMINED}
    assert both["rival"].how == f"2 v1 clusters have the host name of {OTHER.id} in v2"


def test_what_belongs_to_another_cluster_is_no_successor():
    found = find_presence(READY, (replace(IN_V2, id="rival"),), others=(replace(READY, id="rival"),))

    assert found.state is PresenceState.PENDING


def test_what_may_belong_to_another_cluster_is_left_open():
    rival = replace(READY, id="rival", connections=())
    shown = [replace(IN_V2, id=each) for each in ("a", "b")]
    found = find_presence(
        replace(READY, dns_name=None), [shown[0], replace(shown[1], connections=())], others=(rival,)
    )

    assert found.state is PresenceState.UNDETERMINED
    assert found.how == "a in v2 may be the successor of another cluster"


@pytest.mark.parametrize(
    "silent",
    [{"api": Api.V2, "region": "de/txl", "contract": "shop"}, {"api": Api.V1, "contract": "shop"}, {}],
    ids=["its region", "v1, which may have the other id", "everything"],
)
def test_what_did_not_respond_ranks_above_a_weak_match_and_below_an_id(silent):
    successor = replace(OTHER, dns_name=READY.dns_name)

    assert find_presence(READY, (successor,), (gap("503", **silent),)).state is PresenceState.UNDETERMINED
    assert find_presence(READY, (successor, IN_V2), (gap("503", **silent),)).state is PresenceState.VISIBLE


@pytest.mark.parametrize("region", ["", "not stated", "Berlin", "se/sto"])
def test_a_cluster_that_may_be_anywhere_is_hidden_by_any_region(region):
    nowhere = replace(READY, region=region, dns_name=None)

    found = find_presence(nowhere, (), (gap("503", api=Api.V2, region="us/mci", contract="shop"),))
    assert found.state is PresenceState.UNDETERMINED
    assert find_presence(nowhere, ()).state is PresenceState.PENDING


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
