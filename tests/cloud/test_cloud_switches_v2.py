"""Every open question of the reference is a switch: those of v2 alone."""

import pytest
from cloud_clients import cloud_site, put_back, v1_cluster, v2_cluster

pytestmark = pytest.mark.anyio
NEW_ID = "46c151c7-55f8-42a4-86c3-06ad6b4b91ea"
TOKEN = {"authorization": "Bearer demo-token"}


@pytest.mark.parametrize(
    ("setting", "status", "left"),
    [("keep", 200, "payments"), ("blank", 200, None), ("refuse", 422, "payments")],
)
async def test_put_without_credentials(setting, status, left):
    async with cloud_site(v2_put_without_credentials=setting) as site:
        v2 = site.v2()
        cluster = (await v2.named("payments-prod"))["id"]
        assert (await put_back(v2, cluster, credentials=None)).status_code == status
        credentials = (await site.true_state(cluster))["credentials"]
    assert (credentials and credentials["username"]) == left


@pytest.mark.parametrize(("setting", "status"), [(True, 201), (False, 404)])
async def test_put_of_an_unknown_id(setting, status):
    async with cloud_site(v2_put_creates=setting) as site:
        answer = await site.v2()("PUT", f"/clusters/{NEW_ID}", json={"id": NEW_ID, **v2_cluster()})
    assert answer.status_code == status


@pytest.mark.parametrize(("setting", "status"), [(True, 200), (False, 422)])
async def test_a_changed_connection(setting, status):
    connection = v2_cluster()["properties"]["connection"]
    async with cloud_site(v2_connection_mutable=setting) as site:
        v2 = site.v2()
        cluster = (await v2.named("payments-prod"))["id"]
        assert (await put_back(v2, cluster, description="same connection")).status_code == 200
        site.pass_time(60)
        assert (await put_back(v2, cluster, connection=connection)).status_code == status


async def test_the_state_in_the_answer_to_a_post():
    async with cloud_site(v2_created_state="AVAILABLE") as site:
        v2 = site.v2()
        made = (await v2("POST", "/clusters", json=v2_cluster())).json()
        assert made["metadata"]["state"] == "AVAILABLE"
        assert await v2.state(made["id"]) == "PROVISIONING"


@pytest.mark.parametrize("setting", [True, False])
async def test_user_name_and_database_on_get(setting):
    async with cloud_site(v2_returns_credentials=setting) as site:
        shown = (await site.v2().named("payments-prod"))["properties"]
    assert ("credentials" in shown) is setting


@pytest.mark.parametrize(
    ("setting", "during", "after"),
    [("never", False, False), ("while_running", True, False), ("always", True, True)],
)
async def test_restore_from_backup_on_get(setting, during, after):
    async with cloud_site(v2_shows_restore=setting) as site:
        v2 = site.v2()
        cluster = (await v2.named("payments-prod"))["id"]
        target = {"recoveryTargetDatetime": "2026-11-22T09:00:00Z"}
        assert (await put_back(v2, cluster, restoreFromBackup=target)).status_code == 200
        seen = [(await v2.get(f"/clusters/{cluster}")).json()["properties"]]
        site.pass_time(600)
        seen.append((await v2.get(f"/clusters/{cluster}")).json()["properties"])
    assert [one.get("restoreFromBackup") for one in seen] == [
        {"recoveryTargetDatetime": "2026-11-22T09:00:00.000Z"} if shown else None for shown in (during, after)
    ]


async def test_a_restore_that_shows_late_is_running_until_its_late_end():
    async with cloud_site(v2_shows_restore="while_running", restore_trace="late") as site:
        v2 = site.v2()
        cluster = (await v2.named("payments-prod"))["id"]
        await put_back(v2, cluster, restoreFromBackup={"recoveryTargetDatetime": "2026-11-22T09:00:00Z"})
        seen = []
        for seconds in (119, 1, 299, 1):
            site.pass_time(seconds)
            seen.append("restoreFromBackup" in (await v2.get(f"/clusters/{cluster}")).json()["properties"])
    assert seen == [False, True, True, False]


async def test_restore_from_backup_in_the_form_that_no_sdk_decodes():
    async with cloud_site(v2_shows_restore="both_forms") as site:
        v2 = site.v2(checked=False)
        cluster = (await v2.named("payments-prod"))["id"]
        await put_back(v2, cluster, restoreFromBackup={"recoveryTargetDatetime": "2026-11-22T09:00:00Z"})
        shown = (await v2.get(f"/clusters/{cluster}")).json()["properties"]["restoreFromBackup"]
        backups = (await v2.get(f"/backups?filter.clusterId={cluster}")).json()["items"]
    assert set(shown) == {"sourceBackupId", "recoveryTargetDatetime"}
    assert shown["sourceBackupId"] == backups[0]["id"]


@pytest.mark.parametrize(("setting", "found"), [(True, 0), (False, 1)])
async def test_letter_case_of_the_v2_name_filter(setting, found):
    async with cloud_site(v2_filter_name_case_sensitive=setting) as site:
        v2 = site.v2()
        assert len((await v2.get("/clusters?filter.name=Payments-Prod")).json().get("items", [])) == found
        assert len((await v2.get("/clusters?filter.name=payments-prod")).json()["items"]) == 1


@pytest.mark.parametrize("untidy", [True, False])
async def test_the_end_of_v2_lists_is_tidy_or_not(untidy):
    async with cloud_site(v2_next_after_last_page=untidy, v2_omits_empty_items=untidy) as site:
        whole = (await site.v2().get("/clusters")).json()
        page = (await site.v2().get("/clusters?limit=1")).json()
        past = (await site.v2().get("/clusters?offset=99")).json()
    assert ("next" in whole["_links"]) is untidy
    assert "next" in page["_links"]
    assert past.get("items") == (None if untidy else [])


async def test_other_versions_and_backup_locations():
    async with cloud_site(
        v2_versions=("16", "19"), v1_versions=("19",), v2_backup_locations=("moon-1",)
    ) as site:
        v2 = site.v2()
        versions = [one["properties"]["version"] for one in (await v2.get("/versions")).json()["items"]]
        places = [
            one["properties"]["location"] for one in (await v2.get("/backup-locations")).json()["items"]
        ]
        assert (versions, places) == (["16", "19"], ["moon-1"])
        assert (await v2("POST", "/clusters", json=v2_cluster())).status_code == 422
        body = v2_cluster(backup={"location": "moon-1", "retentionDays": 7})
        assert (await v2("POST", "/clusters", json=body)).status_code == 201
        assert (await site.v1().get("/versions")).json() == {"data": [{"name": "19"}]}
        assert (await site.v1()("POST", "/clusters", json=v1_cluster())).status_code == 422


@pytest.mark.parametrize(("setting", "status"), [(True, 200), (False, 401)])
async def test_basic_on_v2(setting, status):
    async with cloud_site(v2_accepts_basic=setting) as site:
        answer = await site.http.get("/de-txl/clusters", headers={"authorization": "Basic ZGVtbzpkZW1v"})
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("setting", "status", "found"), [("honoured", 200, 0), ("ignored", 200, 2), ("refused", 403, 0)]
)
async def test_the_contract_header_on_v2(setting, status, found):
    async with cloud_site(v2_contract_header=setting) as site:
        answer = await site.v2().get("/clusters", headers={"x-contract-number": "21000002"})
    assert (answer.status_code, len(answer.json().get("items", []))) == (status, found)


@pytest.mark.parametrize(("setting", "status"), [(True, 200), (False, 404)])
async def test_the_v2_path_prefix(setting, status):
    async with cloud_site(v2_path_prefix=setting) as site:
        assert (await site.http.get("/de-txl/v2/clusters", headers=TOKEN)).status_code == status
        assert (await site.http.get("/de-txl/clusters", headers=TOKEN)).status_code == 200
