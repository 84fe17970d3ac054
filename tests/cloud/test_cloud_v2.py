"""v2 of the simulator: its answers and its rules, also after time has passed."""

import pytest
from cloud_clients import PASSWORD, cloud_site, put_back, v2_cluster

from bot.demo.cloud.places import REGIONS

pytestmark = pytest.mark.anyio
NEW_ID = "46c151c7-55f8-42a4-86c3-06ad6b4b91ea"


def messages(response):
    return " ".join(one["message"] for one in response.json()["messages"])


async def test_every_region_shows_its_own_clusters():
    async with cloud_site() as site:
        names = {}
        for region in REGIONS:
            items = (await site.v2(region=region.label).get("/clusters")).json()["items"]
            names[region.label] = {one["properties"]["name"] for one in items}
        orders = await site.v2().get(f"/clusters/{(await site.v1().named('orders-prod'))['id']}")
    assert "payments-prod" in names["de-txl"]
    assert "search" in names["gb-lhr"]
    assert sum(map(len, names.values())) == len(set.union(*names.values()))
    assert orders.status_code == 404


async def test_a_page_past_the_end_is_empty_and_has_no_next():
    async with cloud_site() as site:
        answer = (await site.v2().get("/clusters?offset=50&limit=10")).json()
    assert answer["items"] == []
    assert set(answer["_links"]) == {"self", "prev"}


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=1001",
        "limit=x",
        "limit=",
        "limit=99999999999999999999",
        "offset=-1",
        "filter.name=x",
        f"filter.name={'x' * 64}",
        "filter.state=BUSY",
    ],
)
async def test_list_parameters_out_of_range_are_refused(query):
    async with cloud_site() as site:
        assert (await site.v2().get(f"/clusters?{query}")).status_code == 422


async def test_filters_by_name_and_by_one_state():
    async with cloud_site() as site:
        v2 = site.v2()
        by_name = (await v2.get("/clusters?filter.name=PAYMENTS-P")).json()["items"]
        by_state = (await v2.get("/clusters?filter.state=UPDATING")).json()["items"]
    assert [one["properties"]["name"] for one in by_name] == ["payments-prod"]
    assert [one["properties"]["name"] for one in by_state] == ["payments-staging"]


async def test_a_new_cluster_is_provisioned_then_available_with_a_backup():
    async with cloud_site() as site:
        v2 = site.v2()
        answer = await v2("POST", "/clusters", json={"metadata": {}, **v2_cluster(description="New")})
        assert answer.status_code == 201
        new = answer.json()
        assert new["metadata"]["state"] == "PROVISIONING"
        assert PASSWORD not in answer.text
        assert new["properties"]["connectionPooler"] == "DISABLED"
        assert new["properties"]["logsEnabled"] is False
        site.pass_time(240)
        assert await v2.state(new["id"]) == "AVAILABLE"
        backups = (await v2.get(f"/backups?filter.clusterId={new['id']}")).json()["items"]
        assert (await v2.get(f"/backups/{backups[0]['id']}")).json() == backups[0]
    assert backups[0]["properties"]["earliestRecoveryTargetTime"] == "2026-11-23T09:04:00.000Z"
    assert backups[0]["properties"]["latestRecoveryTargetTime"] is None


async def test_the_backups_of_a_deleted_cluster_are_kept_for_its_retention_and_then_gone():
    async with cloud_site() as site:
        v2 = site.v2()
        cluster = (await v2.named("payments-prod"))["id"]
        await put_back(v2, cluster, backup={"location": "eu-central-3", "retentionDays": 3})
        site.pass_time(60)
        await v2("DELETE", f"/clusters/{cluster}")
        site.pass_time(90)
        own = f"/backups?filter.clusterId={cluster}"
        assert await v2.state(cluster) == 404
        backup = (await v2.get(own)).json()["items"][0]
        site.pass_time(3 * 86400 - 1)
        kept = [(await v2.get(path)).json() for path in (own, "/backups?limit=1000")]
        assert [backup["id"] in [one["id"] for one in listed["items"]] for listed in kept] == [True, True]
        assert (await v2.get(f"/backups/{backup['id']}")).status_code == 200
        site.pass_time(1)
        gone = [(await v2.get(path)).json() for path in (own, "/backups?limit=1000")]
        assert [backup["id"] in [one["id"] for one in listed.get("items", [])] for listed in gone] == [
            False,
            False,
        ]
        assert (await v2.get(f"/backups/{backup['id']}")).status_code == 404


async def test_deletion_has_no_body_and_ends_in_404():
    async with cloud_site() as site:
        v2 = site.v2()
        cluster = (await v2.named("payments-prod"))["id"]
        answer = await v2("DELETE", f"/clusters/{cluster}")
        assert (answer.status_code, answer.content) == (202, b"")
        assert await v2.state(cluster) == "DESTROYING"
        site.pass_time(90)
        assert await v2.state(cluster) == 404


async def test_a_restore_in_place_is_a_put_with_a_time():
    async with cloud_site() as site:
        v2 = site.v2()
        cluster = (await v2.named("payments-prod"))["id"]
        answer = await put_back(
            v2, cluster, restoreFromBackup={"recoveryTargetDatetime": "2026-11-22T09:00:00Z"}
        )
        assert answer.status_code == 200
        assert "restoreFromBackup" not in answer.json()["properties"]
        assert await v2.state(cluster) == "UPDATING"
        site.pass_time(300)
        assert await v2.state(cluster) == "AVAILABLE"
        backups = (await v2.get(f"/backups?filter.clusterId={cluster}")).json()["items"]
        restores = (await site.true_state(cluster))["restores"]
    assert [one["properties"]["isActive"] for one in backups] == [False, True]
    assert backups[0]["properties"]["latestRecoveryTargetTime"] == "2026-11-23T09:05:00.000Z"
    assert [one["target"] for one in restores] == ["2026-11-22T09:00:00+00:00"]


async def test_a_backup_fills_a_new_cluster():
    async with cloud_site() as site:
        v2 = site.v2()
        source = (await v2.named("payments-prod"))["id"]
        backup = (await v2.get(f"/backups?filter.clusterId={source}")).json()["items"][0]["id"]
        answer = await v2("POST", "/clusters", json=v2_cluster(restoreFromBackup={"sourceBackupId": backup}))
        assert answer.status_code == 201
        restores = (await site.true_state(answer.json()["id"]))["restores"]
        in_place = await put_back(v2, source, restoreFromBackup={"sourceBackupId": backup})
    assert [one["source_cluster"] for one in restores] == [source]
    assert in_place.status_code == 422


@pytest.mark.parametrize(
    ("restore", "said"),
    [
        ({"recoveryTargetDatetime": "2026-11-22T09:00:00Z"}, "sourceBackupId"),
        ({"sourceBackupId": NEW_ID}, "not known"),
        ({}, "needs"),
        (None, "null"),
    ],
)
async def test_a_new_cluster_needs_a_backup_that_exists(restore, said):
    async with cloud_site() as site:
        answer = await site.v2()("POST", "/clusters", json=v2_cluster(restoreFromBackup=restore))
    assert answer.status_code == 422
    assert said in messages(answer)


async def test_the_older_form_of_the_backup_setting_is_taken_and_answered():
    body = v2_cluster(backupLocation="eu-central-4")
    del body["properties"]["backup"]
    async with cloud_site() as site:
        v2 = site.v2()
        made = (await v2("POST", "/clusters", json=body)).json()
        assert made["properties"]["backupLocation"] == "eu-central-4"
        assert made["properties"]["backup"] == {"location": "eu-central-4", "retentionDays": 7}
        site.pass_time(180)
        newer = await put_back(v2, made["id"], backupLocation=None)
    assert newer.status_code == 200
    assert "backupLocation" not in newer.json()["properties"]


async def test_a_null_for_a_backup_setting_is_no_form_of_it():
    """IONOS's own clients omit missing values; neither form is nullable."""
    async with cloud_site() as site:
        v2 = site.v2()
        for unset in ({"backup": None}, {"backup": None, "backupLocation": "eu-central-4"}):
            assert (await v2("POST", "/clusters", json=v2_cluster(**unset))).status_code == 422
        both = v2_cluster(backupLocation="eu-central-3")
        assert (await v2("POST", "/clusters", json=both)).status_code == 201


async def test_versions_say_what_they_can_become():
    async with cloud_site() as site:
        v2 = site.v2()
        listed = (await v2.get("/versions")).json()["items"]
        assert (await v2.get(f"/versions/{listed[1]['id']}")).json() == listed[1]
        assert (await v2.get(f"/versions/{NEW_ID}")).status_code == 404
    described = {one["properties"]["version"]: one["properties"] for one in listed}
    assert described["16"]["canUpgradeTo"] == ["17", "18"]
    assert {one["status"] for one in described.values()} == {"DEPRECATED", "SUPPORTED", "RECOMMENDED", "BETA"}


async def test_backup_locations_are_paged():
    async with cloud_site() as site:
        v2 = site.v2()
        first = (await v2.get("/backup-locations?limit=1")).json()["items"]
        second = (await v2.get("/backup-locations?limit=1&offset=1")).json()["items"]
        assert (await v2.get(f"/backup-locations/{first[0]['id']}")).json() == first[0]
    assert [one["properties"]["location"] for one in first + second] == ["eu-central-3", "eu-central-4"]


async def test_the_backups_of_an_unknown_cluster_are_none():
    async with cloud_site() as site:
        assert (await site.v2().get(f"/backups?filter.clusterId={NEW_ID}")).json()["items"] == []


async def test_a_failed_cluster_says_why():
    async with cloud_site() as site:
        failed = (await site.v2(region="fr-par").get("/clusters?filter.state=FAILED")).json()["items"]
    assert "LAN" in failed[0]["metadata"]["statusMessage"]
