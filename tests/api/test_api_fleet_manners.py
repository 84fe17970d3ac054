"""What the fleet does not do: ask twice, ask in vain, delete too fast, or keep connections."""

from datetime import timedelta

import httpx
import pytest
from api_fakes import (
    FakeCloud,
    StepClock,
    failure,
    fleet,
    page,
    v1_cluster,
    v2_cluster,
)
from pydantic import SecretStr

from bot.errors import BadArgument, NotOffered
from bot.wanted import Credentials, LogWindow, RestoreTo

pytestmark = pytest.mark.anyio

USER = Credentials(username="orders", password=SecretStr("Long-enough-1!"), database="orders")


def is_v1(request: httpx.Request) -> bool:
    return request.url.path.startswith("/databases/postgresql")


def cloud(v1=None, v2=None, region: str = "de-txl") -> FakeCloud:
    """Lists and single reads of these clusters; a callable answers in their place."""

    def answer(request):
        source = v1 if is_v1(request) else v2 if request.url.path.startswith(f"/{region}/") else []
        if callable(source):
            return source(request)
        if request.url.path.endswith("/clusters"):
            return page(source or [])
        wanted = [each for each in source or [] if request.url.path.endswith(f"/clusters/{each['id']}")]
        return httpx.Response(200, json=wanted[0]) if wanted else failure(404)

    return FakeCloud(answer)


async def test_pickers_share_a_listing_for_half_a_minute():
    asked, clock = cloud([v1_cluster(1)]), StepClock()
    picked = fleet(asked, clock)

    assert (await picked.recent_clusters()) is (await picked.recent_clusters())
    assert len(asked.requests) == 10
    await clock.sleep(31)
    await picked.recent_clusters()
    assert len(asked.requests) == 20


async def test_probe_says_what_answers_and_what_to_do_about_the_rest():
    listing = await fleet(cloud([], lambda _request: failure(401), "us-mci")).probe()

    assert len(listing.items) == 9
    assert "v1 (contract main)" in listing.items
    assert [gap.where for gap in listing.gaps] == ["v2 us/mci (contract main)"]
    assert "Check the contract's token" in listing.gaps[0].why


async def test_what_v2_lacks_is_refused_with_the_substitute_and_without_a_call():
    asked = cloud([], [v2_cluster(1)])
    one = fleet(asked)
    cluster = (await one.clusters()).items[0]
    asked.requests.clear()

    for attempt, substitute in [
        (one.users(cluster), "CREATE ROLE"),
        (one.create_user(cluster, USER), "CREATE ROLE"),
        (one.change_password(cluster, USER), "ALTER ROLE"),
        (one.delete_user(cluster, "a"), "DROP ROLE"),
        (one.user(cluster, "a"), "ROLE"),
        (one.databases(cluster), "CREATE DATABASE"),
        (one.database(cluster, "a"), "DATABASE"),
        (one.create_database(cluster, "a", "b"), "CREATE DATABASE"),
        (one.delete_database(cluster, "a"), "DROP DATABASE"),
        (one.logs(cluster, LogWindow()), "observability"),
        (one.restore(cluster, RestoreTo(backup_id="b"), USER), "only the time"),
    ]:
        with pytest.raises(NotOffered) as caught:
            await attempt
        assert substitute in caught.value.next_step

    assert asked.requests == []


async def test_deletions_in_one_cluster_are_ten_seconds_apart():
    clock = StepClock()
    asked = cloud(
        lambda request: httpx.Response(204) if request.method == "DELETE" else page([v1_cluster(1)])
    )
    one = fleet(asked, clock)
    cluster = (await one.clusters()).items[0]
    clock.slept.clear()

    await one.delete_user(cluster, "a")
    assert clock.slept == []
    await one.delete_user(cluster, "b")
    await clock.sleep(4)
    await one.delete_database(cluster, "c")

    assert clock.slept == [10, 4, 6]
    assert len(asked.sent("DELETE")) == 3


async def test_logs_of_another_time_are_refused_before_a_call():
    clock = StepClock()
    one = fleet(cloud([v1_cluster(1)]), clock)
    cluster = (await one.clusters()).items[0]

    with pytest.raises(BadArgument, match="30 days"):
        await one.logs(cluster, LogWindow(start=clock.now() - timedelta(days=31)))
    with pytest.raises(BadArgument, match="future"):
        await one.logs(cluster, LogWindow(end=clock.now() + timedelta(hours=1)))
