"""Changing by PUT on v2: everything read goes back, and nothing is sent that could do harm."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from api_fakes import V2_PLACE, FakeCloud, transport, v2_cluster
from api_site import PAYMENTS, open_site
from pydantic import SecretStr
from yaml_files import read_yaml

from bot.domain.cluster import Connection, MaintenanceWindow
from bot.domain.cluster_spec import ClusterChange, Credentials, RestoreTo
from bot.domain.errors import BadArgument, ConfigError, NotFound, NotOffered, OutcomeUnknown, UnreadableAnswer
from bot.ionos.credentials import ContractAccess
from bot.ionos.v2.client import V2Client
from bot.ionos.v2.requests import NEEDED

pytestmark = pytest.mark.anyio

LAN = Connection(datacenter_id="03a8fdf1-fbc4-43f6-91ce-0506444e17dd", lan_id="2", address="192.168.1.4/24")
PASSWORD = "Canary-9!long"
USER = Credentials(username="orders", password=SecretStr(PASSWORD), database="orders")
SPEC = Path(__file__).parent.parent / "specs" / "ionos-v2.openapi.yaml"
AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def put_cloud(read: dict, status: int = 200) -> FakeCloud:
    """Return a cloud that answers GET with the given body and PUT with it and the given status."""
    return FakeCloud(lambda request: httpx.Response(200 if request.method == "GET" else status, json=read))


async def put_body(change: ClusterChange, **properties) -> dict:
    cloud = put_cloud(v2_cluster(1, **properties))
    await V2Client(transport(cloud), V2_PLACE).change_cluster(v2_cluster(1)["id"], change, USER)
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
        "connection": {
            "datacenterId": "03a8fdf1-fbc4-43f6-91ce-0506444e17dd",
            "lanId": "2",
            "primaryInstanceAddress": "192.168.1.4/24",
        },
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

    assert body["properties"]["backupLocation"] == "eu-central-4"


async def test_what_the_answer_says_is_not_set_is_not_sent():
    body = await put_body(
        ClusterChange(name="other"), backup=None, backupLocation="x", unknown={"a": None, "b": 1}
    )

    assert "backup" not in body["properties"]
    assert body["properties"]["unknown"] == {"b": 1}


async def test_what_is_outside_the_limits_and_stays_is_sent_back_as_it_is():
    small = {"count": 1, "cores": 2, "ram": 2, "storageSize": 5}

    body = await put_body(ClusterChange(cores=4), name="Legacy CRM (2023)", instances=small)

    assert body["properties"]["name"] == "Legacy CRM (2023)"
    assert body["properties"]["instances"] == {"count": 1, "cores": 4, "ram": 2, "storageSize": 5}


async def test_a_v2_restore_is_a_put_of_the_whole_with_the_time():
    cloud = put_cloud(v2_cluster(1))

    await V2Client(transport(cloud), V2_PLACE).restore(v2_cluster(1)["id"], RestoreTo(target=AT), USER)

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
        await V2Client(transport(cloud), V2_PLACE).change_cluster("x", change, USER)

    assert cloud.requests == []


async def test_a_v2_write_without_credentials_is_refused_before_any_call_and_says_how():
    cloud = put_cloud(v2_cluster(1))
    api = V2Client(transport(cloud), V2_PLACE)

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
        await V2Client(transport(cloud), V2_PLACE).restore("x", target, USER)

    assert cloud.requests == []


@pytest.mark.parametrize("lost", ["name", "instances", "connection", "backup", "maintenanceWindow"])
async def test_a_read_that_lacks_what_a_put_would_reset_stops_the_change(lost):
    cloud = put_cloud(v2_cluster(1, **{lost: None}))

    with pytest.raises(UnreadableAnswer, match=lost):
        await V2Client(transport(cloud), V2_PLACE).change_cluster(
            v2_cluster(1)["id"], ClusterChange(cores=3), USER
        )

    assert cloud.sent("PUT") == []


def drop_field(part: str, field: str) -> dict:
    """Return a cluster whose part lacks one field."""
    raw = v2_cluster(1)
    del raw["properties"][part][field]
    return raw


INNER = [
    ("instances", "count"),
    ("instances", "ram"),
    ("instances", "cores"),
    ("instances", "storageSize"),
    ("connection", "datacenterId"),
    ("connection", "lanId"),
    ("connection", "primaryInstanceAddress"),
    ("maintenanceWindow", "time"),
    ("maintenanceWindow", "dayOfTheWeek"),
    ("backup", "location"),
    ("backup", "retentionDays"),
]


@pytest.mark.parametrize(("part", "field"), INNER)
@pytest.mark.parametrize("wrong", ["missing", None, "", [], True])
async def test_a_part_that_lacks_what_the_specification_requires_stops_the_change(part, field, wrong):
    raw = drop_field(part, field)
    if wrong != "missing":
        raw["properties"][part][field] = wrong
    cloud = put_cloud(raw)
    api = V2Client(transport(cloud), V2_PLACE)

    with pytest.raises(UnreadableAnswer, match=f"lacks {part}.{field}, which"):
        await api.change_cluster(raw["id"], ClusterChange(description="x"), USER)
    with pytest.raises(UnreadableAnswer, match=f"lacks {part}.{field}, which"):
        await api.restore(raw["id"], RestoreTo(target=AT), USER)

    assert cloud.sent("PUT") == []


def test_what_is_needed_to_replace_is_what_the_specification_requires():
    schemas = read_yaml(SPEC)["components"]["schemas"]
    parts = {
        "instances": "InstanceConfiguration",
        "connection": "PostgresClusterConnection",
        "maintenanceWindow": "MaintenanceWindow",
        "backup": "ClusterBackup",
    }

    assert set(NEEDED) == set(schemas["Cluster"]["required"])
    assert {name: set(NEEDED[name]) for name in parts} == {
        name: set(schemas[schema]["required"]) for name, schema in parts.items()
    }


async def test_a_change_of_retention_needs_the_location_that_it_does_not_change():
    cloud = put_cloud(v2_cluster(1, backup=None))

    with pytest.raises(UnreadableAnswer, match=r"lacks backup\.location"):
        await V2Client(transport(cloud), V2_PLACE).change_cluster(
            v2_cluster(1)["id"], ClusterChange(backup_retention_days=30), USER
        )

    assert cloud.sent("PUT") == []


async def test_unknown_fields_of_every_part_go_back_also_when_the_part_changes():
    read = v2_cluster(1)["properties"]
    parts = ("instances", "connection", "maintenanceWindow", "backup", "credentials")
    newer = {name: {**read[name], "future": {"a": [1]}} for name in parts}
    change = ClusterChange(
        cores=4,
        connection=LAN,
        maintenance=MaintenanceWindow(day="Friday", time="01:02:03"),
        backup_retention_days=30,
    )

    sent = (await put_body(change, **newer))["properties"]

    assert [sent[name]["future"] for name in parts] == [{"a": [1]}] * 5
    assert sent["connection"]["datacenterId"] == "03a8fdf1-fbc4-43f6-91ce-0506444e17dd"
    assert sent["maintenanceWindow"]["dayOfTheWeek"] == "Friday"
    assert sent["backup"]["retentionDays"] == 30
    assert sent["credentials"]["password"] == PASSWORD


@pytest.mark.parametrize(
    ("shown", "named"),
    [
        ({"username": "other", "database": "orders"}, "user “other”"),
        ({"username": "orders", "database": "other"}, "database “other”"),
        ({"username": "other"}, "user “other”"),
        ({"username": "ORDERS", "database": None}, "user “ORDERS”"),
    ],
)
async def test_the_credentials_of_another_user_are_refused_before_the_put(shown, named):
    cloud = put_cloud(v2_cluster(1, credentials=shown))
    api = V2Client(transport(cloud), V2_PLACE)

    for attempt in (
        api.change_cluster(v2_cluster(1)["id"], ClusterChange(cores=3), USER),
        api.restore(v2_cluster(1)["id"], RestoreTo(target=AT), USER),
    ):
        with pytest.raises(ConfigError, match=r"app\.yaml") as caught:
            await attempt
        assert "user “orders”, database “orders”" in caught.value.sentence
        assert named in caught.value.sentence
        assert PASSWORD not in str(caught.value)

    assert cloud.sent("PUT") == []


@pytest.mark.parametrize("shown", [None, {}, {"username": None}, {"username": "orders"}, {"username": ""}])
async def test_a_read_that_does_not_show_the_user_does_not_stop_the_change(shown):
    body = await put_body(ClusterChange(cores=3), credentials=shown)

    assert body["properties"]["credentials"]["username"] == "orders"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (ClusterChange(name=""), "2 to 63"),
        (ClusterChange(postgres_version=""), "major"),
        (ClusterChange(replication=""), "ASYNCHRONOUS"),
        (ClusterChange(pooler=""), "disabled, transaction, session"),
        (ClusterChange(cores=0), "1 to 62 cores"),
        (ClusterChange(instances=0), "1 to 5 instances"),
        (ClusterChange(ram_mb=0), "4 GB to 240 GB"),
        (ClusterChange(storage_mb=0), "10 GB to 4096 GB"),
        (ClusterChange(backup_retention_days=0), "1 to 365 days"),
        (ClusterChange(cores=2, name=""), "2 to 63"),
    ],
)
async def test_nothing_and_zero_are_values_that_v2_refuses_in_words(change, words):
    cloud = put_cloud(v2_cluster(1))

    with pytest.raises(BadArgument, match=words):
        await V2Client(transport(cloud), V2_PLACE).change_cluster("x", change, USER)

    assert cloud.requests == []


async def test_switching_logs_off_alone_is_a_change():
    assert (await put_body(ClusterChange(logs_enabled=False)))["properties"]["logsEnabled"] is False


@pytest.mark.parametrize("named", [v2_cluster(2)["id"], None, 5])
async def test_a_read_about_another_cluster_stops_the_change(named):
    cloud = put_cloud({**v2_cluster(1), "id": named})

    with pytest.raises(UnreadableAnswer, match="another cluster"):
        await V2Client(transport(cloud), V2_PLACE).change_cluster(
            v2_cluster(1)["id"], ClusterChange(cores=3), USER
        )

    assert cloud.sent("PUT") == []


async def test_a_cluster_of_another_contract_is_not_replaced_by_a_new_one():
    site = open_site(ContractAccess(name="main", token=SecretStr("demo-token-c")))
    payments, before = site.payments, len(list(site.cloud.everything()))

    with pytest.raises(NotFound):
        await site.v2.change_cluster(payments, ClusterChange(cores=8), PAYMENTS)

    assert site.cloud.calls.count("PUT") == 0
    assert len(list(site.cloud.everything())) == before


async def test_strict_replication_on_too_few_instances_is_refused_after_a_read():
    cloud = put_cloud(v2_cluster(1))
    change = ClusterChange(replication="STRICTLY_SYNCHRONOUS")

    with pytest.raises(BadArgument, match="at least 3"):
        await V2Client(transport(cloud), V2_PLACE).change_cluster(v2_cluster(1)["id"], change, USER)

    assert cloud.sent("PUT") == []


async def test_a_put_that_created_a_cluster_is_told_as_unknown():
    cloud = put_cloud(v2_cluster(1), status=201)

    with pytest.raises(OutcomeUnknown, match="created a new cluster"):
        await V2Client(transport(cloud), V2_PLACE).change_cluster(
            v2_cluster(1)["id"], ClusterChange(cores=3), USER
        )
