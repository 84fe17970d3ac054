"""v2's PUT: replacing, creating, and conflicts."""

from dataclasses import replace

import pytest
from cloud_clients import PASSWORD, cloud_site, put_back, v2_cluster

pytestmark = pytest.mark.anyio
NEW_ID = "46c151c7-55f8-42a4-86c3-06ad6b4b91ea"


async def test_an_id_that_is_not_the_one_in_the_path_is_refused():
    async with cloud_site() as site:
        v2 = site.v2()
        other = "00000000-0000-4000-8000-000000000000"
        assert (await v2("PUT", f"/clusters/{NEW_ID}", json={"id": other, **v2_cluster()})).status_code == 422
        assert (await v2("PUT", f"/clusters/{NEW_ID}", json=v2_cluster())).status_code == 422
        assert (await v2("PUT", "/clusters/orders", json={"id": NEW_ID, **v2_cluster()})).status_code == 422


async def test_put_creates_under_the_id_of_the_caller():
    async with cloud_site() as site:
        v2 = site.v2()
        answer = await v2("PUT", f"/clusters/{NEW_ID}", json={"id": NEW_ID, **v2_cluster()})
        assert answer.status_code == 201
        assert answer.json()["id"] == NEW_ID
        assert await v2.state(NEW_ID) == "PROVISIONING"
        again = await v2("PUT", f"/clusters/{NEW_ID}", json={"id": NEW_ID, **v2_cluster()})
        assert again.status_code == 409
        elsewhere = site.v2(region="de-fra")
        assert (
            await elsewhere("PUT", f"/clusters/{NEW_ID}", json={"id": NEW_ID, **v2_cluster()})
        ).status_code == 409


async def test_put_replaces_everything_and_sets_the_password():
    async with cloud_site() as site:
        v2 = site.v2()
        cluster = (await v2.named("payments-prod"))["id"]
        body = {
            "id": cluster,
            **v2_cluster(instances={"count": 3, "cores": 8, "ram": 32, "storageSize": 300}),
        }
        answer = await v2("PUT", f"/clusters/{cluster}", json=body)
        assert answer.status_code == 200
        assert answer.json()["metadata"]["state"] == "UPDATING"
        shown = answer.json()["properties"]
        assert "description" not in shown
        assert shown["replicationMode"] == "ASYNCHRONOUS"
        assert shown["instances"] == body["properties"]["instances"]
        assert shown["credentials"] == {"username": "owner", "database": "orders"}
        truth = await site.true_state(cluster)
        assert truth["passwords"]["owner"] == PASSWORD
        assert set(truth["passwords"]) == {"owner", "payments"}
        assert set(truth["databases"]) == {"orders", "payments"}
        site.pass_time(60)
        assert await v2.state(cluster) == "AVAILABLE"


@pytest.mark.parametrize("setting", ["refuse", "accept"])
async def test_a_put_to_a_cluster_that_is_going_away_conflicts(setting):
    async with cloud_site(writes_while_busy=setting) as site:
        v2 = site.v2()
        cluster = (await v2.named("payments-prod"))["id"]
        await v2("DELETE", f"/clusters/{cluster}")
        assert (await put_back(v2, cluster)).status_code == 409
        # It conflicts before anybody looks whether the change itself would be allowed.
        assert (await put_back(v2, cluster, version="14")).status_code == 409
        assert await v2.state(cluster) == "DESTROYING"


@pytest.mark.parametrize(
    ("phase", "setting", "status"),
    [
        ("AVAILABLE", "refuse", 200),
        ("FAILED", "refuse", 200),
        ("CREATING", "refuse", 409),
        ("CHANGING", "refuse", 409),
        ("HIBERNATED", "refuse", 409),
        ("HIBERNATED", "accept", 200),
    ],
)
async def test_a_put_wants_a_cluster_at_rest(phase, setting, status):
    async with cloud_site(writes_while_busy=setting) as site:
        v2 = site.v2(checked=False)
        cluster = (await v2.named("payments-prod"))["id"]
        await site.admin("PATCH", f"/clusters/{cluster}", json={"phase": phase})
        assert (await put_back(v2, cluster)).status_code == status


async def test_a_put_sets_the_password_of_a_user_who_exists_and_leaves_the_others():
    async with cloud_site() as site:
        v2 = site.v2()
        cluster = (await v2.named("payments-prod"))["id"]
        users = site.cloud.find(cluster).users
        users["auditor"] = replace(users["payments"], username="auditor")
        made = users["payments"].created_at
        own = {"username": "payments", "password": PASSWORD, "database": "payments"}
        before = await site.true_state(cluster)
        assert (await put_back(v2, cluster, credentials=own)).status_code == 200
        after = await site.true_state(cluster)
    assert before["passwords"]["payments"] != PASSWORD
    assert after["passwords"] == before["passwords"] | {"payments": PASSWORD}
    assert after["databases"] == before["databases"]
    assert after["credentials"]["password"] == PASSWORD
    assert (users["payments"].created_at, users["payments"].modified_at) == (made, site.clock.now())
