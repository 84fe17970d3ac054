"""The simulator's refusals, which name the wrong field without its value."""

import json

import pytest
from cloud_clients import DATACENTER, cloud_site, put_back, v1_cluster, v2_cluster

pytestmark = pytest.mark.anyio

CONNECTION = {"datacenterId": DATACENTER, "lanId": "2", "cidr": "192.168.1.5/24"}
V1_NEW = [
    ("postgresVersion", "13"),
    ("postgresVersion", 15),
    ("instances", 0),
    ("instances", 6),
    ("instances", True),
    ("cores", 0),
    ("cores", 2**31),
    ("ram", 2048),
    ("ram", 4097),
    ("ram", 4096.5),
    ("storageSize", 10239),
    ("storageSize", 2097153),
    ("storageType", "NVMe"),
    ("connections", []),
    ("connections", [CONNECTION, CONNECTION]),
    ("connections", None),
    ("connections", [{**CONNECTION, "datacenterId": "dc-1"}]),
    ("connections", [{**CONNECTION, "cidr": "192.168.1.5"}]),
    ("connections", [{**CONNECTION, "cidr": "fe80::1/64"}]),
    ("connections", [{**CONNECTION, "cidr": "10.233.64.9/24"}]),
    ("connections", [{**CONNECTION, "cidr": "10.233.1.9/24"}]),
    ("location", "de/ber"),
    ("backupLocation", "eu-central-3"),
    ("displayName", ""),
    ("displayName", "\ud800"),
    ("maintenanceWindow", {"time": "25:00:00", "dayOfTheWeek": "Sunday"}),
    ("maintenanceWindow", {"time": "10:00", "dayOfTheWeek": "Sunday"}),
    ("maintenanceWindow", {"time": "10:00:00", "dayOfTheWeek": "sunday"}),
    ("credentials", {"username": "postgres", "password": "long enough 1"}),
    ("credentials", {"username": "ADMIN", "password": "long enough 1"}),
    ("credentials", {"username": "owner", "password": "too short"}),
    ("synchronizationMode", "SYNCHRONOUS"),
    ("connectionPooler", {"enabled": True, "poolMode": ""}),
    ("fromBackup", {"backupId": "unknown"}),
]
V1_CHANGES = [
    ("location", "de/fra"),
    ("storageType", "HDD"),
    ("backupLocation", "de"),
    ("credentials", {"username": "owner", "password": "long enough 1"}),
    ("fromBackup", {"backupId": "x"}),
    ("storageSize", 51200),
    ("postgresVersion", "14"),
    ("postgresVersion", "17"),
    ("ram", 2048),
    ("synchronizationMode", "SYNCHRONOUS"),
    ("cores", None),
    ("connections", [{**CONNECTION, "cidr": "10.233.114.7/24"}]),
]
V2_CONNECTION = {"datacenterId": DATACENTER, "lanId": "2", "primaryInstanceAddress": "192.168.1.5/24"}
SIZES = {"count": 1, "cores": 2, "ram": 4, "storageSize": 20}
CREDENTIALS = {"username": "owner", "password": "Example-1@x", "database": "orders"}
V2_NEW = [
    ("name", "x"),
    ("name", "x" * 64),
    ("name", "two words"),
    ("name", "-dash"),
    ("name", "dash-"),
    ("name", "line\n"),
    ("version", "13"),
    ("instances", {**SIZES, "count": 6}),
    ("instances", {**SIZES, "ram": 3}),
    ("instances", {**SIZES, "ram": 241}),
    ("instances", {**SIZES, "cores": 63}),
    ("instances", {**SIZES, "storageSize": 9}),
    ("instances", {**SIZES, "storageSize": 4097}),
    ("connection", {**V2_CONNECTION, "primaryInstanceAddress": "10.210.1.2/24"}),
    ("connection", {**V2_CONNECTION, "datacenterId": "x"}),
    ("connection", None),
    ("replicationMode", "SYNCHRONOUS"),
    ("replicationMode", "STRICTLY_SYNCHRONOUS"),
    ("connectionPooler", "ON"),
    ("backup", {"location": "de", "retentionDays": 7}),
    ("backup", {"location": "eu-central-3", "retentionDays": 0}),
    ("backup", {"location": "eu-central-3", "retentionDays": 366}),
    ("backup", {"location": "eu-central-3"}),
    ("credentials", None),
    ("credentials", {**CREDENTIALS, "username": "standby"}),
    ("credentials", {**CREDENTIALS, "username": "x"}),
    ("credentials", {**CREDENTIALS, "username": "x" * 17}),
    ("credentials", {**CREDENTIALS, "username": "with-dash"}),
    ("credentials", {**CREDENTIALS, "database": "with-dash"}),
    ("credentials", {**CREDENTIALS, "password": "Sh0rt@x"}),
    ("credentials", {**CREDENTIALS, "password": "no-upper-1@x"}),
    ("credentials", {**CREDENTIALS, "password": "NO-LOWER-1@X"}),
    ("credentials", {**CREDENTIALS, "password": "No-Digit-@xx"}),
    ("credentials", {**CREDENTIALS, "password": "NoSpecial1xx"}),
    ("credentials", {**CREDENTIALS, "password": "Ä٣@" + "x" * 9}),
    ("logsEnabled", "true"),
]
V2_REPLACEMENTS = [
    ("version", "15"),
    ("instances", {"count": 3, "cores": 4, "ram": 16, "storageSize": 199}),
    ("backup", {"location": "eu-central-4", "retentionDays": 7}),
    ("replicationMode", "SYNCHRONOUS"),
    ("instances", {"count": 2, "cores": 4, "ram": 16, "storageSize": 200}),
    ("restoreFromBackup", {"recoveryTargetDatetime": "2026-11-24T09:00:00Z"}),
    ("restoreFromBackup", {"recoveryTargetDatetime": "2026-10-01T09:00:00Z"}),
]


def refused(answer, field):
    said = " ".join(one["message"] for one in answer.json()["messages"])
    return answer.status_code == 422 and (field in said or field.lower() in said.lower().replace(" ", ""))


@pytest.mark.parametrize(("field", "value"), V1_NEW)
async def test_v1_refuses_to_create(field, value):
    async with cloud_site() as site:
        v1 = site.v1()
        before = len(list(site.cloud.everything()))
        # httpx would not encode a lone surrogate itself.
        answer = await post(v1, "/clusters", v1_cluster(**{field: value}))
        assert len(list(site.cloud.everything())) == before
    assert answer.status_code == 400 if value == "\ud800" else refused(answer, SAYS.get(field, field))
    assert "too short" not in answer.text


SAYS = {"fromBackup": "backupId", "restoreFromBackup": "recoveryTargetDatetime"}


async def post(caller, path, body):
    content = json.dumps(body).encode()
    return await caller("POST", path, content=content, headers={"content-type": "application/json"})


@pytest.mark.parametrize("missing", list(v1_cluster()["properties"]))
async def test_v1_misses_what_is_missing(missing):
    body = v1_cluster()
    del body["properties"][missing]
    async with cloud_site() as site:
        assert refused(await site.v1()("POST", "/clusters", json=body), missing)


@pytest.mark.parametrize(("field", "value"), V1_CHANGES)
async def test_v1_refuses_to_change(field, value):
    async with cloud_site() as site:
        v1 = site.v1()
        before = await v1.named("orders-prod")
        answer = await v1("PATCH", f"/clusters/{before['id']}", json={"properties": {field: value}})
        assert await v1.named("orders-prod") == before
    assert refused(answer, {"storageSize": "storage", "postgresVersion": "version"}.get(field, field))


@pytest.mark.parametrize(("field", "value"), V2_NEW)
async def test_v2_refuses_to_create(field, value):
    async with cloud_site() as site:
        v2 = site.v2()
        answer = await v2("POST", "/clusters", json=v2_cluster(**{field: value}))
        assert len(list(site.cloud.everything())) == 44
    assert refused(answer, "instances" if value == "STRICTLY_SYNCHRONOUS" else field)
    assert "Digit" not in answer.text


@pytest.mark.parametrize("missing", list(v2_cluster()["properties"]))
async def test_v2_misses_what_is_missing(missing):
    body = v2_cluster()
    del body["properties"][missing]
    async with cloud_site() as site:
        assert refused(await site.v2()("POST", "/clusters", json=body), missing)


@pytest.mark.parametrize(("field", "value"), V2_REPLACEMENTS)
async def test_v2_refuses_to_replace(field, value):
    async with cloud_site() as site:
        v2 = site.v2()
        before = await v2.named("payments-prod")
        answer = await put_back(v2, before["id"], **{field: value})
        assert await v2.named("payments-prod") == before
        assert (await site.true_state(before["id"]))["passwords"] == {"payments": "Seeded-Passw0rd!"}
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "user",
    [
        {"username": "", "password": "0123456789"},
        {"username": "x" * 64, "password": "0123456789"},
        {"username": "new", "password": "012345678"},
        {"username": "new", "password": "x" * 64},
        {"username": "postgres", "password": "0123456789"},
        {"username": "orders", "password": "0123456789"},
        {"username": "new"},
    ],
)
async def test_user_rules(user):
    async with cloud_site() as site:
        v1 = site.v1()
        users = f"/clusters/{(await v1.named('orders-prod'))['id']}/users"
        assert (await v1("POST", users, json={"properties": user})).status_code == 422
        assert len((await v1.get(users)).json()["items"]) == 2


@pytest.mark.parametrize(
    "database",
    [
        {"name": "", "owner": "orders"},
        {"name": "x" * 64, "owner": "orders"},
        {"name": "orders", "owner": "orders"},
        {"name": "postgres", "owner": "orders"},
        {"name": "new", "owner": "nobody"},
        {"name": "new"},
    ],
)
async def test_database_rules(database):
    async with cloud_site() as site:
        v1 = site.v1()
        databases = f"/clusters/{(await v1.named('orders-prod'))['id']}/databases"
        assert (await v1("POST", databases, json={"properties": database})).status_code == 422


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}", b'"\\ud800"'],
)
@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_what_is_no_json_is_400(api, content):
    async with cloud_site() as site:
        caller = getattr(site, api)()
        headers = {"content-type": "application/json; charset=utf-8"}
        assert (await caller("POST", "/clusters", content=content, headers=headers)).status_code == 400


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_another_content_type_is_415(api, kind):
    async with cloud_site() as site:
        caller = getattr(site, api)()
        headers = {"content-type": kind}
        assert (await caller("POST", "/clusters", content=b"{}", headers=headers)).status_code == 415


@pytest.mark.parametrize("body", [[], "text", 1, None, {}, {"properties": []}, {"properties": {}}])
@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_json_of_another_shape_is_422(api, body):
    async with cloud_site() as site:
        assert (await post(getattr(site, api)(), "/clusters", body)).status_code == 422


@pytest.mark.parametrize(
    ("api", "method", "path", "status", "allow"),
    [
        ("v1", "PUT", "/clusters", 405, "GET, POST"),
        ("v1", "PATCH", "/clusters/backups", 405, "GET"),
        ("v1", "GET", "/clusters/", 404, None),
        ("v1", "GET", "/nothing", 404, None),
        ("v2", "PATCH", "/clusters/x", 405, "DELETE, GET, PUT"),
        ("v2", "OPTIONS", "/versions", 405, "GET"),
        ("v2", "GET", "/clusters/not-a-uuid", 404, None),
        ("v2", "GET", "/clusters/x/users", 404, None),
        ("v2", "GET", "/v2/clusters", 404, None),
    ],
)
async def test_other_methods_and_paths(api, method, path, status, allow):
    async with cloud_site() as site:
        answer = await getattr(site, api)(checked=False)(method, path)
    assert answer.status_code == status
    assert answer.headers.get("allow") == allow
    assert answer.json()["httpStatus"] == status
    assert answer.headers["content-type"] == (
        "application/problem+json" if api == "v1" else "application/json"
    )
