"""Users, databases, changes, logs and paths: the request, and refusals before any call."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import httpx
import pytest
from api_fakes import V1_PLACE, failure, in_turn, transport, v1_cluster
from api_values import AT, LAN, NEW_V1, NEW_V2, PASSWORD, USER, WINDOW
from pydantic import SecretStr

from bot.domain.cluster_spec import ClusterChange, Credentials, LogWindow
from bot.domain.errors import BadArgument, NotOffered, OutcomeUnknown
from bot.ionos.v1 import requests as v1_requests
from bot.ionos.v1.client import V1Client
from bot.ionos.v2 import requests as v2_requests

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("password", ["short", "x" * 64])
def test_v1_user_passwords_have_10_to_63_characters(password):
    user = Credentials(username="bob", password=SecretStr(password))

    for send in (v1_requests.create_user, v1_requests.change_password):
        with pytest.raises(BadArgument, match="10 to 63"):
            send(user)


@pytest.mark.parametrize("name", ["postgres", "ADMIN", "standby"])
def test_reserved_users_are_refused_on_v1(name):
    with pytest.raises(BadArgument, match="reserved"):
        v1_requests.create_user(replace(USER, username=name))


@pytest.mark.parametrize(("name", "owner"), [("", "a"), ("a", "")])
def test_databases_and_their_owners_have_1_to_63_characters(name, owner):
    with pytest.raises(BadArgument, match="1 to 63"):
        v1_requests.create_database(name, owner)


@pytest.mark.parametrize("long", ["a" * 64, "\u00e9" * 32, "\u540d" * 22])
def test_names_that_postgresql_would_cut_are_refused_with_their_bytes(long):
    for make in (
        lambda: v1_requests.create_database(long, "a"),
        lambda: v1_requests.create_database("a", long),
        lambda: v1_requests.create_user(replace(USER, username=long)),
    ):
        with pytest.raises(BadArgument, match=f"has {len(long.encode())} bytes in UTF-8.* the first 63"):
            make()


@pytest.mark.parametrize(
    ("new", "what"),
    [
        (replace(NEW_V1, description="x"), "describing"),
        (replace(NEW_V1, backup_retention_days=30), "retention"),
        (replace(NEW_V1, logs_enabled=False), "shipping logs"),
        (replace(NEW_V1, metrics_enabled=True), "shipping logs"),
    ],
)
def test_what_only_v2_has_is_not_sent_to_v1(new, what):
    with pytest.raises(NotOffered, match=what):
        v1_requests.create_cluster(new, USER)


def test_a_storage_type_is_not_sent_to_v2():
    with pytest.raises(NotOffered, match="storage type"):
        v2_requests.create_cluster(replace(NEW_V2, storage_type="HDD"), USER)


@pytest.mark.parametrize(
    ("change", "sent"),
    [
        (ClusterChange(ram_mb=8192), {"ram": 8192}),
        (ClusterChange(name="x", storage_mb=20480), {"displayName": "x", "storageSize": 20480}),
        (ClusterChange(detach=True), {"connections": []}),
        (ClusterChange(pooler="disabled"), {"connectionPooler": {"enabled": False}}),
        (ClusterChange(replication="STRICTLY_SYNCHRONOUS"), {"synchronizationMode": "STRICTLY_SYNCHRONOUS"}),
        (ClusterChange(postgres_version="17"), {"postgresVersion": "17"}),
        (
            ClusterChange(maintenance=WINDOW),
            {"maintenanceWindow": {"time": "16:30:59", "dayOfTheWeek": "Sunday"}},
        ),
    ],
)
def test_a_v1_change_sends_only_what_changes(change, sent):
    assert v1_requests.change_cluster(change) == {"properties": sent}


@pytest.mark.parametrize(
    "change",
    [
        ClusterChange(),
        ClusterChange(detach=True, connection=LAN),
        ClusterChange(ram_mb=1),
        ClusterChange(name=""),
        ClusterChange(postgres_version=""),
        ClusterChange(replication=""),
        ClusterChange(pooler=""),
        ClusterChange(cores=0),
        ClusterChange(instances=0),
        ClusterChange(storage_mb=0),
    ],
)
def test_a_v1_change_that_makes_no_sense_is_refused(change):
    with pytest.raises(BadArgument):
        v1_requests.change_cluster(change)


def test_log_windows_become_a_query():
    window = LogWindow(
        start=datetime(2026, 11, 1, 2, 0, tzinfo=timezone(timedelta(hours=2))), end=AT, limit=5000
    )

    assert v1_requests.log_query(window) == {
        "start": "2026-11-01T00:00:00.000Z",
        "end": "2026-11-20T10:00:00.000Z",
        "direction": "BACKWARD",
        "limit": "5000",
    }


@pytest.mark.parametrize("window", [LogWindow(limit=0), LogWindow(limit=5001), LogWindow(start=AT, end=AT)])
def test_log_windows_that_make_no_sense_are_refused(window):
    with pytest.raises(BadArgument):
        v1_requests.log_query(window)


@pytest.mark.parametrize("name", ["", ".", ".."])
async def test_names_that_would_change_the_path_are_refused(name):
    cloud = in_turn(failure(404))

    with pytest.raises(BadArgument):
        await V1Client(transport(cloud), V1_PLACE).delete_user("id", name)

    assert cloud.requests == []


async def test_names_with_special_characters_stay_one_part_of_the_path():
    cloud = in_turn(httpx.Response(204))

    await V1Client(transport(cloud), V1_PLACE).delete_user("id", "a/../b?c#d %ü")

    assert cloud.requests[0].url.raw_path == (
        b"/databases/postgresql/clusters/id/users/a%2F..%2Fb%3Fc%23d%20%25%C3%BC"
    )


async def test_the_password_that_is_sent_shows_nowhere_else():
    cloud = in_turn(failure(422, f"{PASSWORD} is too easy"))

    with pytest.raises(Exception, match="rejects") as caught:
        await V1Client(transport(cloud), V1_PLACE).create_user("id", USER)

    assert json.loads(cloud.requests[0].content)["properties"]["password"] == PASSWORD
    assert PASSWORD not in repr((caught.value, caught.value.fault, USER))


async def test_an_accepted_write_with_a_broken_answer_is_unknown():
    cloud = in_turn(httpx.Response(200, content=b'{"id": "x", "prop'))

    with pytest.raises(OutcomeUnknown):
        await V1Client(transport(cloud), V1_PLACE).change_cluster("id", ClusterChange(cores=2))


async def test_v1_cluster_writes_answer_with_the_cluster():
    cloud = in_turn(httpx.Response(200, json=v1_cluster(1)))
    api = V1Client(transport(cloud), V1_PLACE)

    assert (await api.create_cluster(NEW_V1, USER)).id == v1_cluster(1)["id"]
    assert (await api.change_cluster("x", ClusterChange(cores=2))).id == v1_cluster(1)["id"]
    assert [(request.method, request.url.path[21:]) for request in cloud.requests] == [
        ("POST", "/clusters"),
        ("PATCH", "/clusters/x"),
    ]
