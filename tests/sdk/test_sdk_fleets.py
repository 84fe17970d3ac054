"""IONOS's own Python clients: each reads the plain fleet whole, and fails on the oddities that name it."""

import pytest
from cloud_clients import Caller, put_back
from sdk_site import sdk_site

from bot.demo.cloud.access import CONTRACT_A
from bot.demo.cloud.oddities import ODDITIES, Oddity
from bot.demo.cloud.places import REGIONS
from bot.demo.cloud.v1 import PREFIX
from bot.demo.http_client import loopback_client

pytestmark = pytest.mark.anyio
NEWEST = "Python SDK 3.0.1"
"""The only release for v2."""
SDKS = {
    "Python SDK 1.2.0": "sdk_v1",
    "Python SDK 3.0.0": "sdk_v1_newer",
    NEWEST: "sdk_v2",
}
TARGET = {"recoveryTargetDatetime": "2026-11-22T09:00:00Z"}


@pytest.fixture(scope="module", params=SDKS)
def official(request):
    return request.param, request.getfixturevalue(SDKS[request.param])


async def readings(client, site, official):
    """Call every list of the SDK's API, v1's by cluster too, and yield each answer."""
    if official == NEWEST:
        calls = ("ClustersApi.clusters_get", "BackupsApi.backups_get", "VersionsApi.versions_get")
        calls += ("BackupLocationsApi.backuplocations_get",)
        for region in REGIONS:
            for call in calls:
                yield await client(call, host=f"{site.url}/{region.label}", limit=1000)
        return
    v1 = f"{site.url}{PREFIX}"
    for call in ("ClustersApi.clusters_get", "BackupsApi.clusters_backups_get"):
        yield await client(call, host=v1, limit=1000)
    yield await client("ClustersApi.postgres_versions_get", host=v1)
    for call in ("UsersApi.users_list", "DatabasesApi.databases_list", "BackupsApi.cluster_backups_get"):
        for record in site.cloud.clusters_of(CONTRACT_A, "v1", ""):
            yield await client(call, host=v1, cluster_id=record.id)


async def restore(site):
    """Begin a restore on v2, which the odd fleet shows in its answers."""
    async with loopback_client(headers={"authorization": "Bearer demo-token"}) as http:
        caller = Caller(http, "v2", f"{site.url}/de-txl", {}, checked=False)
        answer = await put_back(caller, site.named("payments-prod").id, restoreFromBackup=TARGET)
        assert answer.status_code == 200


async def test_the_plain_fleet_is_read_whole(official):
    name, sdk = official
    async with sdk_site() as site, sdk.at("") as client:
        await restore(site)
        answers = [answer async for answer in readings(client, site, name)]
    assert {answer.status for answer in answers} == {200}
    listed = {one["id"] for answer in answers for one in (answer.data.get("items") or ())}
    api = "v2" if name == NEWEST else "v1"
    there = {each.id for each in site.cloud.everything() if (each.api, each.contract) == (api, CONTRACT_A)}
    assert there <= listed


async def test_a_client_fails_on_the_oddities_that_name_it_and_on_no_other(official):
    name, sdk = official
    failed = set()
    async with sdk.at("") as client:
        for oddity in Oddity:
            async with sdk_site(oddities=frozenset({oddity})) as site:
                await restore(site)
                if name == NEWEST:
                    hosts = [f"{site.url}/{region.label}" for region in REGIONS]
                else:
                    hosts = [f"{site.url}{PREFIX}"]
                answers = [await client("ClustersApi.clusters_get", host=host, limit=1000) for host in hosts]
            failed |= {oddity} if {answer.status for answer in answers} != {200} else set()
    assert failed == {oddity for oddity, facts in ODDITIES.items() if name in facts.breaks}
