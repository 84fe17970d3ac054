"""The client's writes to the simulator, followed to their end."""

from dataclasses import replace

import pytest
from api_site import (
    BOB,
    PASSWORD,
    PRIMARY,
    backup_id,
    new_cluster,
    open_site,
    some_target,
)
from cloud_settings import PESSIMISTIC

from bot.demo.cloud.switches import Switches
from bot.domain.cluster import Api
from bot.domain.cluster_spec import ClusterChange, RestoreTo
from bot.ionos.wait import GONE, WaitGoal

pytestmark = pytest.mark.anyio
BEHAVIOURS = [
    pytest.param(Switches(), id="documented"),
    pytest.param(PESSIMISTIC, id="pessimistic"),
]

GONE_GOAL = WaitGoal(states=frozenset({GONE}))


@pytest.mark.parametrize("api", list(Api))
async def test_a_cluster_is_created_followed_and_deleted(api):
    site = open_site()
    credentials = BOB if api is Api.V1 else PRIMARY

    made = await site.fleet.create(new_cluster(api, site), credentials)
    waited = await site.fleet.wait_for(made)

    assert waited.reached
    assert (waited.cluster.name, waited.cluster.ram_mb, waited.cluster.storage_mb) == (
        "brand-new",
        4096,
        20480,
    )
    assert site.record("brand-new").credentials.password == PASSWORD

    await site.fleet.delete(made)
    waited = await site.fleet.wait_for(made, GONE_GOAL)
    assert (waited.reached, waited.cluster) == (True, None)


@pytest.mark.parametrize("api", list(Api))
async def test_a_cluster_is_created_from_a_backup(api):
    site = open_site()
    name = "orders-prod" if api is Api.V1 else "payments-prod"
    source = RestoreTo(backup_id=backup_id(site, name))

    made = await site.fleet.create(
        replace(new_cluster(api, site), from_backup=source), BOB if api is Api.V1 else PRIMARY
    )

    assert (await site.fleet.wait_for(made)).reached
    assert [restore.source_cluster_id for restore in site.record("brand-new").restores] == [
        site.record(name).id
    ]


@pytest.mark.parametrize("switches", BEHAVIOURS)
async def test_a_v1_change_is_followed_past_the_old_available(switches):
    site = open_site()
    site.cloud.switches = switches
    cluster = await site.named("orders-prod")

    await site.fleet.change(cluster, ClusterChange(ram_mb=16384, storage_mb=204800, pooler="session"))
    waited = await site.fleet.wait_for(cluster)

    assert waited.reached
    assert (waited.cluster.ram_mb, waited.cluster.storage_mb, waited.cluster.pooler) == (
        16384,
        204800,
        "session",
    )
    assert site.record("orders-prod").phase == "AVAILABLE"


async def test_a_passing_failed_on_v1_is_waited_out():
    site = open_site()
    site.cloud.switches = Switches(v1_transient_failed=True)
    cluster = await site.named("orders-prod")

    await site.fleet.change(cluster, ClusterChange(cores=8))

    assert (await site.fleet.wait_for(cluster)).reached


@pytest.mark.parametrize("switches", BEHAVIOURS)
async def test_a_v1_cluster_is_detached_and_attached_again(switches):
    site = open_site()
    site.cloud.switches = switches
    cluster = await site.named("orders-prod")

    await site.fleet.change(cluster, ClusterChange(detach=True))
    assert (await site.fleet.wait_for(cluster)).cluster.connections == ()
    await site.fleet.change(cluster, ClusterChange(connection=cluster.connections[0]))
    assert (await site.fleet.wait_for(cluster)).cluster.connections == cluster.connections


@pytest.mark.parametrize("shows", ["never", "always", "both_forms"])
async def test_a_v2_change_keeps_everything_else_and_restores_nothing(shows):
    site = open_site()
    site.cloud.switches = Switches(v2_shows_restore=shows)
    cluster = await site.named("payments-prod")
    own = replace(PRIMARY, username="payments", database="payments")
    await site.fleet.restore(cluster, some_target(site), own)
    before = (await site.fleet.wait_for(cluster)).cluster

    await site.fleet.change(cluster, ClusterChange(cores=8), own)
    after = (await site.fleet.wait_for(cluster)).cluster

    assert after == replace(before, cores=8, modified_at=after.modified_at, modified_by=after.modified_by)
    assert len(site.record("payments-prod").restores) == 1
    assert site.record("payments-prod").credentials.password == PASSWORD


async def test_a_v1_restore_in_place_leaves_a_new_backup():
    site = open_site()
    cluster = await site.named("orders-prod")
    before = {backup.id for backup in (await site.fleet.backups(cluster)).items}

    await site.fleet.restore(cluster, RestoreTo(backup_id=backup_id(site, "orders-prod")))
    waited = await site.fleet.wait_for(cluster)

    after = {backup.id for backup in (await site.fleet.backups(cluster)).items}
    assert waited.reached
    assert before < after
    assert len(site.record("orders-prod").restores) == 1
