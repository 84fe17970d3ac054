"""The watch while clusters move under it: none is missed and none reported twice, also across a restart."""

import asyncio
import random
from collections import Counter
from dataclasses import replace

import pytest
from migration_site import reported_clusters
from rule_kit import NOW, READY
from terminal_site import OPERATOR, terminal_site

from bot.demo.cloud.vendor_migration import move
from bot.domain.cluster import Api, Gap
from bot.domain.migration_records import ClusterSighting
from bot.domain.request import Invocation
from bot.programs.kernel import open_kernel
from migrations.v2_presence import PresenceState, V2Presence
from migrations.v2_watch import FleetSnapshot, find_appeared, find_left_v1, find_undetermined

pytestmark = pytest.mark.anyio

IN_V2 = replace(READY, api=Api.V2)
KNOWN = ClusterSighting(cluster=READY)
V2_SILENT = Gap(where="v2 de/txl", why="it answers 503", api=Api.V2, region="de/txl")
V1_SILENT = Gap(where="v1", why="it answers 503", api=Api.V1)


def seen(*, in_v1=(), in_v2=(), gaps=(), accounts=None):
    return FleetSnapshot(
        in_v1=in_v1,
        in_v2=in_v2,
        gaps=gaps,
        accounts={READY.contract: "today's"} if accounts is None else accounts,
    )


SEEN_BY_ID = V2Presence(PresenceState.VISIBLE, "same id", IN_V2)
NOWHERE = V2Presence(PresenceState.PENDING, "not visible in v2")


def left(where):
    return ((READY, where),)


async def news(kernel, key):
    """Return the names that one look reports."""
    invocation = Invocation(
        key=key,
        trace=key,
        actor=OPERATOR,
        channel="C0OPS",
        text="migration watch",
        at=kernel.clock.now(),
    )
    reply = await kernel.dispatcher.dispatch(invocation)
    assert reply.ok, reply
    return [name for name, _ in reported_clusters(reply)]


@pytest.mark.parametrize(("seed", "still_in_v1"), [(1, False), (2, True)])
async def test_clusters_that_move_while_the_watch_runs_are_told_of_once(
    tmp_path, monkeypatch, seed, still_in_v1
):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
        cloud = terminal.cloud
        await news(terminal.kernel, "slot:first")
        moving = [each for each in cloud.everything() if each.api == "v1" and each.network]
        chance.shuffle(moving)
        moving = moving[:18]
        if still_in_v1:
            cloud.switches = replace(cloud.switches, v2_clusters_in_v1=True)
        found = Counter()

        async def vendor():
            for each in moving:
                for _ in range(chance.randrange(40)):
                    await asyncio.sleep(0)
                move(cloud, each)

        vendor_at_work = asyncio.create_task(vendor())
        for number in range(4):
            found.update(await news(terminal.kernel, f"slot:{number}"))
        while not vendor_at_work.done():
            two = await asyncio.gather(
                news(terminal.kernel, f"a:{found.total()}"), news(terminal.kernel, f"b:{found.total()}")
            )
            found.update(two[0] + two[1])
        await terminal.kernel.database.close()
        async with open_kernel(terminal.kernel.setup, terminal.kernel.clock) as restarted:
            found.update(await news(restarted, "slot:last"))

    assert found == Counter(each.name for each in moving)


def test_only_what_is_known_and_not_told_of_has_appeared():
    gone_by = replace(KNOWN, appeared_at=NOW)
    other = replace(IN_V2, id="another", dns_name=None, connections=())

    (found,) = find_appeared([KNOWN], seen(in_v2=(other, IN_V2)))

    assert (found.cluster, found.counterpart, found.how) == (READY, IN_V2, "same id")
    assert find_appeared([gone_by], seen(in_v2=(IN_V2,))) == ()
    assert find_appeared([KNOWN], seen(in_v2=(other,))) == ()


def test_a_successor_under_another_id_is_found_by_host_name_or_network():
    other = replace(IN_V2, id="another")

    by_host = find_appeared([KNOWN], seen(in_v2=(replace(other, connections=()),)))
    by_network = find_appeared([KNOWN], seen(in_v2=(replace(other, dns_name=None),)))

    assert [each.how for each in by_host] == ["same host name, with the id another"]
    assert [each.how for each in by_network] == ["same network, with the id another"]


def test_a_cluster_with_a_probable_successor_appears_once_more_by_its_own_id():
    other = replace(IN_V2, id="another")
    known = replace(KNOWN, appeared_at=NOW, counterpart=other, how="same network")

    assert find_appeared([known], seen(in_v2=(other,))) == ()
    assert [each.how for each in find_appeared([known], seen(in_v2=(other, IN_V2)))] == ["same id"]


def test_two_known_clusters_never_share_a_successor():
    rival = ClusterSighting(cluster=replace(READY, id="rival"))
    now = seen(in_v2=(replace(IN_V2, id="another"),))

    assert find_appeared([KNOWN, rival], now) == ()
    assert find_undetermined([KNOWN, rival], now) == (READY, rival.cluster)
    assert find_left_v1([KNOWN, rival], now) == ()


def test_a_region_that_does_not_answer_leaves_its_clusters_undetermined():
    assert find_undetermined([KNOWN], seen(gaps=(V2_SILENT,))) == (READY,)
    assert find_undetermined([KNOWN], seen(in_v2=(IN_V2,), gaps=(V2_SILENT,))) == ()
    assert find_undetermined([KNOWN], seen()) == ()
    assert find_undetermined([replace(KNOWN, appeared_at=NOW)], seen(gaps=(V2_SILENT,))) == ()


def test_a_cluster_has_left_v1_only_where_v1_was_asked_and_v2_could_tell():
    assert find_left_v1([KNOWN], seen(in_v1=(READY,))) == ()
    assert find_left_v1([KNOWN], seen(in_v2=(IN_V2,))) == left(SEEN_BY_ID)
    assert find_left_v1([KNOWN], seen()) == left(NOWHERE)
    assert find_left_v1([KNOWN], seen(in_v2=(IN_V2,), gaps=(V1_SILENT,))) == ()
    assert find_left_v1([KNOWN], seen(gaps=(V2_SILENT,))) == ()


@pytest.mark.parametrize("accounts", [{}, {READY.contract: "another"}])
def test_a_cluster_that_another_account_has_shown_is_not_gone(accounts):
    known = replace(KNOWN, account="earlier")

    assert find_left_v1([known], seen(accounts=accounts)) == ()
    assert find_left_v1([known], seen(accounts=accounts, in_v2=(IN_V2,))) == left(SEEN_BY_ID)
    assert find_left_v1([known], seen(accounts={READY.contract: "earlier"})) == left(NOWHERE)
