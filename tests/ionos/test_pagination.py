"""Lists end where they end, whatever their links say, and never in silence when they could not be read."""

import httpx
import pytest
from api_fakes import V1_PLACE, FakeCloud, failure, page, transport, v1_cluster
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import UnreadableAnswer
from bot.ionos.pagination import MAX_WALKS, PAGE_CEILING
from bot.ionos.v1.client import V1Client

pytestmark = pytest.mark.anyio


def build_cloud(
    total: int, *, cap: int = 1000, says_count: bool = False, limit: int | None = None
) -> FakeCloud:
    """Return a contract with `total` clusters whose server puts at most `cap` on a page."""

    def answer(request: httpx.Request) -> httpx.Response:
        offset, requested = int(request.url.params["offset"]), int(request.url.params["limit"])
        size = min(requested, cap)
        items = [v1_cluster(number) for number in range(offset, min(offset + size, total))]
        return page(items, limit=len(items) if says_count else (limit or size), offset=offset)

    return FakeCloud(answer)


async def list_all(cloud):
    return await V1Client(transport(cloud), V1_PLACE).clusters()


@pytest.mark.parametrize(
    ("total", "calls"), [(0, 1), (1, 1), (99, 1), (100, 2), (999, 2), (1000, 2), (1001, 2), (2500, 4)]
)
async def test_every_page_is_read_and_the_next_link_is_not_believed(total, calls):
    cloud = build_cloud(total)

    listing = await list_all(cloud)

    assert len({cluster.id for cluster in listing.items}) == total
    assert listing.gaps == ()
    assert len(cloud.requests) == calls


async def test_a_server_that_caps_its_pages_loses_nothing():
    assert len((await list_all(build_cloud(250, cap=100))).items) == 250


async def test_a_server_that_caps_its_pages_and_repeats_the_limit_it_was_asked_for_loses_nothing():
    cloud = build_cloud(250, cap=100, limit=1000)

    listing = await list_all(cloud)

    assert len(listing.items) == 250
    assert listing.gaps == ()
    assert len(cloud.requests) == 3


async def test_a_list_that_ends_with_a_full_page_of_a_capping_server_ends_at_the_empty_one():
    cloud = build_cloud(200, cap=100, limit=1000)

    listing = await list_all(cloud)

    assert (len(listing.items), listing.gaps, len(cloud.requests)) == (200, (), 3)


async def test_a_page_that_gives_its_number_of_items_as_limit_costs_one_more_call():
    cloud = build_cloud(3, says_count=True)

    listing = await list_all(cloud)

    assert len(listing.items) == 3
    assert listing.gaps == ()
    assert len(cloud.requests) == 2


async def test_an_api_that_gives_the_same_page_for_ever_is_stopped_and_said():
    cloud = FakeCloud(lambda _request: page([v1_cluster(number) for number in range(1000)]))

    listing = await list_all(cloud)

    assert len(listing.items) == 1000
    assert [gap.why for gap in listing.gaps] == ["the same page was returned repeatedly; the rest is unknown"]
    assert len(cloud.requests) == 2


async def test_an_api_that_always_has_more_is_stopped_at_the_ceiling_and_said():
    cloud = build_cloud(10**9, cap=5)

    listing = await list_all(cloud)

    assert [gap.why for gap in listing.gaps] == [f"the list did not end after {PAGE_CEILING} pages"]
    assert len(cloud.requests) == PAGE_CEILING


def changing_cloud(total, changes, size=1000):
    """Return a contract, and the numbers of its clusters, which change once before each later page."""
    numbers, coming = list(range(total)), list(changes)

    def answer(request):
        offset = int(request.url.params["offset"])
        if offset and coming:
            coming.pop(0)(numbers)
        return page([v1_cluster(each) for each in numbers[offset : offset + size]], limit=size, offset=offset)

    return FakeCloud(answer), numbers


def remove(place):
    return lambda numbers: numbers.pop(place % len(numbers)) if numbers else None


def insert(place):
    return lambda numbers: numbers.insert(place, 10_000 + len(numbers))


def names(numbers):
    return {f"cluster {each}" for each in numbers}


@pytest.mark.parametrize(
    "change", [remove(5), remove(999), insert(0), list.reverse], ids=["before", "end", "new", "order"]
)
async def test_a_list_whose_pages_move_while_it_is_read_is_read_again(change):
    cloud, numbers = changing_cloud(1_500, [change])

    listing = await list_all(cloud)

    assert ({each.name for each in listing.items}, listing.gaps) == (names(numbers), ())
    assert len(cloud.requests) == 5


async def test_a_list_that_changes_each_time_names_the_gap():
    cloud, _ = changing_cloud(1_500, [remove(5)] * 9)

    listing = await list_all(cloud)

    assert [each.why for each in listing.gaps] == [
        "the list changed each time it was read; entries may be missing"
    ]
    assert len(cloud.requests) == 2 * MAX_WALKS


@settings(max_examples=50, deadline=None)
@given(
    total=st.integers(0, 14),
    size=st.integers(2, 5),
    changes=st.lists(
        st.builds(lambda kind, place: kind(place), st.sampled_from([remove, insert]), st.integers(0, 14))
    ),
)
async def test_no_cluster_that_was_there_all_the_time_is_missing_without_a_gap(total, size, changes):
    cloud, numbers = changing_cloud(total, changes, size)

    listing = await list_all(cloud)

    lasting = set(range(total)) & set(numbers)
    assert listing.gaps or names(lasting) <= {each.name for each in listing.items}


async def test_a_later_page_that_fails_leaves_what_was_read_and_says_so():
    def answer(request):
        full = [v1_cluster(number) for number in range(1000)]
        return failure(500) if int(request.url.params["offset"]) else page(full)

    listing = await list_all(FakeCloud(answer))

    assert len(listing.items) == 1000
    assert [gap.where for gap in listing.gaps] == ["v1 (contract main)"]
    assert "only the first 1000 could be read" in listing.gaps[0].why


async def test_entries_that_cannot_be_addressed_are_counted():
    nameless = v1_cluster(2)
    del nameless["id"]

    listing = await list_all(FakeCloud(lambda _request: page([v1_cluster(1), nameless, 5])))

    assert len(listing.items) == 1
    assert [gap.why for gap in listing.gaps] == ["2 entries of the list could not be read"]


@pytest.mark.parametrize("answer", [httpx.Response(200, json={}), httpx.Response(200, html="<p>hello")])
async def test_what_is_no_list_is_an_error_and_not_an_empty_list(answer):
    with pytest.raises(UnreadableAnswer):
        await list_all(
            FakeCloud(lambda _request: httpx.Response(200, headers=answer.headers, content=answer.content))
        )
