"""Lists end where they end, whatever their links say, and never in silence when they could not be read."""

import httpx
import pytest
from api_fakes import V1_PLACE, FakeCloud, failure, page, transport, v1_cluster

from bot.domain.errors import UnreadableAnswer
from bot.ionos.pagination import PAGE_CEILING
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
    assert [gap.why for gap in listing.gaps] == [
        "the same page came again and again; what follows it is not known"
    ]
    assert len(cloud.requests) == 2


async def test_an_api_that_always_has_more_is_stopped_at_the_ceiling_and_said():
    cloud = build_cloud(10**9, cap=5)

    listing = await list_all(cloud)

    assert [gap.why for gap in listing.gaps] == [f"the list did not end after {PAGE_CEILING} pages"]
    assert len(cloud.requests) == PAGE_CEILING


async def test_a_cluster_that_slips_to_the_next_page_is_listed_once():
    first = [v1_cluster(number) for number in range(1000)]
    second = [v1_cluster(999), v1_cluster(1000)]
    cloud = FakeCloud(lambda request: page(second if int(request.url.params["offset"]) else first))

    listing = await list_all(cloud)

    assert len(listing.items) == 1001
    assert listing.gaps == ()


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
