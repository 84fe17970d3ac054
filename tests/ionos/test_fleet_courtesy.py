"""The fleet's restraint: no repeated or vain requests, no fast deletes, no kept connections."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from api_fakes import (
    StepClock,
    failure,
    fleet,
    page,
    v1_cluster,
    v2_cluster,
)
from api_site import open_site
from api_values import both_apis
from pydantic import SecretStr

from bot.demo.cloud.switches import Switches
from bot.domain.cluster_spec import Credentials, LogWindow, RestoreTo
from bot.domain.errors import BadArgument, NotOffered

pytestmark = pytest.mark.anyio

AT = datetime(2026, 11, 20, 10, 0)  # noqa: DTZ001  without a zone on purpose
USER = Credentials(username="orders", password=SecretStr("Long-enough-1!"), database="orders")


async def test_pickers_share_a_listing_for_half_a_minute():
    asked, clock = both_apis([v1_cluster(1)]), StepClock()
    picked = fleet(asked, clock)

    assert (await picked.recent_clusters()) is (await picked.recent_clusters())
    assert len(asked.requests) == 10
    await clock.sleep(31)
    await picked.recent_clusters()
    assert len(asked.requests) == 20


async def test_probe_says_what_answers_and_what_to_do_about_the_rest():
    listing = await fleet(both_apis([], lambda _request: failure(401), "us-mci")).probe()

    assert len(listing.items) == 9
    assert "v1 (contract main)" in listing.items
    assert [gap.where for gap in listing.gaps] == ["v2 us/mci (contract main)"]
    assert "Check the contract's token" in listing.gaps[0].why


async def test_what_v2_lacks_is_refused_with_the_substitute_and_without_a_call():
    asked = both_apis([], [v2_cluster(1)])
    one = fleet(asked)
    cluster = (await one.clusters()).items[0]
    asked.requests.clear()

    for attempt, substitute in [
        (one.users(cluster), "user create"),
        (one.create_user(cluster, USER), "user create"),
        (one.change_password(cluster, USER), "user password"),
        (one.delete_user(cluster, "a"), "user delete"),
        (one.user(cluster, "a"), "user create"),
        (one.databases(cluster), "database create"),
        (one.database(cluster, "a"), "database create"),
        (one.create_database(cluster, "a", "b"), "database create"),
        (one.delete_database(cluster, "a"), "database delete"),
        (one.logs(cluster, LogWindow()), "observability"),
        (one.restore(cluster, RestoreTo(backup_id="b"), USER), "only the target time"),
    ]:
        with pytest.raises(NotOffered) as caught:
            await attempt
        assert substitute in caught.value.next_step

    assert asked.requests == []


async def test_deletions_in_one_cluster_are_ten_seconds_apart():
    clock = StepClock()
    asked = both_apis(
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


@pytest.mark.parametrize("window", [{"start": AT}, {"end": AT}, {"start": AT, "end": AT.replace(tzinfo=UTC)}])
async def test_a_log_window_without_zone_is_refused_in_words(window):
    one = fleet(both_apis([v1_cluster(1)]))
    cluster = (await one.clusters()).items[0]

    with pytest.raises(BadArgument, match="zone"):
        await one.logs(cluster, LogWindow(**window))


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=30), timedelta(seconds=-30)])
async def test_the_whole_month_of_logs_is_asked_for_as_the_api_spells_it(late):
    site = open_site()
    site.cloud.switches = Switches(v1_log_range="refuse")
    cluster, now = await site.named("orders-prod"), site.clock.now()
    window = LogWindow(start=now - timedelta(days=30) - late, end=now, direction="FORWARD")
    await site.clock.sleep(1)

    lines = (await site.fleet.logs(cluster, window)).items

    assert min(line.at for line in lines) < now - timedelta(days=20)


async def test_the_windows_edges_are_left_to_the_api_and_nothing_else_is():
    seen = []

    def answer(request):
        if request.url.path.endswith("/logs"):
            seen.append({name: request.url.params.get(name) for name in ("start", "end")})
            return httpx.Response(200, json={"instances": []})
        return page([v1_cluster(1)])

    clock = StepClock()
    one, now = fleet(both_apis(answer, []), clock), clock.now()
    cluster = (await one.clusters()).items[0]
    for start, end in ((30, 0), (29.9, 0.1)):
        window = LogWindow(start=now - timedelta(days=start), end=now - timedelta(days=end))
        assert (await one.logs(cluster, window)).items == ()

    inside = {"start": "2026-10-24T11:24:00.000Z", "end": "2026-11-23T06:36:00.000Z"}
    assert seen == [{"start": None, "end": None}, inside]


async def test_logs_of_another_time_are_refused_before_a_call():
    clock = StepClock()
    one = fleet(both_apis([v1_cluster(1)]), clock)
    cluster = (await one.clusters()).items[0]

    with pytest.raises(BadArgument, match="30 days"):
        await one.logs(cluster, LogWindow(start=clock.now() - timedelta(days=31)))
    with pytest.raises(BadArgument, match="30 days"):
        await one.logs(cluster, LogWindow(end=clock.now() - timedelta(days=30)))
    with pytest.raises(BadArgument, match="before its end"):
        await one.logs(cluster, LogWindow(start=clock.now(), end=clock.now()))
    with pytest.raises(BadArgument, match="future"):
        await one.logs(cluster, LogWindow(end=clock.now() + timedelta(hours=1)))
