"""IONOS's own Python client of the Cloud API (6.1.13), with the calls of the Ansible collection's modules."""

import re
from datetime import datetime

import pytest
from sdk_site import sdk_site

from bot.demo.cloud.access import CONTRACT_A
from bot.demo.cloud.cloud_api import PREFIX

pytestmark = pytest.mark.anyio


async def test_it_finds_the_lan_of_a_cluster_by_names(sdk_v1_newer):
    async with sdk_site() as simulator, sdk_v1_newer.at(f"{simulator.url}{PREFIX}") as client:
        network = simulator.named("orders-prod").network
        centers = await client("DataCentersApi.datacenters_get", depth=2, limit=100, offset=0)
        assert (centers.status, centers.type) == (200, "Datacenters")
        center = next(one for one in centers.data["items"] if one["properties"]["name"] == "vdc-de-txl")
        lans = await client("LANsApi.datacenters_lans_get", datacenter_id=center["id"], depth=1)
        lan = next(one for one in lans.data["items"] if one["properties"]["name"] == f"lan-{network.lan_id}")
        contracts = await client("ContractResourcesApi.contracts_get")
        connects = await client("PrivateCrossConnectsApi.pccs_get", depth=1)

    assert (center["id"], lan["id"]) == (network.datacenter_id, network.lan_id)
    assert datetime.fromisoformat(center["metadata"]["created_date"]["datetime"]).tzinfo is not None
    assert contracts.data["items"][0]["properties"]["contract_number"] == CONTRACT_A
    assert (connects.type, connects.data["items"]) == ("PrivateCrossConnects", [])


async def test_it_creates_waits_and_deletes_at_the_address_of_a_database_api(sdk_v1_newer):
    """The modules have one address for both of their SDKs."""
    async with sdk_site() as simulator, sdk_v1_newer.at(f"{simulator.url}/de-txl") as client:
        simulator.cloud.durations = type(simulator.cloud.durations)(network=0.0)
        new = {"properties": {"name": "ansible", "location": "de/txl"}}
        center = await client("DataCentersApi.datacenters_post", datacenter=new)
        await wait_for(client, center)
        at = {"datacenter_id": center.data["id"]}
        lan = await client("LANsApi.datacenters_lans_post", **at, lan={"properties": {"name": "database"}})
        await wait_for(client, lan)
        read = await client("LANsApi.datacenters_lans_find_by_id", **at, lan_id=lan.data["id"])
        assert read.data["properties"]["ipv4_cidr_block"] == "10.7.0.0/24"
        await wait_for(client, await client("LANsApi.datacenters_lans_delete", **at, lan_id="1"))
        await wait_for(client, await client("DataCentersApi.datacenters_delete", **at))
        gone = await client("DataCentersApi.datacenters_find_by_id", **at)
        in_use = simulator.named("orders-prod").network
        refused = await client(
            "LANsApi.datacenters_lans_delete", datacenter_id=in_use.datacenter_id, lan_id=in_use.lan_id
        )

    assert (gone.status, gone.data["httpStatus"]) == (404, 404)
    assert (refused.status, "delete-protected" in str(refused.data)) == (403, True)


async def wait_for(client, accepted):
    """Ask for the end of a request by the id that its address has, as the modules do."""
    assert accepted.status == 202
    request = re.search("/requests/([-A-Fa-f0-9]+)/", accepted.location)[1]
    assert (await client("ApiClient.wait_for_completion", request_id=request, timeout=5)).status == 200
