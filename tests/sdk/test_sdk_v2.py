"""IONOS's own Python client of API v2 (3.0.1), which must not notice that it talks to a simulator."""

from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from cloud_clients import PASSWORD, v2_cluster
from pydantic import SecretStr
from sdk_site import sdk_site

from bot.demo.cloud.access import CONTRACT_A
from bot.demo.cloud.oddities import Oddity
from bot.demo.cloud.places import OFFERS, REGION_BY_LABEL, REGIONS, derived_id
from bot.ionos.credentials import ContractAccess, resolve_addresses
from bot.ionos.fleet import open_fleet

pytestmark = pytest.mark.anyio
CREDENTIALS = {"username": "payments", "password": PASSWORD, "database": "payments"}
UNKNOWN_ID = "5c61a9f0-0000-4000-8000-000000000000"


@asynccontextmanager
async def open_sdk(sdk, region="de-txl", **more):
    async with sdk_site(**more) as simulator, sdk.at(f"{simulator.url}/{region}") as client:
        yield simulator, client


def pass_time(simulator, seconds):
    simulator.clock.advance(timedelta(seconds=seconds))


def moment(decoded):
    return datetime.fromisoformat(decoded["datetime"])


async def whole_region(client, host):
    """Return every cluster of a region, until a page is short: `next` never ends."""
    listed, last = [], None
    while last is None or len(last) == 50:
        answer = await client("ClustersApi.clusters_get", host=host, limit=50, offset=len(listed))
        assert (answer.status, answer.type) == (200, "ClusterReadList")
        last = answer.data.get("items", [])
        listed += last
    return listed


async def as_pgbot_reads(simulator, name):
    """Return a cluster as the bot's own client lists it, over the same socket."""
    addresses = resolve_addresses(f"{simulator.url}/databases/postgresql", f"{simulator.url}/{{region}}")
    access = ContractAccess(name="main", token=SecretStr("demo-token"))
    fleet = open_fleet([access], addresses, clock=simulator.clock)
    listing = await fleet.clusters()
    await fleet.close()
    assert listing.gaps == ()
    return next(one for one in listing.items if one.name == name)


async def test_it_lists_a_thousand_clusters_of_nine_regions_page_by_page(sdk_v2):
    async with open_sdk(sdk_v2, clusters=2_100) as (simulator, client):
        total = 0
        for region in REGIONS:
            listed = await whole_region(client, f"{simulator.url}/{region.label}")
            shelf = simulator.cloud.clusters_of(CONTRACT_A, "v2", region.label)
            assert [one["id"] for one in listed] == [record.id for record in shelf]
            for one, record in zip(listed, shelf, strict=True):
                assert one["properties"]["name"] == record.name
                assert one["properties"]["instances"]["storageSize"] == record.storage_mb // 1024
                assert moment(one["metadata"]["createdDate"]) == record.created_at
            total += len(listed)

    assert total > 1_000


async def test_it_reads_one_cluster_and_an_unknown_parameter_changes_nothing(sdk_v2):
    async with open_sdk(sdk_v2) as (simulator, client):
        payments = simulator.named("payments-prod")
        read = await client("ClustersApi.clusters_find_by_id", cluster_id=payments.id)
        deep = await client(
            "ClustersApi.clusters_find_by_id", cluster_id=payments.id, query_params={"depth": "1"}
        )
        named = await client(
            "ClustersApi.clusters_get", filter_name="PAYMENTS-p", query_params={"depth": "3"}
        )
        busy = await client("ClustersApi.clusters_get", filter_state="UPDATING")
        elsewhere = await client(
            "ClustersApi.clusters_find_by_id", host=f"{simulator.url}/fr-par", cluster_id=payments.id
        )

    assert read == deep
    assert (read.status, read.type) == (200, "ClusterRead")
    assert read.data["properties"]["instances"] == {"count": 3, "ram": 16, "cores": 4, "storageSize": 200}
    assert read.data["properties"]["credentials"] == {"username": "payments", "database": "payments"}
    assert [one["id"] for one in named.data["items"]] == [payments.id]
    assert [one["properties"]["name"] for one in busy.data["items"]] == ["payments-staging"]
    assert (elsewhere.status, elsewhere.type, elsewhere.data["httpStatus"]) == (404, "Error", 404)


async def test_it_creates_replaces_and_deletes_a_cluster(sdk_v2):
    async with open_sdk(sdk_v2) as (simulator, client):
        made = await client("ClustersApi.clusters_post", cluster_create=v2_cluster())
        record = simulator.cloud.find(made.data["id"])
        assert (made.status, made.type) == (201, "ClusterRead")
        assert made.data["metadata"]["state"] == "PROVISIONING"
        assert (record.ram_mb, record.credentials.password) == (4096, PASSWORD)

        pass_time(simulator, 180)
        read = (await client("ClustersApi.clusters_find_by_id", cluster_id=record.id)).data
        properties = read["properties"] | {"logsEnabled": True, "credentials": CREDENTIALS}
        properties["instances"] |= {"ram": 8, "count": 2}
        put = {"id": record.id, "properties": properties}
        replaced = await client("ClustersApi.clusters_put", cluster_id=record.id, cluster_ensure=put)
        assert (replaced.status, replaced.data["metadata"]["state"]) == (200, "UPDATING")
        assert (record.ram_mb, record.instances, record.switches["logs_enabled"]) == (8192, 2, True)
        assert record.users["payments"].password == PASSWORD
        again = await client("ClustersApi.clusters_put", cluster_id=record.id, cluster_ensure=put)
        assert (again.status, again.type) == (409, "Error")

        pass_time(simulator, 60)
        gone = await client("ClustersApi.clusters_delete", cluster_id=record.id)
        leaving = await client("ClustersApi.clusters_find_by_id", cluster_id=record.id)
        assert (gone.status, gone.data) == (202, None)
        assert leaving.data["metadata"]["state"] == "DESTROYING"
        pass_time(simulator, 90)
        assert (await client("ClustersApi.clusters_find_by_id", cluster_id=record.id)).status == 404
        assert simulator.cloud.find(record.id) is None


async def test_it_creates_by_put_under_an_id_of_its_own(sdk_v2):
    async with open_sdk(sdk_v2) as (simulator, client):
        put = {"id": UNKNOWN_ID} | v2_cluster(name="chosen-id")
        made = await client("ClustersApi.clusters_put", cluster_id=UNKNOWN_ID, cluster_ensure=put)

    assert (made.status, made.type, made.data["id"]) == (201, "ClusterRead", UNKNOWN_ID)
    assert simulator.cloud.find(UNKNOWN_ID).name == "chosen-id"


async def test_it_reads_backups_and_restores_in_place_and_into_a_new_cluster(sdk_v2):
    async with open_sdk(sdk_v2) as (simulator, client):
        payments = simulator.named("payments-prod")
        every = await client("BackupsApi.backups_get", limit=1000)
        own = await client("BackupsApi.backups_get", filter_cluster_id=payments.id)
        backup = own.data["items"][0]
        one = await client("BackupsApi.backups_find_by_id", backup_id=backup["id"])
        assert (every.type, one.type, one.data) == ("BackupReadList", "BackupRead", backup)
        assert backup in every.data["items"]
        assert moment(backup["properties"]["earliestRecoveryTargetTime"]) < simulator.clock.now()

        source = {"sourceBackupId": backup["id"]}
        new = v2_cluster(name="payments-copy", restoreFromBackup=source)
        copy = await client("ClustersApi.clusters_post", cluster_create=new)
        assert copy.status == 201, copy.data
        assert simulator.named("payments-copy").restores[0].source_cluster_id == payments.id

        target = simulator.clock.now() - timedelta(hours=1)
        read = (await client("ClustersApi.clusters_find_by_id", cluster_id=payments.id)).data
        properties = read["properties"] | {
            "credentials": CREDENTIALS,
            "restoreFromBackup": {"recoveryTargetDatetime": target.isoformat()},
        }
        put = {"id": payments.id, "properties": properties}
        restoring = await client("ClustersApi.clusters_put", cluster_id=payments.id, cluster_ensure=put)
        assert (restoring.status, restoring.data["metadata"]["state"]) == (200, "UPDATING")
        assert payments.restores[0].target == target


async def test_it_reads_locations_and_versions(sdk_v2):
    async with open_sdk(sdk_v2, region="es-vit") as (_, client):
        locations = await client("BackupLocationsApi.backuplocations_get")
        location = await client(
            "BackupLocationsApi.backuplocations_find_by_id",
            backup_location_id=locations.data["items"][0]["id"],
        )
        versions = await client("VersionsApi.versions_get")
        version = await client("VersionsApi.versions_find_by_id", version_id=derived_id("version", "17"))

    names = [one["properties"]["location"] for one in locations.data["items"]]
    assert names == list(REGION_BY_LABEL["es-vit"].v2_backup_locations)
    assert location.data == locations.data["items"][0]
    assert [one["properties"]["version"] for one in versions.data["items"]] == list(OFFERS)
    assert (version.type, version.data["properties"]["canUpgradeTo"]) == ("PostgresVersionRead", ["18"])


async def test_it_is_refused_in_words(sdk_v2):
    """Its own models let a password through that the API's rule for characters refuses."""
    async with open_sdk(sdk_v2) as (simulator, client):
        weak = v2_cluster(credentials=CREDENTIALS | {"password": "allsmallletters"})
        refused = await client("ClustersApi.clusters_post", cluster_create=weak)

    assert (refused.status, refused.type) == (422, "Error")
    assert "password" in refused.data["messages"][0]["message"]
    assert "allsmallletters" not in str(refused.data)
    assert simulator.outcomes("POST", "/clusters") == [422]


async def test_both_forms_of_the_backup_setting_are_accepted_and_answered(sdk_v2):
    async with open_sdk(sdk_v2) as (simulator, client):
        newer = await client("ClustersApi.clusters_post", cluster_create=v2_cluster(name="newer-form"))
        body = v2_cluster(name="older-form", backupLocation="eu-central-4")
        del body["properties"]["backup"]
        older = await client("ClustersApi.clusters_post", raw=True, cluster_create=body)
        read = {name: await as_pgbot_reads(simulator, name) for name in ("newer-form", "older-form")}

    assert (newer.status, older.status) == (201, 201)
    assert newer.data["properties"]["backup"] == {"location": "eu-central-3", "retentionDays": 7}
    assert older.data["properties"]["backup"]["location"] == "eu-central-4"
    assert read["newer-form"].backup_location == "eu-central-3"
    assert read["older-form"].backup_location == "eu-central-4"


async def test_the_sdk_stops_at_a_cluster_below_todays_limits_and_pgbot_does_not(sdk_v2):
    """This client holds answers against the rules for requests."""
    small_ram = frozenset({Oddity.SMALL_RAM})
    async with open_sdk(sdk_v2, region="de-fra", oddities=small_ram) as (simulator, client):
        small = simulator.named("legacy-crm")
        listed = await client("ClustersApi.clusters_get")
        read = await as_pgbot_reads(simulator, small.name)

    assert (listed.status, listed.type) == (0, "ValidationError")
    assert "ram" in listed.data
    assert read.ram_mb == 2048


@pytest.mark.parametrize("shown", ["always", "both_forms"])
async def test_the_sdk_cannot_read_a_restore_in_an_answer_and_pgbot_can(sdk_v2, shown):
    """Both alternatives of `restoreFromBackup` match whatever is in it, which this client refuses."""
    async with open_sdk(sdk_v2, v2_shows_restore=shown) as (simulator, client):
        payments = simulator.named("payments-prod")
        read = (await client("ClustersApi.clusters_find_by_id", cluster_id=payments.id)).data
        target = simulator.clock.now() - timedelta(hours=1)
        properties = read["properties"] | {
            "credentials": CREDENTIALS,
            "restoreFromBackup": {"recoveryTargetDatetime": target.isoformat()},
        }
        put = {"id": payments.id, "properties": properties}
        answer = await client("ClustersApi.clusters_put", cluster_id=payments.id, cluster_ensure=put)
        ours = await as_pgbot_reads(simulator, "payments-prod")

    assert (answer.status, answer.type) == (0, "ValueError")
    assert "Multiple matches" in answer.data
    assert payments.restores[0].target == target
    assert ours.state == "UPDATING"
