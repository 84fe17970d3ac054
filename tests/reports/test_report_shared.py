"""Reports that are due together read the cloud once."""

import asyncio
from datetime import timedelta

import pytest
from one_contract import DEMO_SETTINGS
from terminal_site import terminal_site

from bot.domain.cluster import Api
from bot.domain.errors import CloudError
from bot.ionos.read_cache import TimedCache
from bot.reports.job import MAX_LISTING_AGE

pytestmark = pytest.mark.anyio
CONTRACTS = 3


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch, settings=DEMO_SETTINGS) as terminal:
        yield terminal


def readings(fleet, cluster):
    return [
        fleet.sightings,
        fleet.clusters,
        fleet.all_backups,
        fleet.versions,
        fleet.backup_locations,
        lambda: fleet.users(cluster),
        lambda: fleet.users(cluster, system=True),
        lambda: fleet.databases(cluster),
    ]


async def asked(terminal, fleet, cluster, times=1):
    """Return the number of cloud calls for everything that is shared, read this many times at once."""
    before = terminal.cloud.calls.count()
    await asyncio.gather(*(read() for read in readings(fleet, cluster) * times))
    return terminal.cloud.calls.count() - before


async def a_cluster(terminal):
    listing = await terminal.kernel.fleet.clusters()
    return next(each for each in listing.items if each.api is Api.V1)


async def test_a_crowd_of_reports_asks_as_often_as_one(terminal):
    cluster = await a_cluster(terminal)
    alone = await asked(
        terminal, terminal.kernel.fleet.cached(TimedCache(terminal.kernel.clock, MAX_LISTING_AGE)), cluster
    )
    shared = terminal.kernel.fleet.cached(TimedCache(terminal.kernel.clock, MAX_LISTING_AGE))

    assert await asked(terminal, shared, cluster, 20) == alone
    assert await asked(terminal, shared, cluster) == 0


async def test_a_minute_later_everything_is_read_afresh(terminal):
    cluster = await a_cluster(terminal)
    shared = terminal.kernel.fleet.cached(TimedCache(terminal.kernel.clock, MAX_LISTING_AGE))
    first = await asked(terminal, shared, cluster)

    terminal.kernel.clock.advance(timedelta(seconds=MAX_LISTING_AGE))
    assert await asked(terminal, shared, cluster) == 0
    terminal.kernel.clock.advance(timedelta(seconds=1))
    assert await asked(terminal, shared, cluster) == first


async def test_a_region_that_is_silent_is_asked_once_for_all(terminal):
    await terminal.fault(kind="status", status=403, api="v2", region="fr-par")
    shared = terminal.kernel.fleet.cached(TimedCache(terminal.kernel.clock, MAX_LISTING_AGE))
    before = terminal.cloud.calls.count(api="v2", region="fr-par")

    found = await asyncio.gather(*(shared.clusters() for _ in range(20)))
    once = terminal.cloud.calls.count(api="v2", region="fr-par") - before

    assert all([gap.where for gap in each.gaps] == [gap.where for gap in found[0].gaps] for each in found)
    assert found[0].gaps
    assert once == CONTRACTS


async def test_what_cannot_be_read_at_all_is_read_by_the_next(terminal):
    cluster = await a_cluster(terminal)
    shared = terminal.kernel.fleet.cached(TimedCache(terminal.kernel.clock, MAX_LISTING_AGE))
    await terminal.fault(kind="status", status=403, path="/clusters/*/databases", times=1)

    with pytest.raises(CloudError):
        await shared.databases(cluster)
    assert (await shared.databases(cluster)).items
