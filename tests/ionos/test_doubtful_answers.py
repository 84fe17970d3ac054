"""Answers that are well formed and not to be believed: of another region, with conflicts, without an end."""

import os
import tracemalloc

import httpx
import pytest
from api_fakes import V1_PLACE as V1
from api_fakes import FakeCloud, fleet, page, transport, v2_cluster
from api_site import open_site
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.demo.cloud.fault_injection import make_bomb
from bot.demo.cloud.faults import FaultOrder
from bot.demo.cloud.places import REGIONS
from bot.domain.errors import CloudError, NoSuchThing, UnreadableAnswer
from bot.ionos.cluster_lookup import find_cluster
from bot.ionos.contract_client import may_hide
from bot.ionos.v1.client import V1Client

pytestmark = pytest.mark.anyio

V2 = {"api": "v2", "method": "GET"}
LABELS = [region.label for region in REGIONS]


def swap(site, label, answers_as):
    site.cloud.faults.add(FaultOrder(kind="other_region", region=label, answers_as=answers_as, **V2))


async def test_a_region_that_answers_for_another_is_a_gap_and_no_cluster_of_it_is_called_missing():
    site = open_site()
    whole = (await site.fleet.clusters()).items
    lost = next(each for each in whole if each.region == "fr/par" and each.api == "v2")
    swap(site, "fr-par", "de-txl")
    listing = await site.fleet.clusters()

    (gap,) = listing.gaps
    assert (gap.where, gap.region) == ("v2 fr/par (contract main)", "fr/par")
    assert gap.why == "sent an unreadable answer: it is the answer of de/txl (200)"
    assert {each.id for each in whole} - {each.id for each in listing.items} == {
        each.id for each in whole if each.region == "fr/par" and each.api == "v2"
    }
    with pytest.raises(NoSuchThing, match="It may be where something could not be read"):
        find_cluster(lost.name, listing)
    with pytest.raises(CloudError, match="was not found"):
        await site.fleet.cluster(lost)
    assert "not every listing could be read" in await site.fleet.doubt_absence(lost)


async def test_a_region_that_answers_for_another_is_a_gap_in_every_list():
    for ask in ("clusters", "sightings", "all_backups", "versions", "backup_locations", "probe"):
        site = open_site()
        swap(site, "fr-par", "de-txl")
        listing = await getattr(site.fleet, ask)()

        assert (ask, [gap.region for gap in listing.gaps]) == (ask, ["fr/par"])


@settings(max_examples=int(os.environ.get("SOAK_RUNS", "12")), deadline=None)
@given(st.dictionaries(st.sampled_from(LABELS), st.sampled_from(LABELS)))
async def test_however_regions_are_swapped_nothing_is_shown_elsewhere_or_lost_in_silence(swapped):
    site = open_site()
    truth = {each.id: each for each in (await site.fleet.clusters()).items}
    backups = {each.id for each in (await site.fleet.all_backups()).items}
    for label, other in swapped.items():
        swap(site, label, other)
    listing, all_backups = await site.fleet.clusters(), await site.fleet.all_backups()
    shown = {each.id: each for each in listing.items}

    assert all(each.region == truth[id_].region for id_, each in shown.items())
    missing = [truth[id_] for id_ in truth.keys() - shown.keys()]
    assert all(any(may_hide(gap, each) for gap in listing.gaps) for each in missing)
    wrong = {label.replace("-", "/") for label, other in swapped.items() if label != other}
    assert {gap.region for gap in listing.gaps} == wrong
    assert all_backups.gaps or {each.id for each in all_backups.items} == backups


def silent(number, region=None):
    """Return a cluster that does not say where it is, or that says it is in this region."""
    cluster = v2_cluster(number)
    cluster["metadata"] |= {"dnsName": region and f"pg-x.postgresql.{region}.ionos.com", "resourceURN": None}
    return cluster


def lists(**by_region):
    """Answer with these clusters in these regions, and with none elsewhere."""

    def answer(request):
        label = request.url.path.split("/")[1].replace("-", "_")
        return page(by_region.get(label, []) if request.url.path.endswith("/clusters") else [])

    return fleet(FakeCloud(answer))


async def test_an_entry_that_says_it_is_of_another_region_is_left_out_and_named():
    listing = await lists(fr_par=[silent(1), silent(2, "de-txl"), silent(3, "de-txl")]).clusters()

    assert [each.id[-1] for each in listing.items] == ["1"]
    assert [str(gap) for gap in listing.gaps] == [
        "v2 fr/par (contract main): 2 entries of its list are about de/txl; its own may be missing"
    ]


async def test_what_two_regions_show_is_a_conflict_of_both():
    listing = await lists(fr_par=[silent(1), silent(2)], de_txl=[silent(2), silent(3)]).clusters()

    assert sorted(each.id[-1] for each in listing.items) == ["1", "2", "3"]
    why = "shows 1 entry that {} shows too, and only one can be right"
    assert {gap.region: gap.why for gap in listing.gaps} == {
        "de/txl": why.format("fr/par"),
        "fr/par": why.format("de/txl"),
    }


async def test_entries_with_the_same_key_and_different_contents_are_a_gap_in_every_list():
    site = open_site()
    orders = await site.named("orders-prod")
    site.cloud.faults.add(FaultOrder(kind="conflicting_entries", method="GET"))
    found = {
        "clusters": await site.fleet.clusters(),
        "backups": await site.fleet.all_backups(),
        "backups of one": await site.fleet.backups(orders),
    }
    for name, listing in found.items():
        assert (name, bool(listing.gaps)) == (name, True)
        assert all("different entries for" in gap.why for gap in listing.gaps)
        assert len({each.id for each in listing.items}) == len(listing.items)


async def test_a_single_answer_is_about_what_was_asked_for():
    site = open_site()
    orders = await site.named("orders-prod")
    other = {"id": orders.id, "properties": {"username": "eve", "name": "other"}}
    wrong = transport(FakeCloud(lambda _request: httpx.Response(200, json=other)))
    client = V1Client(wrong, V1)

    for ask in (client.user(orders.id, "bob"), client.database(orders.id, "shop")):
        with pytest.raises(UnreadableAnswer, match="about something else than asked for"):
            await ask


async def test_an_address_that_names_no_region_says_nothing():
    listing = await lists(fr_par=[silent(1) | {"href": "https://proxy.example/clusters/1"}]).clusters()

    assert (len(listing.items), listing.gaps) == (1, ())


def answering(headers, body):
    """Return a cloud whose answers come as they are, not unpacked by the test's own client."""
    return FakeCloud(lambda _request: httpx.Response(200, headers=headers, stream=httpx.ByteStream(body)))


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw deflate", "gzip, gzip"])
async def test_a_small_answer_that_unpacks_to_a_large_one_is_not_unpacked(encoding):
    bomb = make_bomb(64, encoding)
    cloud = answering(bomb.headers, bomb.body)
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableAnswer, match=r"too large|cannot be unpacked"):
            await transport(cloud, largest_answer=4_000_000).read(V1, "/clusters")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 12_000_000


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw deflate"])
async def test_a_compressed_answer_is_read(encoding):
    packed = make_bomb(1, encoding)

    answer = await transport(answering(packed.headers, packed.body)).read(V1, "/clusters")

    assert len(answer.body) == 1024 * 1024 + len('{"items": []}')


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, br", "x-unknown"])
async def test_a_coding_that_nobody_asked_for_is_refused(coding):
    cloud = answering({"content-encoding": coding}, b"{}")

    with pytest.raises(UnreadableAnswer, match="cannot be unpacked"):
        await transport(cloud).read(V1, "/clusters")
    assert cloud.requests[0].headers["accept-encoding"] == "gzip, deflate"
