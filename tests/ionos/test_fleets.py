"""The product and the simulator's fleets: every cluster is read, whatever is odd about one."""

import pytest
from api_site import Site, open_site
from pydantic import SecretStr

from bot.demo.cloud.oddities import FLEETS, Oddity
from bot.domain.cluster import Api, Cluster
from bot.ionos.credentials import ContractAccess

pytestmark = pytest.mark.anyio
ACCESSES = tuple(
    ContractAccess(name=name, token=SecretStr(token))
    for name, token in (("main", "demo-token"), ("b", "demo-token-b"), ("c", "demo-token-c"))
)
SAID = {
    Oddity.UNKNOWN_STATE: "metadata.state",
    Oddity.EMPTY_POOL_MODE: "properties.connectionPooler.poolMode",
}
"""The oddities that people are told of, with words of the warning."""
READ_ALIKE = {
    Oddity.ZONELESS_TIMES,
    Oddity.OLD_BACKUP_FORM,
    Oddity.NULL_FIELDS,
    Oddity.GUIDE_LINKS,
    Oddity.ENDLESS_LINKS,
    Oddity.NO_EMPTY_ITEMS,
    Oddity.SHOWN_RESTORE,
}
"""Other forms of the same answer."""


async def read_clusters(oddities: frozenset[Oddity]) -> tuple[Site, dict[str, Cluster]]:
    """Return every cluster of all contracts by id; none may be missing."""
    site = open_site(*ACCESSES, oddities=oddities)
    listing = await site.fleet.clusters()
    assert listing.gaps == ()
    assert {cluster.id for cluster in listing.items} == {each.id for each in site.cloud.everything()}
    return site, {cluster.id: cluster for cluster in listing.items}


@pytest.fixture(scope="module")
async def plain():
    return (await read_clusters(FLEETS["plain"]))[1]


@pytest.mark.parametrize("oddity", Oddity)
async def test_an_oddity_changes_the_clusters_that_have_it_and_no_other(oddity, plain):
    site, clusters = await read_clusters(frozenset({oddity}))
    having = {each.id for each in site.cloud.everything() if oddity in each.oddities}
    if oddity is Oddity.FRANKFURT_2:
        having = {each.id for each in site.cloud.everything() if each.location == "de/fra/2"}
    different = {key for key, cluster in clusters.items() if cluster != plain[key]}
    assert different == (set() if oddity in READ_ALIKE else having)
    said = [words for key in having for words in clusters[key].oddities]
    assert all(SAID.get(oddity, "nothing") in words for words in said)
    assert bool(said) is (oddity in SAID)
    for key in having:
        await read_details(site, clusters[key])


async def read_details(site: Site, cluster: Cluster) -> None:
    """Read what belongs to a cluster: all of it must be there."""
    backups = await site.fleet.backups(cluster)
    assert (backups.gaps, {each.cluster_id for each in backups.items}) == ((), {cluster.id})
    if cluster.api is Api.V1:
        assert (await site.fleet.users(cluster)).gaps == ()
        assert (await site.fleet.databases(cluster)).gaps == ()


@pytest.mark.parametrize("fleet", FLEETS)
async def test_a_whole_fleet_is_read_without_a_gap(fleet):
    _, clusters = await read_clusters(FLEETS[fleet])
    odd = {cluster.name for cluster in clusters.values() if cluster.oddities}
    legacy = {"shop-prod"}
    assert odd == {"plain": set(), "legacy": legacy, "odd": legacy | {"crm-prod", "tickets-prod"}}[fleet]
