"""The part of the Cloud API that Terraform, Ansible and ionosctl ask: networks, requests, contracts."""

import re
import uuid

import pytest
from cloud_clients import cloud_site, v1_cluster, v2_cluster

from bot.demo.cloud.access import CONTRACT_A, CONTRACT_B
from bot.demo.cloud.cloud_api import OPERATIONS, PREFIX, WORDS
from bot.demo.cloud.oddities import FLEETS, Oddity
from bot.demo.cloud.v1 import OPERATIONS as V1_OPERATIONS
from bot.demo.cloud.v2 import OPERATIONS as V2_OPERATIONS

pytestmark = pytest.mark.anyio
TOKEN = {"authorization": "Bearer demo-token"}
REFERENCE = {"id", "type", "href"}


class CloudApi:
    """A caller of the Cloud API of a site, below another address if given."""

    def __init__(self, site, base=PREFIX, token="demo-token"):
        self.site, self.base = site, base
        self.headers = {"authorization": f"Bearer {token}"}

    async def __call__(self, method, path, **more):
        headers = self.headers | more.pop("headers", {})
        return await self.site.http.request(method, f"{self.base}{path}", headers=headers, **more)

    async def get(self, path, **more):
        answer = await self("GET", path, **more)
        return answer.json() if answer.status_code == 200 else answer.status_code

    async def status(self, accepted):
        """Return the status at the address in `Location`, as the Go and Python clients ask for it."""
        assert accepted.status_code == 202
        answer = await self.site.http.get(accepted.headers["location"], headers=self.headers)
        return answer.json()["metadata"]["status"]


async def made(api, path, **properties):
    """Create a resource, wait until its request is done, and return it."""
    answer = await api("POST", path, json={"properties": properties})
    assert (answer.json()["metadata"]["state"], await api.status(answer)) == ("BUSY", "RUNNING")
    api.site.pass_time(10)
    assert await api.status(answer) == "DONE"
    return await api.get(f"{path}/{answer.json()['id']}")


async def test_a_data_center_and_a_lan_are_created_changed_and_deleted():
    async with cloud_site() as site:
        api = CloudApi(site)
        center = await made(api, "/datacenters", name="prod", location="es/vit", description="two racks")
        assert uuid.UUID(center["id"]).version == 4
        assert center["metadata"]["state"] == "AVAILABLE"
        assert center["properties"].pop("cpuArchitecture")[0]["vendor"] == "GenuineIntel"
        assert center["properties"] == {
            "name": "prod",
            "location": "es/vit",
            "description": "two racks",
            "version": 1,
            "secAuthProtection": False,
        }
        at = f"/datacenters/{center['id']}"
        lan = await made(api, f"{at}/lans", name="database", public=False)
        assert lan["properties"] == {"name": "database", "public": False, "ipv4CidrBlock": "10.7.0.0/24"}
        public = await made(api, f"{at}/lans", public=True)
        assert (public["id"], public["properties"]) == ("2", {"public": True})

        changed = await api("PATCH", f"{at}/lans/1", json={"name": "databases"})
        moved = await api("PATCH", at, json={"name": "production"})
        site.pass_time(10)
        assert await api.status(changed) == await api.status(moved) == "DONE"
        assert (await api.get(f"{at}/lans/1"))["properties"]["name"] == "databases"
        renamed = {"name": "production", "version": 2}
        assert (await api.get(at))["properties"].items() >= (center["properties"] | renamed).items()

        gone = await api("DELETE", f"{at}/lans/1")
        assert (gone.status_code, gone.content) == (202, b"")
        assert (await api.get(f"{at}/lans/1"))["metadata"]["state"] == "BUSY"
        site.pass_time(10)
        assert (await api.status(gone), await api.get(f"{at}/lans/1")) == ("DONE", 404)
        last = await api("DELETE", at)
        site.pass_time(10)
        assert (await api.status(last), await api.get(at), await api.get(f"{at}/lans/2")) == (
            "DONE",
            404,
            404,
        )


@pytest.mark.parametrize("generation", ["v1", "v2"])
async def test_a_lan_with_a_database_is_protected_until_the_cluster_is_gone(generation):
    """Terraform reads the words “is delete-protected by” and asks again."""
    async with cloud_site() as site:
        api, databases = CloudApi(site), getattr(site, generation)()
        center = await made(api, "/datacenters", name="prod", location="de/txl")
        at = f"/datacenters/{center['id']}"
        lan = await made(api, f"{at}/lans", name="database")
        network = {"datacenterId": center["id"], "lanId": lan["id"]}
        body = (
            v1_cluster(connections=[network | {"cidr": "10.7.0.3/24"}])
            if generation == "v1"
            else v2_cluster(connection=network | {"primaryInstanceAddress": "10.7.0.3/24"})
        )
        cluster = (await databases("POST", "/clusters", json=body)).json()["id"]
        for path in (f"{at}/lans/{lan['id']}", at):
            refused = await api("DELETE", path)
            assert refused.status_code == 403
            assert f"is delete-protected by database cluster {cluster}" in refused.text
        assert await api.get(f"{at}/lans/{lan['id']}/nics") == {
            "id": f"{at[1:]}/lans/1/nics",
            "type": "collection",
            "href": f"http://127.0.0.1{PREFIX}{at}/lans/1/nics",
            "items": [],
        }
        site.pass_time(180)
        await databases("DELETE", f"/clusters/{cluster}")
        site.pass_time(90)
        assert (await api("DELETE", f"{at}/lans/{lan['id']}")).status_code == 202


@pytest.mark.parametrize("fleet", FLEETS)
async def test_every_cluster_of_a_fleet_is_in_a_data_center_of_its_contract_and_location(fleet):
    async with cloud_site(oddities=FLEETS[fleet]) as site:
        centers = {}
        for token in ("demo-token", "demo-token-b", "demo-token-c"):
            api = CloudApi(site, token=token)
            for center in (await api.get("/datacenters?depth=3"))["items"]:
                lans = {one["id"]: one["properties"] for one in center["entities"]["lans"]["items"]}
                centers[center["id"]] = center["properties"]["location"], lans
        for record in site.cloud.everything():
            if record.network is None:
                assert Oddity.DETACHED in record.oddities
                continue
            location, lans = centers[record.network.datacenter_id]
            assert location == record.location
            assert lans[record.network.lan_id]["public"] is False
    assert {location for location, _ in centers.values()} >= {"de/fra", "de/fra/2"}


async def test_a_list_shows_as_much_as_its_depth_says():
    async with cloud_site() as site:
        api = CloudApi(site)
        shown = [(await api.get(f"/datacenters?depth={depth}"))["items"][0] for depth in range(4)]
        one = await api.get(f"/datacenters/{shown[0]['id']}")
        lans = await api.get(f"/datacenters/{one['id']}/lans?depth=1")
    assert [set(each) for each in shown] == [
        REFERENCE,
        {*REFERENCE, "metadata", "properties"},
        {*REFERENCE, "metadata", "properties", "entities"},
        {*REFERENCE, "metadata", "properties", "entities"},
    ]
    inner = [each["entities"]["lans"]["items"][0] for each in shown[2:]]
    assert [set(each) for each in inner] == [REFERENCE, {*REFERENCE, "metadata", "properties"}]
    assert one == shown[1]
    assert lans["items"][0] == inner[1]


async def test_lists_are_paged():
    async with cloud_site() as site:
        api = CloudApi(site)
        whole = (await api.get("/datacenters"))["items"]
        pages, offset = [], 0
        while (page := await api.get(f"/datacenters?limit=4&offset={offset}"))["_links"].get("next"):
            pages, offset = pages + page["items"], offset + 4
        assert pages + page["items"] == whole
        assert await api.get("/datacenters?limit=0") == 422


async def test_both_contracts_are_listed_and_each_sees_its_own():
    async with cloud_site() as site:
        api = CloudApi(site)
        numbers = [one["properties"]["contractNumber"] for one in (await api.get("/contracts"))["items"]]
        other = {"x-contract-number": str(CONTRACT_B)}
        ids = [
            {one["id"] for one in (await api.get("/datacenters", headers=headers))["items"]}
            for headers in ({}, other)
        ]
        foreign = await api.get(f"/datacenters/{min(ids[0])}", headers=other)
        accepted = await api("POST", "/datacenters", json={"properties": {"name": "a", "location": "de/txl"}})
        request = re.search("/requests/([-A-Fa-f0-9]+)/", accepted.headers["location"])[0]
        unseen = await api.get(f"{request}status", headers=other)
    assert numbers == [CONTRACT_A, CONTRACT_B]
    assert all(ids)
    assert ids[0].isdisjoint(ids[1])
    assert (foreign, unseen) == (404, 404)


async def test_what_else_the_clients_ask():
    """ionosctl tests a login by the API's own version; Ansible's LAN module lists private cross-connects."""
    async with cloud_site() as site:
        api = CloudApi(site)
        assert (await api.get("/"))["version"] == "6.0"
        assert (await api.get("/pccs?depth=1"))["items"] == []
        basic = await site.http.get(f"{PREFIX}/contracts", headers={"authorization": "Basic ZGVtbzpkZW1v"})
        nobody = await site.http.get(f"{PREFIX}/contracts")
        reader = CloudApi(site, token="demo-token-readonly")
        refused = await reader(
            "POST", "/datacenters", json={"properties": {"name": "a", "location": "de/txl"}}
        )
    assert (basic.status_code, nobody.status_code, refused.status_code) == (200, 401, 403)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/datacenters", {"properties": {"name": "x", "location": "xx/yyy"}}, 422),
        ("POST", "/datacenters", {"properties": {"name": "x"}}, 422),
        ("PATCH", "/datacenters/46c151c7-55f8-42a4-86c3-06ad6b4b91ea", {}, 404),
        ("DELETE", "/datacenters/46c151c7-55f8-42a4-86c3-06ad6b4b91ea/lans/1", None, 404),
        ("GET", "/requests/46c151c7-55f8-42a4-86c3-06ad6b4b91ea/status", None, 404),
        ("PUT", "/datacenters", {}, 405),
        ("GET", "/servers", None, 404),
    ],
)
async def test_what_cannot_be_done_is_refused(method, path, body, status):
    async with cloud_site() as site:
        answer = await CloudApi(site)(method, path, **({} if body is None else {"json": body}))
    assert (answer.status_code, answer.json()["httpStatus"]) == (status, status)


@pytest.mark.parametrize("base", ["/databases/postgresql", "/de-txl", "/gb-lhr"])
async def test_data_centers_are_also_at_the_address_of_a_database_api(base):
    """A module of the Ansible collection has one address for both of its SDKs."""
    async with cloud_site() as site:
        there, here = CloudApi(site), CloudApi(site, base)
        listed = [(await api.get("/datacenters?depth=1"))["items"] for api in (there, here)]
        answer = await here("POST", "/datacenters", json={"properties": {"name": "a", "location": "de/txl"}})
        assert await here.status(answer) == "RUNNING"
        assert answer.headers["location"].startswith(f"http://127.0.0.1{base}/requests/")
    assert [each["properties"] for each in listed[0]] == [each["properties"] for each in listed[1]]


def test_no_path_of_a_database_api_is_taken():
    words = {operation.path.split("/")[1] for operation in (*V1_OPERATIONS, *V2_OPERATIONS)}
    assert not words & WORDS
    assert len(OPERATIONS) == len({(each.method, each.path) for each in OPERATIONS}) == 15
