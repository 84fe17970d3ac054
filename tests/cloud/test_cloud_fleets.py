"""The three fleets: which oddities each shows, and which of IONOS's clients fail on them."""

import dataclasses
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
from cloud_clients import cloud_site, put_back
from go_decoding import GoFault, clients_that_fail, go_faults
from official_steps import ansible_fails, terraform_fails

from bot.demo.cloud.access import CONTRACT_A
from bot.demo.cloud.fixed_clusters import ROWS
from bot.demo.cloud.oddities import FLEETS, ODDITIES, Oddity
from bot.demo.cloud.places import REGIONS
from bot.demo.cloud.records import ClusterRecord
from bot.demo.cloud.switches import Switches
from bot.demo.cloud.v2 import STATES as V2_STATES
from bot.demo.seeded_fleet import seed_cloud
from bot.demo.virtual_clock import VirtualClock

pytestmark = pytest.mark.anyio
TARGET = {"recoveryTargetDatetime": "2026-11-22T09:00:00Z"}
FIELDS = {each.name for each in dataclasses.fields(ClusterRecord)}
V1_STATES = {"AVAILABLE", "BUSY", "DESTROYING", "DEGRADED", "FAILED", "UNKNOWN"}


@dataclass(frozen=True)
class Answers:
    """The answers of both APIs for contract A, and the faults that Go clients find in them."""

    first: list[dict]
    second: list[dict]
    backups: list[dict]
    v1_list: dict
    v2_list: dict
    v2_empty: dict
    restored: dict
    faults: list[GoFault]

    @property
    def v1(self):
        return [one["properties"] for one in self.first]

    @property
    def v2(self):
        return [one["properties"] for one in self.second]

    @property
    def created(self):
        return [one["metadata"]["createdDate"] for one in (*self.first, *self.second)]


async def read_answers(site):
    """Read every list, then restore a cluster and read it."""
    faults = []

    async def read(caller, path, of=""):
        answer = await replace(caller, checked=False).get(path)
        assert answer.status_code == 200
        faults.extend(go_faults(caller.api, of or path.partition("?")[0], answer))
        return answer.json()

    v1, v2 = site.v1(), site.v2()
    v1_list, backups = await read(v1, "/clusters?offset=1&limit=1"), (await read(v1, "/clusters/backups"))
    first = (await read(v1, "/clusters"))["items"]
    regions = [await read(site.v2(region=each.label), "/clusters") for each in REGIONS]
    empty = await read(v2, "/clusters?offset=99")
    payments = next(one["id"] for one in regions[0]["items"] if one["properties"]["name"] == "payments-prod")
    await put_back(replace(v2, checked=False), payments, restoreFromBackup=TARGET)
    restored = await read(v2, f"/clusters/{payments}", "/clusters/{clusterId}")
    second = [one for region in regions for one in region.get("items", [])]
    return Answers(first, second, backups["items"], v1_list, regions[0], empty, restored, faults)


@asynccontextmanager
async def open_answers(oddities):
    async with cloud_site(oddities=oddities) as site:
        yield site, await read_answers(site)


def metadata(clusters):
    return [one["metadata"] for one in clusters]


SHOWS = {
    Oddity.SMALL_RAM: lambda seen: any(one["ram"] < 4096 for one in seen.v1),
    Oddity.SMALL_STORAGE: lambda seen: any(one["storageSize"] < 10240 for one in seen.v1),
    Oddity.UNEVEN_STORAGE: lambda seen: any(one["storageSize"] % 1024 for one in seen.v1),
    Oddity.OLD_STORAGE_TYPE: lambda seen: any(one["storageType"] == "SSD" for one in seen.v1),
    Oddity.OLD_VERSION: lambda seen: any(int(one["postgresVersion"]) < 14 for one in seen.v1),
    Oddity.OLD_REPLICATION: lambda seen: any(one["synchronizationMode"] == "SYNCHRONOUS" for one in seen.v1),
    Oddity.DETACHED: lambda seen: any(one["connections"] == [] for one in seen.v1),
    Oddity.NO_WINDOW: lambda seen: any("maintenanceWindow" not in one for one in seen.v1),
    Oddity.NO_DNS_NAME: lambda seen: any("dnsName" not in one for one in seen.v1),
    Oddity.NO_POOLER: lambda seen: any("connectionPooler" not in one for one in seen.v1),
    Oddity.NO_BACKUP_LOCATION: lambda seen: any("backupLocation" not in one for one in seen.v1),
    Oddity.EMPTY_POOL_MODE: lambda seen: any(
        one.get("connectionPooler", {}).get("poolMode") == "" for one in seen.v1
    ),
    Oddity.OFFSET_TIMES: lambda seen: any(time.endswith("+01:00") for time in seen.created),
    Oddity.ZONELESS_TIMES: lambda seen: any(re.search(r"\.\d{3}$", time) for time in seen.created),
    Oddity.WHOLE_SECONDS: lambda seen: any(re.search(r":\d\dZ$", time) for time in seen.created),
    Oddity.MOVED_NAME: lambda seen: any("(" in one["name"] for one in seen.v2),
    Oddity.OLD_BACKUP_FORM: lambda seen: any("backupLocation" in one for one in seen.v2),
    Oddity.UNKNOWN_STATE: lambda seen: (
        {one["state"] for one in metadata(seen.first)} - V1_STATES
        and {one["state"] for one in metadata(seen.second)} - set(V2_STATES)
    ),
    Oddity.FREE_NAMES: lambda seen: any(re.search(r"[^\w.-]", one["displayName"]) for one in seen.v1),
    Oddity.SAME_NAME: lambda seen: len({one["displayName"] for one in seen.v1}) < len(seen.v1),
    Oddity.RESERVED_ADDRESS: lambda seen: any(
        at["cidr"].startswith("10.233.") for one in seen.v1 for at in one["connections"]
    ),
    Oddity.NULL_FIELDS: lambda seen: (
        None in [one.get("lastModifiedDate", "") for one in metadata(seen.first)]
        and None in [one["properties"].get("id", "") for one in seen.backups]
    ),
    Oddity.FRANKFURT_2: lambda seen: all(one["location"] != "de/fra/2" for one in seen.v1),
    Oddity.GUIDE_LINKS: lambda seen: "previous" in seen.v1_list.get("_links", {}),
    Oddity.ENDLESS_LINKS: lambda seen: "next" in seen.v2_list["_links"],
    Oddity.NO_EMPTY_ITEMS: lambda seen: "items" not in seen.v2_empty,
    Oddity.SHOWN_RESTORE: lambda seen: "restoreFromBackup" in seen.restored["properties"],
}


@pytest.mark.parametrize("fleet", FLEETS)
async def test_a_fleet_shows_its_own_oddities_and_no_other(fleet):
    async with open_answers(FLEETS[fleet]) as (_, seen):
        shown = {oddity for oddity, shows in SHOWS.items() if shows(seen)}
    assert shown == FLEETS[fleet]


def test_each_fleet_shows_all_of_the_one_before_and_more():
    assert list(FLEETS) == ["plain", "legacy", "odd"]
    assert FLEETS["plain"] == frozenset()
    assert FLEETS["legacy"] < FLEETS["odd"] == frozenset(ODDITIES) == frozenset(Oddity) == frozenset(SHOWS)


async def test_the_admin_api_lists_the_oddities_that_the_cloud_shows():
    async with cloud_site(oddities=FLEETS["odd"]) as site:
        listed = {each["oddity"]: each for each in (await site.admin("GET", "/oddities")).json()}
    async with cloud_site() as site:
        none = (await site.admin("GET", "/oddities")).json()
    assert (listed.keys(), none) == (set(Oddity), [])
    assert listed["detached"]["breaks"] == ["Ansible", "Python SDK 3.0.0"]
    assert listed["detached"]["clusters"] == ["fulfilment-prod"]


def test_every_oddity_has_its_clusters_or_its_switches():
    """A switch of an oddity must be one, and have another setting without it."""
    defaults = Switches()
    for oddity, facts in ODDITIES.items():
        carriers = [row for row in ROWS if oddity in row.odd]
        assert bool(carriers) is not bool(facts.switches), oddity
        assert all(getattr(defaults, name) != value for name, value in facts.switches.items())


def test_what_an_oddity_does_not_change_is_the_same_in_every_fleet():
    plain, legacy, odd = (
        list(seed_cloud(VirtualClock(), 60, oddities=each).everything()) for each in FLEETS.values()
    )
    for number, clusters in enumerate(zip(plain, legacy, odd, strict=True)):
        rows = ROWS[number : number + 1]
        changes = [name for row in rows for each in row.odd.values() for name in each]
        may_differ = {"oddities", *changes}
        may_differ |= {"network"} if "address" in changes else set()
        may_differ |= {"backups"} if "version" in changes else set()
        one, two, three = ({name: getattr(each, name) for name in FIELDS - may_differ} for each in clusters)
        assert one == two == three


def test_free_names_are_of_every_kind():
    names = "".join(row.name for row in ROWS if Oddity.FREE_NAMES in row.odd)
    for kind in ("<!channel>", r"\*urgent\* _", r" \(.*, .*!", "[\u0590-\u06ff]", "[\U00010000-\U0010ffff]"):
        assert re.search(kind, names), kind


@pytest.mark.parametrize("oddity", [None, *Oddity])
async def test_the_clients_that_an_oddity_breaks_are_those_that_it_names(oddity):
    """IONOS's Python SDKs are tried themselves, in tests/sdk."""
    async with open_answers(frozenset({oddity} - {None})) as (site, seen):
        records = site.cloud.clusters_of(CONTRACT_A, "v1", "")
        failing = set(clients_that_fail(seen.faults))
        if any(ansible_fails(record, seen.first) for record in records):
            failing.add("Ansible")
        if any(terraform_fails(record, seen.first) for record in records):
            failing.add("Terraform")
    named = ODDITIES[oddity].breaks if oddity else frozenset()
    assert failing == {client for client in named if not client.startswith("Python")}


def empty_values(value, at=""):
    """Yield the places of nulls and empty texts."""
    if value is None or value == "":
        yield at
    elif isinstance(value, list):
        for inner in value:
            yield from empty_values(inner, at)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from empty_values(inner, f"{at}.{name}")


async def test_a_field_that_is_not_set_is_absent_from_every_answer():
    """One source says otherwise: v2 answers null for the end of a backup that still receives changes."""
    places = set()
    async with cloud_site() as site:
        for token in ("demo-token", "demo-token-b", "demo-token-c"):
            v1 = site.v1(token)
            clusters = (await v1.get("/clusters?limit=1000")).json()["items"]
            below = ("", "/users?system=true", "/databases", "/backups", "/logs", "/versions")
            paths = [(v1, f"/clusters/{one['id']}{each}") for one in clusters for each in below]
            paths += [
                (v1, "/clusters"),
                (v1, "/clusters/backups"),
                (v1, "/versions"),
                (v1, "/infos/versions"),
            ]
            for region in REGIONS:
                v2 = site.v2(token, region=region.label)
                paths += [(v2, each) for each in ("/clusters", "/backups", "/versions", "/backup-locations")]
            for caller, path in paths:
                answer = await caller.get(path)
                assert answer.status_code == 200
                places |= set(empty_values(answer.json()))
    assert places == {".items.properties.latestRecoveryTargetTime"}


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("time", {"metadata": {"createdDate": "2026-11-23T09:00:00+01:00"}}),
        ("time", {"metadata": {"createdDate": "2026-11-23 09:00:00Z"}}),
        ("enum", {"metadata": {"state": "MAINTENANCE"}}),
        ("integer", {"properties": {"ram": 4096.0}}),
        ("integer", {"properties": {"ram": 2**31}}),
        ("type", {"properties": {"connections": "none"}}),
        ("type", {"properties": {"location": 7}}),
        ("null", {"properties": {"connections": [None]}}),
    ],
)
async def test_the_rules_of_go_find_what_breaks_them(rule, change):
    """Without this, a rule that finds nothing would pass every answer."""
    async with cloud_site() as site:
        answer = await site.v1().get(f"/clusters/{(await site.v1().named('orders-prod'))['id']}")
    body = answer.json()
    for part, fields in change.items():
        body[part] |= fields
    broken = type(answer)(200, json=body, request=answer.request)
    assert [fault.rule for fault in go_faults("v1", "/clusters/{clusterId}", broken)] == [rule]
