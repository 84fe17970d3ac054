"""The pairing of whole fleets against a specification by brute force: one to one, and never first-come."""

from dataclasses import replace
from itertools import combinations, product

import pytest
from example_counts import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_kit import READY

from bot.domain.cluster import Api, Gap
from migrations.v2_presence import PresenceState, pair_fleet

VISIBLE, SUCCESSOR, PENDING, UNDETERMINED = PresenceState
(NETWORK,) = READY.connections
HOSTS = {
    None: None,
    "pg-1.postgresql.de-txl.ionos.com": "de/txl",
    "pg-2.postgresql.de-fra.ionos.com": "de/fra",
    "orders.example.com": None,
}
LOCATIONS = {"de/txl": "de/txl", "de/fra": "de/fra", "de/fra/2": "de/fra", "not stated": None, "Berlin": None}
ADDRESSES = (None, "10.0.0.1", "10.0.0.2")
GAPS = st.builds(
    Gap,
    where=st.just("somewhere"),
    why=st.just("503"),
    api=st.sampled_from([Api.V2, Api.V2, Api.V1, None]),
    contract=st.sampled_from(["shop", "billing", None]),
    region=st.sampled_from(["de/txl", "de/fra", "fr/par", None]),
)


def clusters(api, ids, regions, prefixes):
    """Draw clusters that often share an id, a host name or a network with another."""

    def build(**drawn):
        address, prefix = drawn.pop("address"), drawn.pop("prefix")
        network = (replace(NETWORK, address=f"{address}/{prefix}"),) if address else ()
        return replace(READY, api=api, connections=network, **drawn)

    return st.builds(
        build,
        id=st.sampled_from(ids),
        contract=st.sampled_from(["shop", "shop", "shop", "billing"]),
        region=st.sampled_from(regions),
        dns_name=st.sampled_from(list(HOSTS)),
        address=st.sampled_from(ADDRESSES),
        prefix=st.sampled_from(prefixes),
    )


TXL = ["de/txl", "de/txl", "de/txl"]
in_v1 = st.lists(
    clusters(Api.V1, list("abcde"), [*TXL, *LOCATIONS], [24]), max_size=5, unique_by=lambda each: each.id
)
in_v2 = st.lists(clusters(Api.V2, list("efghi"), [*TXL, "de/fra", "fr/par"], [16, 24]), max_size=5)


def home(cluster):
    return HOSTS[cluster.dns_name] or LOCATIONS[cluster.region]


def is_silent(cluster, gaps, *, weak):
    """Return whether something did not respond that could change what is said of the cluster."""
    return any(
        gap.contract in {None, cluster.contract}
        and (
            (gap.api is not Api.V1 and (home(cluster) is None or gap.region in {None, home(cluster)}))
            or (weak and gap.api is not Api.V2)
        )
        for gap in gaps
    )


def shares(cluster, other, mark):
    if other.contract != cluster.contract or home(cluster) not in {None, other.region}:
        return False
    if mark == "host name":
        return cluster.dns_name is not None and cluster.dns_name == other.dns_name
    first, second = ([each.address.split("/")[0] for each in both.connections] for both in (cluster, other))
    return bool(first) and first == second


def specify(v1, v2, gaps):
    """Return state and successor's id of every v1 cluster, by brute force."""
    in_both = {each.id for each in v1} & {each.id for each in v2}
    without = [each for each in v1 if each.id not in in_both]

    def candidates(cluster, mark):
        return {each.id for each in v2 if each.id not in in_both and shares(cluster, each, mark)}

    by_host = {each.id: candidates(each, "host name") for each in without}
    pairs = settle(without, by_host, set(), gaps)
    taken = set(pairs.values())
    by_network = {each.id: candidates(each, "network") - taken for each in without if not by_host[each.id]}
    pairs |= settle(without, by_network, set().union(*by_host.values()) - taken, gaps)
    found = {each.id: (VISIBLE, each.id) for each in v1 if each.id in in_both}
    for each in without:
        is_open = by_host[each.id] or by_network[each.id] or is_silent(each, gaps, weak=False)
        found[each.id] = (UNDETERMINED if is_open else PENDING, None)
    return found | {key: (SUCCESSOR, other) for key, other in pairs.items()}


def settle(without, wanted, contested, gaps):
    """Return the certain pairs: one candidate, which nobody else wants and nothing hidden could change."""
    return {
        each.id: next(iter(wanted[each.id]))
        for each in without
        if len(wanted.get(each.id, ())) == 1
        and not wanted[each.id] & contested
        and not any(wanted[each.id] & others for key, others in wanted.items() if key != each.id)
        and not is_silent(each, gaps, weak=True)
    }


def summarize(found):
    return {
        key: (each.state, each.counterpart.id if each.counterpart else None) for key, each in found.items()
    }


@settings(max_examples=examples(150, 600))
@given(in_v1, in_v2, st.lists(GAPS, max_size=2), st.randoms(use_true_random=False))
def test_a_fleet_is_paired_as_specified_in_whatever_order_it_comes(v1, v2, gaps, chance):
    found = summarize(pair_fleet(v1, v2, gaps))

    assert found == specify(v1, v2, gaps)
    shuffled = [chance.sample(each, len(each)) for each in (v1, v2, gaps)]
    assert summarize(pair_fleet(*shuffled)) == found


@given(in_v1, in_v2, st.lists(GAPS, max_size=2))
def test_nothing_has_two_partners_and_what_did_not_respond_is_never_empty(v1, v2, gaps):
    found = pair_fleet(v1, v2, gaps)

    partners = [each.counterpart.id for each in found.values() if each.counterpart]
    assert len(partners) == len(set(partners))
    for each in v1:
        if is_silent(each, gaps, weak=False):
            assert found[each.id].state in {VISIBLE, UNDETERMINED}


SMALL = (
    replace(READY, id="same"),
    replace(READY, id="moved", dns_name="pg-2.postgresql.de-fra.ionos.com", connections=()),
    replace(READY, id="left", contract="billing", region="de/fra", dns_name=None, connections=()),
    replace(READY, id="lost", region="not stated", dns_name=None, connections=()),
)
SHOWN = (
    replace(SMALL[0], api=Api.V2),
    replace(SMALL[1], api=Api.V2, id="other", region="de/fra"),
)
PLACES = tuple(product(("shop", "billing"), ("de/txl", "de/fra", "fr/par")))


@pytest.mark.parametrize("silent", [each for n in range(7) for each in combinations(PLACES, n)], ids=str)
def test_every_combination_of_regions_that_do_not_respond(silent):
    gaps = [Gap(where="v2", why="503", api=Api.V2, contract=each, region=where) for each, where in silent]
    of_shop = {where for each, where in silent if each == "shop"}
    expected = {
        "same": (VISIBLE, "same"),
        "moved": (UNDETERMINED, None) if "de/fra" in of_shop else (SUCCESSOR, "other"),
        "left": (UNDETERMINED if ("billing", "de/fra") in silent else PENDING, None),
        "lost": (UNDETERMINED if of_shop else PENDING, None),
    }
    shown = [each for each in SHOWN if (each.contract, each.region) not in silent or each.id == "same"]

    assert summarize(pair_fleet(SMALL, shown, gaps)) == expected
