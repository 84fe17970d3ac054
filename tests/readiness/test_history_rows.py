"""Records stored between two runs: new verdicts, waivers, and sightings."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from rule_kit import NOW, READY

from bot.domain.cluster import Api, Cluster
from bot.domain.migration_records import ClusterVerdict, ReadinessRun, Waiver
from bot.readiness.store import SightingRows, SnapshotRows, WaiverRows
from bot.runtime.database.database import SqliteDatabase

pytestmark = pytest.mark.anyio

ORDERS = ClusterVerdict(
    cluster_id="a",
    name="orders-prod",
    contract="shop",
    region="de/txl",
    owner="@alice",
    tier="prod",
    standing="pending",
    verdict="blocked",
    worst="PGR020",
)
WAIVER = Waiver(
    rule="PGR020", cluster="a", until=NOW + timedelta(days=30), owner="U0ALICE", reason="it is agreed"
)


@dataclass(frozen=True)
class Appeared:
    cluster: Cluster
    counterpart: Cluster
    how: str = "same id"


IN_BOTH = Appeared(READY, replace(READY, api=Api.V2, name="moved"))


@pytest.fixture
async def database(tmp_path):
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    yield database
    await database.close()


def run(days=0):
    return ReadinessRun(at=NOW + timedelta(days=days), clusters=1, rules=46, gaps=0)


async def test_the_first_run_knows_nothing_of_before(database):
    before = await SnapshotRows(database).keep(run(), [ORDERS])

    assert (before.at, before.kept) == (None, {})


async def test_a_run_is_told_what_the_last_one_kept(database):
    rows = SnapshotRows(database)
    await rows.keep(run(), [ORDERS])

    before = await rows.keep(run(1), [ORDERS])

    assert before.at == NOW
    assert before.kept["a"].verdict == ORDERS
    assert [each.at for each in await rows.runs()] == [NOW, NOW + timedelta(days=1)]


async def test_what_says_nothing_new_makes_no_row(database):
    rows = SnapshotRows(database)
    for day in range(3):
        await rows.keep(run(day), [ORDERS])

    assert [each.at for each in await rows.verdicts()] == [NOW]


async def test_the_word_of_an_earlier_release_is_todays_and_no_news(database):
    rows = SnapshotRows(database)
    await rows.keep(run(), [replace(ORDERS, verdict="cannot tell")])
    today = replace(ORDERS, verdict="inconclusive")

    before = await rows.keep(run(1), [today])

    assert before.kept["a"].verdict == today
    assert [(each.verdict, each.at, each.since) for each in await rows.verdicts()] == [(today, NOW, NOW)]


async def test_a_verdict_holds_since_its_word_began_whatever_else_changes(database):
    rows = SnapshotRows(database)
    await rows.keep(run(), [ORDERS])
    await rows.keep(run(1), [replace(ORDERS, worst="PGR030")])
    await rows.keep(run(2), [replace(ORDERS, verdict="ready", worst="")])

    assert [(each.at - NOW).days for each in await rows.verdicts()] == [0, 1, 2]
    assert [(each.since - NOW).days for each in await rows.verdicts()] == [0, 0, 2]


async def test_a_run_that_ends_late_does_not_overtake_one_that_began_later(database):
    rows = SnapshotRows(database)
    await rows.keep(run(1), [ORDERS])
    await rows.keep(run(0), [replace(ORDERS, verdict="ready")])

    assert [each.verdict.verdict for each in await rows.verdicts()] == ["blocked"]


async def test_a_waiver_replaces_the_one_before_and_both_stay_on_record(database):
    rows = WaiverRows(database)
    await rows.give(WAIVER, NOW)
    await rows.give(replace(WAIVER, owner="U0BOB"), NOW)

    assert [each.owner for each in await rows.all()] == ["U0BOB"]
    kept = await database.read(lambda db: list(db["waivers"].rows))
    assert [(row["owner"], row["ended_by"]) for row in kept] == [("U0ALICE", "U0BOB"), ("U0BOB", None)]


async def test_a_waiver_is_taken_back_once(database):
    rows = WaiverRows(database)
    await rows.give(WAIVER, NOW)

    assert await rows.take_back("PGR020", "a", "U0BOB", NOW) == WAIVER
    assert await rows.take_back("PGR020", "a", "U0BOB", NOW) is None
    assert await rows.all() == ()


async def test_a_sighting_keeps_the_whole_cluster_as_v1_last_showed_it(database):
    rows = SightingRows(database)
    await rows.remember([READY], [], NOW, {})
    await rows.remember([replace(READY, cores=8)], [], NOW + timedelta(hours=1), {})

    (known,) = await rows.known()
    assert known.cluster == replace(READY, cores=8)
    assert known.appeared_at is None


async def test_once_it_has_appeared_it_stays_as_it_was(database):
    rows = SightingRows(database)
    await rows.remember([READY], [], NOW, {})
    await rows.appear([IN_BOTH], NOW)
    await rows.appear([replace(IN_BOTH, how="same network")], NOW + timedelta(days=1))
    await rows.remember([replace(READY, cores=8)], [], NOW + timedelta(days=1), {})

    (known,) = await rows.known()
    assert (known.cluster, known.counterpart, known.how) == (READY, IN_BOTH.counterpart, "same id")
    assert known.appeared_at == NOW


async def test_its_own_id_takes_the_place_of_a_probable_successor_and_is_told_once_more(database):
    rows = SightingRows(database)
    successor = replace(IN_BOTH.counterpart, id="another")
    await rows.remember([READY], [], NOW, {})
    await rows.appear([Appeared(READY, successor, "same network, with the id another")], NOW)
    (told,) = await rows.claim("slot:1", lambda _: True)
    await rows.appear([IN_BOTH], NOW + timedelta(days=1))

    (again,) = await rows.claim("slot:2", lambda _: True)
    assert (told.has_successor, again.has_successor) == (True, False)
    assert (again.appeared_at, again.how) == (NOW + timedelta(days=1), "same id")


async def test_what_both_show_when_it_is_first_seen_is_no_news(database):
    rows = SightingRows(database)
    await rows.remember([READY], [IN_BOTH], NOW, {})

    assert await rows.claim("slot:1", lambda _: True) == ()
    assert (await rows.known())[0].appeared_at == NOW


async def test_of_many_that_ask_at_once_one_is_told(database):
    rows = SightingRows(database)
    await rows.remember([READY], [], NOW, {})
    await rows.appear([IN_BOTH], NOW)

    told = await asyncio.gather(*(rows.claim(f"slot:{number}", lambda _: True) for number in range(20)))

    assert sorted(map(len, told)) == [0] * 19 + [1]


async def test_the_same_key_is_told_again_and_who_may_not_see_it_takes_nothing(database):
    rows = SightingRows(database)
    await rows.remember([READY], [], NOW, {})
    await rows.appear([IN_BOTH], NOW)

    assert await rows.claim("hers", lambda _: False) == ()
    assert len(await rows.claim("his", lambda _: True)) == 1
    assert len(await rows.claim("his", lambda _: True)) == 1
