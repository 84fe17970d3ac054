"""The client's core flows under every setting of every switch."""

from dataclasses import replace

import pytest
from api_site import BOB, PASSWORD, PRIMARY, Site, new_cluster, open_site
from cloud_settings import OTHERS
from pydantic import SecretStr

from bot.demo.cloud.switches import Switches
from bot.domain.cluster import Api, Cluster
from bot.domain.cluster_spec import ClusterChange, RestoreTo
from bot.domain.errors import NotFound
from bot.ionos.wait import GONE, WaitGoal

pytestmark = pytest.mark.anyio
OWN = {name: replace(PRIMARY, username=name, database=name) for name in ("orders", "payments")}
MAIN = [("orders-prod", OWN["orders"]), ("payments-prod", OWN["payments"])]
ANOTHER = SecretStr("Canary-8!longer")


def under(switch: str, setting: object) -> Site:
    """Open the simulator and its client with this one switch changed."""
    site = open_site(clusters=12, regions=("de/txl", "de/fra"))
    site.cloud.switches = Switches(**{switch: setting})
    return site


async def settled(site: Site, cluster: Cluster) -> Cluster:
    """Wait for the cluster's work and return it."""
    waited = await site.fleet.wait_for(cluster)
    assert waited.reached, waited.words
    return waited.cluster


async def read(site: Site, name: str) -> Cluster:
    """Return the cluster, which must be the same in the list and by itself."""
    listing = await site.fleet.clusters()
    assert listing.gaps == ()
    found = [each for each in listing.items if each.name == name]
    assert len(found) == 1
    alone = await site.fleet.cluster(found[0])
    assert replace(found[0], also_in=()) == alone
    return found[0]


async def change(site: Site, cluster: Cluster, credentials) -> None:
    await site.fleet.change(cluster, ClusterChange(cores=cluster.cores + 1), credentials)
    after = await settled(site, cluster)
    assert replace(after, modified_at=None, modified_by=None, also_in=()) == replace(
        cluster, cores=cluster.cores + 1, modified_at=None, modified_by=None, also_in=()
    )


async def users(site: Site, cluster: Cluster) -> None:
    fleet, record = site.fleet, site.record(cluster.name)
    await fleet.create_user(cluster, BOB)
    await settled(site, cluster)
    assert "bob" in {user.name for user in (await fleet.users(cluster)).items}
    await fleet.change_password(cluster, replace(BOB, password=ANOTHER))
    await settled(site, cluster)
    ignored = site.cloud.switches.v1_password_change_ignored
    assert record.users["bob"].password == (PASSWORD if ignored else ANOTHER.get_secret_value())
    await fleet.create_database(cluster, "fresh", "bob")
    await settled(site, cluster)
    assert "fresh" in {database.name for database in (await fleet.databases(cluster)).items}
    await fleet.delete_database(cluster, "fresh")
    await fleet.delete_user(cluster, "bob")
    with pytest.raises(NotFound):
        await fleet.user(cluster, "bob")


async def restore(site: Site, cluster: Cluster, credentials) -> None:
    target = site.clock.now().replace(hour=8, microsecond=0)
    backup = (await site.fleet.backups(cluster)).items[0]
    order = RestoreTo(target=target, backup_id=backup.id if cluster.api is Api.V1 else None)
    await site.fleet.restore(cluster, order, credentials)
    await settled(site, cluster)
    assert [done.target for done in site.record(cluster.name).restores] == [target]


async def delete(site: Site, cluster: Cluster) -> None:
    await site.fleet.delete(cluster)
    waited = await site.fleet.wait_for(cluster, WaitGoal(states=frozenset({GONE})))
    assert (waited.reached, site.cloud.find(cluster.id)) == (True, None)


async def whole_life(site: Site, name: str, credentials) -> None:
    cluster = await read(site, name)
    await change(site, cluster, credentials)
    if cluster.api is Api.V1:
        await users(site, cluster)
    await restore(site, cluster, credentials)
    await delete(site, cluster)
    assert name not in {each.name for each in (await site.fleet.clusters()).items}


def test_there_are_settings_to_run_under():
    assert len(OTHERS) > 40


@pytest.mark.parametrize(("switch", "setting"), [("sort", "created"), *OTHERS])
async def test_the_core_flows(switch, setting):
    """The first row is all defaults: one client must work with every setting."""
    site = under(switch, setting)

    for name, credentials in MAIN:
        await whole_life(site, name, credentials)


@pytest.mark.parametrize(("switch", "setting"), [("sort", "created"), *OTHERS])
async def test_a_cluster_of_either_api_is_created(switch, setting):
    site = under(switch, setting)

    for api, credentials in ((Api.V1, BOB), (Api.V2, PRIMARY)):
        made = await site.fleet.create(replace(new_cluster(api, site), name=f"new-{api}"), credentials)
        await settled(site, made)

        assert (await read(site, f"new-{api}")).id == made.id


@pytest.mark.parametrize("switch", ["v1_clusters_in_v2", "v2_clusters_in_v1"])
async def test_what_both_apis_show_is_one_cluster_and_worked_on_through_v1(switch):
    """v1 answers for it, so that v1's functions stay available and no PUT sets its primary password."""
    site = under(switch, setting=True)
    name, credentials = MAIN[0] if switch == "v1_clusters_in_v2" else MAIN[1]
    before = site.record(name).credentials

    cluster = await read(site, name)
    await site.fleet.change(cluster, ClusterChange(cores=6), credentials)

    assert (cluster.api, cluster.also_in) == (Api.V1, (Api.V2,))
    assert [(post["api"], post["method"]) for post in site.cloud.posts.rows()] == [("v1", "PATCH")]
    assert site.record(name).credentials == before
