"""Changing by PUT on v2: everything read goes back, and nothing is sent that could do harm."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from api_fakes import V2_PLACE, FakeCloud, transport, v2_cluster
from pydantic import SecretStr

from bot.api.v2 import V2
from bot.domain import Connection, MaintenanceWindow
from bot.errors import BadArgument, ConfigError, NotOffered, OutcomeUnknown, Unreadable
from bot.wanted import ClusterChange, Credentials, RestoreTo

pytestmark = pytest.mark.anyio

LAN = Connection(datacenter_id="03a8fdf1", lan_id="2", address="192.168.1.4/24")
PASSWORD = "Canary-9!long"
USER = Credentials(username="orders", password=SecretStr(PASSWORD), database="orders")
AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def put_cloud(read: dict, status: int = 200) -> FakeCloud:
    """Answers GET with the given body and PUT with it and the given status."""
    return FakeCloud(lambda request: httpx.Response(200 if request.method == "GET" else status, json=read))


async def put_body(change: ClusterChange, **properties) -> dict:
    cloud = put_cloud(v2_cluster(1, **properties))
    await V2(transport(cloud), V2_PLACE).change_cluster(v2_cluster(1)["id"], change, USER)
    assert [request.method for request in cloud.requests] == ["GET", "PUT"]
    return json.loads(cloud.requests[1].content)


async def test_a_v2_change_sends_back_everything_it_read_and_the_credentials():
    body = await put_body(ClusterChange(ram_mb=8192), futureSetting={"a": [1]})

    expected = v2_cluster(1, futureSetting={"a": [1]})["properties"]
    expected["instances"] = {"count": 1, "cores": 2, "ram": 8, "storageSize": 20}
    expected["credentials"] = {"username": "orders", "password": PASSWORD, "database": "orders"}
    assert body == {"id": v2_cluster(1)["id"], "properties": expected}


async def test_a_v2_change_never_sends_back_a_restore():
    for restore in ({"recoveryTargetDatetime": "2026-01-01T00:00:00Z"}, {"sourceBackupId": "b"}, None):
        body = await put_body(ClusterChange(name="other"), restoreFromBackup=restore)

        assert "restoreFromBackup" not in body["properties"]


async def test_every_v2_change_lands_in_its_field():
    change = ClusterChange(
        name="other",
        postgres_version="17",
        instances=3,
        cores=4,
        storage_mb=40960,
        connection=LAN,
        maintenance=MaintenanceWindow(day="Friday", time="01:02:03"),
        replication="STRICTLY_SYNCHRONOUS",
        pooler="session",
        description="",
        backup_retention_days=30,
        logs_enabled=True,
        metrics_enabled=False,
    )

    sent = (await put_body(change))["properties"]

    assert sent == {
        "name": "other",
        "description": "",
        "version": "17",
        "instances": {"count": 3, "cores": 4, "ram": 4, "storageSize": 40},
        "connection": {"datacenterId": "03a8fdf1", "lanId": "2", "primaryInstanceAddress": "192.168.1.4/24"},
        "maintenanceWindow": {"dayOfTheWeek": "Friday", "time": "01:02:03"},
        "replicationMode": "STRICTLY_SYNCHRONOUS",
        "connectionPooler": "SESSION",
        "credentials": {"username": "orders", "password": PASSWORD, "database": "orders"},
        "logsEnabled": True,
        "metricsEnabled": False,
        "backup": {"location": "eu-central-3", "retentionDays": 30},
    }


async def test_a_change_of_retention_turns_the_older_backup_form_into_the_newer():
    body = await put_body(ClusterChange(backup_retention_days=30), backup=None, backupLocation="eu-central-4")

    assert body["properties"]["backup"] == {"location": "eu-central-4", "retentionDays": 30}
    assert "backupLocation" not in body["properties"]


async def test_another_change_leaves_the_older_backup_form_as_it_was():
    body = await put_body(ClusterChange(name="other"), backup=None, backupLocation="eu-central-4")

    assert (body["properties"]["backup"], body["properties"]["backupLocation"]) == (None, "eu-central-4")


async def test_what_is_outside_the_limits_and_stays_is_sent_back_as_it_is():
    small = {"count": 1, "cores": 2, "ram": 2, "storageSize": 5}

    body = await put_body(ClusterChange(cores=4), name="Legacy CRM (2023)", instances=small)

    assert body["properties"]["name"] == "Legacy CRM (2023)"
    assert body["properties"]["instances"] == {"count": 1, "cores": 4, "ram": 2, "storageSize": 5}


async def test_a_v2_restore_is_a_put_of_the_whole_with_the_time():
    cloud = put_cloud(v2_cluster(1))

    await V2(transport(cloud), V2_PLACE).restore(v2_cluster(1)["id"], RestoreTo(target=AT), USER)

    body = json.loads(cloud.requests[1].content)
    assert body["properties"]["restoreFromBackup"] == {"recoveryTargetDatetime": "2026-11-20T10:00:00.000Z"}
    assert body["properties"]["name"] == "cluster-1"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (ClusterChange(), BadArgument),
        (ClusterChange(detach=True), NotOffered),
        (ClusterChange(ram_mb=1024), BadArgument),
        (ClusterChange(name="a b"), BadArgument),
        (ClusterChange(storage_mb=30480), BadArgument),
        (ClusterChange(backup_retention_days=0), BadArgument),
        (ClusterChange(connection=replace(LAN, address="10.208.0.1/24")), BadArgument),
    ],
)
async def test_a_v2_change_that_cannot_be_is_refused_before_any_call(change, error):
    cloud = put_cloud(v2_cluster(1))

    with pytest.raises(error):
        await V2(transport(cloud), V2_PLACE).change_cluster("x", change, USER)

    assert cloud.requests == []


async def test_a_v2_write_without_credentials_is_refused_before_any_call_and_says_how():
    cloud = put_cloud(v2_cluster(1))
    api = V2(transport(cloud), V2_PLACE)

    for attempt in (
        api.change_cluster("x", ClusterChange(cores=2), None),
        api.restore("x", RestoreTo(target=AT), None),
    ):
        with pytest.raises(ConfigError, match=r"app\.yaml"):
            await attempt

    assert cloud.requests == []


@pytest.mark.parametrize("target", [RestoreTo(), RestoreTo(backup_id="b", target=AT)])
async def test_a_v2_restore_takes_a_time_and_no_backup(target):
    cloud = put_cloud(v2_cluster(1))

    with pytest.raises((BadArgument, NotOffered)):
        await V2(transport(cloud), V2_PLACE).restore("x", target, USER)

    assert cloud.requests == []


@pytest.mark.parametrize("lost", ["name", "instances", "connection", "backup", "maintenanceWindow"])
async def test_a_read_that_lacks_what_a_put_would_reset_stops_the_change(lost):
    cloud = put_cloud(v2_cluster(1, **{lost: None}))

    with pytest.raises(Unreadable, match=lost):
        await V2(transport(cloud), V2_PLACE).change_cluster(v2_cluster(1)["id"], ClusterChange(cores=3), USER)

    assert cloud.sent("PUT") == []


async def test_strict_replication_on_too_few_instances_is_refused_after_looking():
    cloud = put_cloud(v2_cluster(1))
    change = ClusterChange(replication="STRICTLY_SYNCHRONOUS")

    with pytest.raises(BadArgument, match="at least 3"):
        await V2(transport(cloud), V2_PLACE).change_cluster(v2_cluster(1)["id"], change, USER)

    assert cloud.sent("PUT") == []


async def test_a_put_that_created_a_cluster_is_told_as_unknown():
    cloud = put_cloud(v2_cluster(1), status=201)

    with pytest.raises(OutcomeUnknown, match="created a new cluster"):
        await V2(transport(cloud), V2_PLACE).change_cluster(v2_cluster(1)["id"], ClusterChange(cores=3), USER)
