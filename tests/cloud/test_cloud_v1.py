"""v1 of the simulator: clusters, backups and restores, also after time has passed."""

import pytest
from cloud_clients import cloud_site, v1_cluster

pytestmark = pytest.mark.anyio


def messages(response):
    return " ".join(one["message"] for one in response.json()["messages"])


async def test_lists_in_pages_with_the_misspelt_link_key():
    async with cloud_site() as site:
        v1 = site.v1()
        first = (await v1.get("/clusters?limit=2")).json()
        second = (await v1.get("/clusters?limit=2&offset=2")).json()
        everything = (await v1.get("/clusters")).json()
    assert set(first["links"]) == {"self", "next"}
    assert set(second["links"]) == {"self", "next", "prev"}
    assert set(everything["links"]) == {"self"}
    assert everything["items"][:4] == first["items"] + second["items"]
    assert "_links" not in first


async def test_name_filter_is_a_substring_in_any_letter_case():
    async with cloud_site() as site:
        found = (await site.v1().get("/clusters?filter.name=ORDERS-")).json()["items"]
    assert [one["properties"]["displayName"] for one in found] == ["orders-prod", "orders-staging"]


async def test_unknown_query_parameters_are_ignored():
    async with cloud_site() as site:
        assert (await site.v1().get("/clusters?depth=3&pretty=true")).status_code == 200


async def test_a_new_cluster_is_busy_and_then_available_with_a_backup():
    async with cloud_site() as site:
        v1 = site.v1()
        answer = await v1("POST", "/clusters", json={"metadata": {}, **v1_cluster()})
        assert answer.status_code == 200
        new = answer.json()
        assert new["metadata"]["state"] == "BUSY"
        assert "lastModifiedDate" not in new["metadata"]
        assert (await v1.get(f"/clusters/{new['id']}/backups")).json()["items"] == []
        site.pass_time(180)
        assert await v1.state(new["id"]) == "AVAILABLE"
        backup = (await v1.get(f"/clusters/{new['id']}/backups")).json()["items"][0]
        assert "earliestRecoveryTargetTime" not in backup["properties"]
        site.pass_time(60)
        backup = (await v1.get(f"/clusters/backups/{backup['id']}")).json()
        assert backup["properties"]["earliestRecoveryTargetTime"] == "2026-11-23T09:04:00.000Z"
        assert backup["id"].startswith(new["id"])
        assert backup["id"].endswith("-15")
        assert "id" not in backup["properties"]
        assert (await site.true_state(new["id"]))["passwords"] == {"owner": "long enough 1"}


async def test_what_a_new_cluster_leaves_out_is_filled_in():
    async with cloud_site() as site:
        body = v1_cluster(location="es/vit")
        made = (await site.v1()("POST", "/clusters", json=body)).json()["properties"]
    assert made["backupLocation"] == "eu-south-2"
    assert made["maintenanceWindow"]["dayOfTheWeek"] == "Sunday"
    assert made["dnsName"].endswith(".postgresql.es-vit.ionos.com")


async def test_a_patch_answers_the_old_state_and_is_busy_for_a_minute():
    async with cloud_site() as site:
        v1 = site.v1()
        cluster = (await v1.named("orders-prod"))["id"]
        body = {"metadata": {}, "properties": {"cores": 6, "connections": None}}
        answer = await v1("PATCH", f"/clusters/{cluster}", json=body)
        assert answer.status_code == 200
        assert answer.json()["properties"]["cores"] == 6
        assert len(answer.json()["properties"]["connections"]) == 1
        assert answer.json()["metadata"]["lastModifiedDate"] == "2026-11-23T09:00:00.000Z"
        seen = [await v1.state(cluster)]
        for seconds in (59, 1):
            site.pass_time(seconds)
            seen.append(await v1.state(cluster))
    assert answer.json()["metadata"]["state"] == "AVAILABLE"
    assert seen == ["BUSY", "BUSY", "AVAILABLE"]


async def test_an_empty_patch_changes_nothing():
    async with cloud_site() as site:
        v1 = site.v1()
        before = await v1.named("orders-prod")
        for body in ({}, {"properties": {}}):
            answer = await v1("PATCH", f"/clusters/{before['id']}", json=body)
            assert answer.json() == before
        site.pass_time(3)
        assert await v1.state(before["id"]) == "AVAILABLE"


async def test_an_empty_list_of_connections_detaches():
    async with cloud_site() as site:
        v1 = site.v1()
        cluster = (await v1.named("orders-prod"))["id"]
        answer = await v1("PATCH", f"/clusters/{cluster}", json={"properties": {"connections": []}})
    assert answer.json()["properties"]["connections"] == []


async def test_every_patchable_property_takes_effect():
    changes = {
        "cores": 5,
        "ram": 9216,
        "storageSize": 204800,
        "instances": 3,
        "displayName": "Orders, renamed",
        "maintenanceWindow": {"time": "01:02:03", "dayOfTheWeek": "Friday"},
        "postgresVersion": "16",
        "connectionPooler": {"enabled": True, "poolMode": "session"},
        "synchronizationMode": "STRICTLY_SYNCHRONOUS",
        "connections": [
            {"datacenterId": "03a8fdf1-fbc4-43f6-91ce-0506444e17dd", "lanId": "9", "cidr": "10.1.2.3/23"}
        ],
    }
    async with cloud_site() as site:
        v1 = site.v1()
        cluster = (await v1.named("orders-prod"))["id"]
        await v1("PATCH", f"/clusters/{cluster}", json={"properties": changes})
        shown = (await v1.get(f"/clusters/{cluster}")).json()["properties"]
    assert {key: shown[key] for key in changes} == changes


async def test_an_upgrade_ends_the_backup_and_begins_another():
    async with cloud_site() as site:
        v1 = site.v1()
        cluster = (await v1.named("orders-prod"))["id"]
        await v1("PATCH", f"/clusters/{cluster}", json={"properties": {"postgresVersion": "16"}})
        site.pass_time(239)
        assert await v1.state(cluster) == "BUSY"
        site.pass_time(61)
        backups = (await v1.get(f"/clusters/{cluster}/backups")).json()["items"]
    assert [(one["properties"]["version"], one["properties"]["isActive"]) for one in backups] == [
        ("15", False),
        ("16", True),
    ]


async def test_deletion_shows_destroying_then_404_and_keeps_the_backup_for_a_week():
    async with cloud_site() as site:
        v1 = site.v1()
        cluster = (await v1.named("orders-prod"))["id"]
        backup = (await v1.get(f"/clusters/{cluster}/backups")).json()["items"][0]["id"]
        for _ in range(2):
            answer = await v1("DELETE", f"/clusters/{cluster}")
            assert answer.status_code == 200
            assert answer.json()["metadata"]["state"] == "DESTROYING"
        site.pass_time(90)
        assert await v1.state(cluster) == 404
        assert (await v1("DELETE", f"/clusters/{cluster}")).status_code == 404
        kept = await v1.get(f"/clusters/backups/{backup}")
        assert kept.json()["properties"]["isActive"] is False
        listed = (await v1.get("/clusters/backups")).json()["items"]
        assert listed[-1] == kept.json()
        assert len(listed) > 10
        restored = v1_cluster(fromBackup={"backupId": backup})
        assert (await v1("POST", "/clusters", json=restored)).status_code == 200
        site.pass_time(7 * 86400 - 1)
        assert (await v1.get(f"/clusters/backups/{backup}")).status_code == 200
        site.pass_time(1)
        assert (await v1.get(f"/clusters/backups/{backup}")).status_code == 404
        listed = (await v1.get("/clusters/backups?limit=1000")).json()["items"]
        assert backup not in [one["id"] for one in listed]


async def test_an_empty_backup_is_no_backup():
    """The Ansible collection sends it with every new cluster."""
    async with cloud_site() as site:
        answer = await site.v1()("POST", "/clusters", json=v1_cluster(fromBackup={}))
        refused = await site.v1()("POST", "/clusters", json=v1_cluster(fromBackup=[]))
    assert (answer.status_code, refused.status_code) == (200, 422)


async def test_a_restore_takes_time_and_leaves_its_mark():
    async with cloud_site() as site:
        v1 = site.v1()
        cluster = (await v1.named("orders-prod"))["id"]
        backup = (await v1.get(f"/clusters/{cluster}/backups")).json()["items"][0]["id"]
        body = {"backupId": backup, "recoveryTargetTime": "2026-11-22T10:00:00+01:00"}
        answer = await v1("POST", f"/clusters/{cluster}/restore", json=body)
        assert (answer.status_code, answer.content) == (202, b"")
        assert await v1.state(cluster) == "BUSY"
        assert (await v1("POST", f"/clusters/{cluster}/restore", json=body)).status_code == 422
        site.pass_time(300)
        after = (await v1.get(f"/clusters/{cluster}")).json()
        backups = (await v1.get(f"/clusters/{cluster}/backups")).json()["items"]
        restores = (await site.true_state(cluster))["restores"]
    assert after["metadata"]["state"] == "AVAILABLE"
    assert after["metadata"]["lastModifiedDate"] == "2026-11-23T09:00:00.000Z"
    assert [one["properties"]["isActive"] for one in backups] == [False, True]
    assert [one["target"] for one in restores] == ["2026-11-22T09:00:00+00:00"]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("2026-11-23T09:00:01Z", "future"),
        ("2026-11-10T09:00:00Z", "outside"),
        ("2026-11-22T10:00:00", "RFC 3339"),
        ("yesterday", "RFC 3339"),
        ("0001-01-01T00:00:00+14:00", "RFC 3339"),
    ],
)
async def test_a_target_that_no_backup_reaches_is_refused(target, said):
    async with cloud_site() as site:
        v1 = site.v1()
        cluster = (await v1.named("orders-prod"))["id"]
        backup = (await v1.get(f"/clusters/{cluster}/backups")).json()["items"][0]["id"]
        body = {"backupId": backup, "recoveryTargetTime": target}
        answer = await v1("POST", f"/clusters/{cluster}/restore", json=body)
        assert await v1.state(cluster) == "AVAILABLE"
    assert answer.status_code == 422
    assert said in messages(answer)


async def test_a_backup_of_a_newer_major_or_another_contract_is_refused():
    async with cloud_site() as site:
        v1 = site.v1()
        cluster = (await v1.named("orders-prod"))["id"]
        backups = (await v1.get("/clusters/backups?limit=1000")).json()["items"]
        newer = next(one["id"] for one in backups if one["properties"]["version"] == "16")
        foreign = (await site.v1("demo-token-c").get("/clusters/backups")).json()["items"][0]["id"]
        for backup, said in ((newer, "newer"), (foreign, "not known"), ("nonsense", "not known")):
            answer = await v1("POST", f"/clusters/{cluster}/restore", json={"backupId": backup})
            assert answer.status_code == 422
            assert said in messages(answer)
