"""IONOS's own Python client of API v1 (1.2.0), which must not notice that it talks to a simulator."""

from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from cloud_clients import v1_cluster
from sdk_site import sdk_site

from bot.demo.cloud.access import CONTRACT_A
from bot.demo.cloud.faults import FaultOrder
from bot.demo.cloud.v1 import PREFIX

pytestmark = pytest.mark.anyio
SECRET = "long enough 1"


@asynccontextmanager
async def open_sdk(sdk, **more):
    async with sdk_site(**more) as simulator, sdk.at(f"{simulator.url}{PREFIX}") as client:
        yield simulator, client


def pass_time(simulator, seconds):
    simulator.clock.advance(timedelta(seconds=seconds))


async def page(client, **more):
    answer = await client("ClustersApi.clusters_get", **more)
    assert (answer.status, answer.type) == (200, "ClusterList")
    return answer.data


async def test_it_lists_a_thousand_clusters_page_by_page(sdk_v1):
    async with open_sdk(sdk_v1, clusters=2_000) as (simulator, client):
        listed, last = [], None
        while last is None or len(last["items"]) == 100:
            last = await page(client, limit=100, offset=len(listed))
            listed += last["items"]
        shelf = simulator.cloud.clusters_of(CONTRACT_A, "v1", "")

    assert len(listed) > 1_000
    assert last["links"]["next"] is None
    assert [one["id"] for one in listed] == [record.id for record in shelf]
    for one, record in zip(listed, shelf, strict=True):
        shown = one["properties"]
        assert shown["display_name"] == record.name
        assert (shown["ram"], shown["storage_size"]) == (record.ram_mb, record.storage_mb)
        assert datetime.fromisoformat(one["metadata"]["created_date"]["datetime"]) == record.created_at


async def test_it_reads_one_cluster_and_an_unknown_parameter_changes_nothing(sdk_v1):
    async with open_sdk(sdk_v1) as (simulator, client):
        orders = simulator.named("orders-prod")
        read = await client("ClustersApi.clusters_find_by_id", cluster_id=orders.id)
        deep = await client(
            "ClustersApi.clusters_find_by_id", cluster_id=orders.id, query_params={"depth": 1}
        )
        everything = await page(client, query_params={"depth": 3})
        named = await page(client, filter_name="ORDERS-p")

    assert read == deep
    assert (read.status, read.type) == (200, "ClusterResponse")
    assert read.data["properties"]["dns_name"] == orders.dns_name
    assert read.data["properties"]["connections"][0]["cidr"] == orders.network.address
    assert read.data["metadata"]["state"] == "AVAILABLE"
    assert len(everything["items"]) == len(simulator.cloud.clusters_of(CONTRACT_A, "v1", ""))
    assert [one["properties"]["display_name"] for one in named["items"]] == ["orders-prod"]


async def test_it_creates_changes_and_deletes_a_cluster(sdk_v1):
    async with open_sdk(sdk_v1) as (simulator, client):
        made = await client("ClustersApi.clusters_post", create_cluster_request=v1_cluster())
        record = simulator.cloud.find(made.data["id"])
        assert (made.status, made.type, made.data["metadata"]["state"]) == (200, "ClusterResponse", "BUSY")
        assert (record.name, record.ram_mb, record.credentials.password) == ("new-prod", 4096, SECRET)

        pass_time(simulator, 180)
        window = {"time": "03:30:00", "dayOfTheWeek": "Friday"}
        changes = {"properties": {"ram": 8192, "cores": 3, "maintenanceWindow": window}}
        changed = await client(
            "ClustersApi.clusters_patch", cluster_id=record.id, patch_cluster_request=changes
        )
        assert (changed.status, changed.data["properties"]["ram"]) == (200, 8192)
        assert (record.ram_mb, record.cores, record.window.day) == (8192, 3, "Friday")

        pass_time(simulator, 120)
        gone = await client("ClustersApi.clusters_delete", cluster_id=record.id)
        assert (gone.status, gone.data["metadata"]["state"]) == (200, "DESTROYING")
        pass_time(simulator, 90)
        lost = await client("ClustersApi.clusters_find_by_id", cluster_id=record.id)
        assert (lost.status, lost.type, lost.data["httpStatus"]) == (404, "ApiException", 404)
        assert simulator.cloud.find(record.id) is None


@pytest.mark.parametrize(("reading", "attached"), [("keep", True), ("detach", False)])
async def test_null_connections_in_a_change_are_accepted(sdk_v1, reading, attached):
    """A newer SDK, Go's 2.1.0, sends `connections: null` with every change."""
    async with open_sdk(sdk_v1, v1_null_connections=reading) as (simulator, client):
        orders = simulator.named("orders-prod")
        changes = {"properties": {"connections": None, "displayName": "orders-live"}}
        changed = await client(
            "ClustersApi.clusters_patch", raw=True, cluster_id=orders.id, patch_cluster_request=changes
        )

    assert (changed.status, changed.type) == (200, "ClusterResponse")
    assert orders.name == "orders-live"
    assert (orders.network is not None) is attached


async def test_it_makes_changes_and_deletes_users(sdk_v1):
    async with open_sdk(sdk_v1) as (simulator, client):
        orders = simulator.named("orders-prod")
        bob = {"cluster_id": orders.id, "username": "bob"}
        made = await client(
            "UsersApi.users_post",
            cluster_id=orders.id,
            user={"properties": {"username": "bob", "password": SECRET}},
        )
        assert (made.status, made.type) == (200, "UserResource")
        assert made.data["properties"] == {"username": "bob", "password": None, "system": False}
        assert orders.users["bob"].password == SECRET

        pass_time(simulator, 20)
        listed = await client("UsersApi.users_list", cluster_id=orders.id)
        everybody = await client("UsersApi.users_list", cluster_id=orders.id, system="true")
        changed = await client(
            "UsersApi.users_patch", **bob, users_patch_request={"properties": {"password": "another one"}}
        )
        assert listed.type == "UserList"
        assert listed.data["links"]["var_self"].startswith(
            f"{simulator.url}{PREFIX}/clusters/{orders.id}/users?"
        )
        assert len(everybody.data["items"]) == len(listed.data["items"]) + 3
        assert (changed.status, orders.users["bob"].password) == (200, "another one")

        pass_time(simulator, 20)
        gone = await client("UsersApi.users_delete", **bob)
        lost = await client("UsersApi.users_get", **bob)
        assert (gone.status, gone.data, lost.status) == (204, None, 404)
        assert "bob" not in orders.users


async def test_it_makes_and_deletes_databases(sdk_v1):
    async with open_sdk(sdk_v1) as (simulator, client):
        orders = simulator.named("orders-prod")
        fresh = {"cluster_id": orders.id, "databasename": "fresh"}
        made = await client(
            "DatabasesApi.databases_post",
            cluster_id=orders.id,
            database={"properties": {"name": "fresh", "owner": "orders"}},
        )
        assert (made.status, made.type, orders.databases["fresh"].owner) == (
            200,
            "DatabaseResource",
            "orders",
        )

        pass_time(simulator, 20)
        read = await client("DatabasesApi.databases_get", **fresh)
        listed = await client("DatabasesApi.databases_list", cluster_id=orders.id)
        gone = await client("DatabasesApi.databases_delete", **fresh)
        assert read.data["properties"] == {"name": "fresh", "owner": "orders"}
        assert "fresh" in [one["properties"]["name"] for one in listed.data["items"]]
        assert (gone.status, "fresh" in orders.databases) == (204, False)


async def test_it_reads_backups_and_restores_one(sdk_v1):
    async with open_sdk(sdk_v1) as (simulator, client):
        orders = simulator.named("orders-prod")
        every = await client("BackupsApi.clusters_backups_get", limit=1000)
        own = await client("BackupsApi.cluster_backups_get", cluster_id=orders.id)
        backup = own.data["items"][0]
        one = await client("BackupsApi.clusters_backups_find_by_id", backup_id=backup["id"])
        target = simulator.clock.now() - timedelta(hours=1)
        restored = await client(
            "RestoresApi.cluster_restore_post",
            cluster_id=orders.id,
            create_restore_request={"backupId": backup["id"], "recoveryTargetTime": target.isoformat()},
        )
        busy = await client("ClustersApi.clusters_find_by_id", cluster_id=orders.id)

    assert (every.type, own.type, one.type) == ("ClusterBackupList", "ClusterBackupList", "BackupResponse")
    assert one.data == backup
    assert backup in every.data["items"]
    assert set(backup["properties"]["earliest_recovery_target_time"]) == {"datetime"}
    assert (restored.status, restored.data) == (202, None)
    assert busy.data["metadata"]["state"] == "BUSY"
    assert orders.restores[0].target == target


async def test_it_reads_logs_versions_and_what_the_api_says_of_itself(sdk_v1):
    async with open_sdk(sdk_v1) as (simulator, client):
        orders = simulator.named("orders-prod")
        start = simulator.clock.now() - timedelta(days=2)
        logs = await client(
            "LogsApi.cluster_logs_get", cluster_id=orders.id, limit=7, start=f"{start:%Y-%m-%dT%H:%M:%SZ}"
        )
        everywhere = await client("ClustersApi.postgres_versions_get")
        usable = await client("ClustersApi.cluster_postgres_versions_get", cluster_id=orders.id)
        version = await client("MetadataApi.infos_version_get")
        versions = await client("MetadataApi.infos_versions_get")

    lines = [line for instance in logs.data["instances"] for line in instance["messages"]]
    assert (logs.status, logs.type, len(lines)) == (200, "ClusterLogs", 7)
    assert all(set(line["time"]) == {"datetime"} for line in lines)
    assert [one["name"] for one in everywhere.data["data"]] == list(simulator.cloud.switches.v1_versions)
    assert [one["name"] for one in usable.data["data"]] == ["15", "16"]
    assert (version.type, versions.type) == ("APIVersion", "list")
    assert version.data in versions.data


async def test_it_logs_in_by_name_and_is_refused_in_words(sdk_v1):
    async with open_sdk(sdk_v1) as (simulator, client):
        welcome = await client("ClustersApi.clusters_get", login=("demo", "demo"))
        stranger = await client("ClustersApi.clusters_get", login=("demo", "guess"))
        small = await client(
            "ClustersApi.clusters_post", create_cluster_request=v1_cluster(ram=2048), login=("demo", "demo")
        )

    assert (welcome.status, welcome.type) == (200, "ClusterList")
    assert (stranger.status, stranger.data["httpStatus"]) == (401, 401)
    assert small.status == 422
    assert "ram" in small.data["messages"][0]["message"]
    assert simulator.outcomes("POST", "/clusters") == [422]


async def test_it_waits_as_long_as_a_429_says_and_comes_again(sdk_v1):
    async with open_sdk(sdk_v1) as (simulator, client):
        simulator.cloud.faults.add(FaultOrder(kind="status", status=429, retry_after=0, times=2))
        listed = await page(client)

    assert listed["items"]
    assert simulator.outcomes("GET", "/clusters") == [200, 429, 429]
