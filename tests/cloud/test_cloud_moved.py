"""Clusters that the vendor moved to v2 with values that v2 refuses for a new one."""

import pytest
from cloud_clients import cloud_site, put_back

from bot.demo.cloud.oddities import FLEETS, Oddity

pytestmark = pytest.mark.anyio
LEGACY = FLEETS["legacy"] | {Oddity.FREE_NAMES}
SIZES = {"count": 1, "cores": 2, "ram": 2, "storageSize": 2}


async def moved(site, name, **figures):
    """Yield a caller and the id of a moved v1 cluster in de/txl."""
    cluster = next(one for one in site.cloud.everything() if one.name == name)
    for figure, value in figures.items():
        setattr(cluster, figure, value)
    assert (await site.admin("POST", f"/clusters/{cluster.id}/move")).status_code == 200
    return site.v2(region=cluster.region.label, checked=False), cluster


@pytest.mark.parametrize(
    ("sent_mb", "kept_mb"), [(8192, 8192), (8193, 9216), (9215, 9216), (2048, 2048), (30480, 30720)]
)
async def test_amounts_are_rounded_up_to_whole_gb(sent_mb, kept_mb):
    async with cloud_site() as site:
        v2, cluster = await moved(site, "orders-staging", ram_mb=sent_mb, storage_mb=sent_mb)
        shown = (await v2.get(f"/clusters/{cluster.id}")).json()["properties"]["instances"]
    assert (cluster.ram_mb, cluster.storage_mb) == (kept_mb, kept_mb)
    assert (shown["ram"], shown["storageSize"]) == (kept_mb // 1024, kept_mb // 1024)


UNFIT = {
    "name": ("Customer data (EU), 2nd copy!", {}),
    "ram below 4 GB": ("wiki", {}),
    "ram above 240 GB": ("orders-staging", {"ram_mb": 256 * 1024}),
    "cores above 62": ("orders-staging", {"cores": 64}),
    "storage below 10 GB": ("orders-staging", {"storage_mb": 2048}),
    "address in a forbidden range": ("geo-staging", {}),
    "too few instances to be strictly synchronous": ("ledger-staging", {}),
}


@pytest.mark.parametrize("unfit", UNFIT)
@pytest.mark.parametrize(("setting", "status"), [(True, 200), (False, 422)])
async def test_a_put_may_leave_what_does_not_fit_or_may_not(unfit, setting, status):
    name, figures = UNFIT[unfit]
    async with cloud_site(oddities=LEGACY, v2_put_keeps_unfit=setting) as site:
        v2, cluster = await moved(site, name, **figures)
        before = (await v2.get(f"/clusters/{cluster.id}")).json()["properties"]
        answer = await put_back(v2, cluster.id, description="changed")
        after = (await v2.get(f"/clusters/{cluster.id}")).json()["properties"]
    assert answer.status_code == status
    changed = {"description": "changed", "credentials": {"username": "owner", "database": "orders"}}
    assert after == (before | changed if setting else before)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Another name, as unfit"},
        {"instances": {**SIZES, "ram": 3}},
        {"instances": {**SIZES, "ram": 2.0}},
        {"instances": {**SIZES, "storageSize": 3}},
        {"instances": {**SIZES, "cores": 63}},
        {"replicationMode": "STRICTLY_SYNCHRONOUS"},
    ],
)
async def test_what_is_changed_must_fit(change):
    async with cloud_site(oddities=LEGACY) as site:
        v2, cluster = await moved(
            site, "Customer data (EU), 2nd copy!", ram_mb=2048, storage_mb=2048, cores=2
        )
        assert (await put_back(v2, cluster.id, **change)).status_code == 422
        assert (await put_back(v2, cluster.id, instances=SIZES)).status_code == 200


async def test_a_changed_connection_must_fit():
    async with cloud_site() as site:
        v2, cluster = await moved(site, "geo-staging")
        connection = (await v2.get(f"/clusters/{cluster.id}")).json()["properties"]["connection"]
        other = connection | {"primaryInstanceAddress": "10.210.4.7/23"}
        assert (await put_back(v2, cluster.id, connection=other)).status_code == 422
        assert (await put_back(v2, cluster.id, connection=connection)).status_code == 200


async def test_the_values_of_one_cluster_excuse_no_other():
    async with cloud_site(oddities=LEGACY) as site:
        _, unfit = await moved(site, "Customer data (EU), 2nd copy!")
        v2 = site.v2()
        payments = (await v2.named("payments-prod"))["id"]
        assert (await put_back(v2, payments, name=unfit.name)).status_code == 422
        foreign = next(one for one in site.cloud.everything() if one.name == "hr-analytics")
        foreign.name = "Not for others!"
        seen = await put_back(site.v2("demo-token-c", region="de-fra", checked=False), foreign.id)
        body = {"id": foreign.id, "properties": seen.json()["properties"]}
        body["properties"]["credentials"]["password"] = "Example-1@x"
        unseen = await site.v2(region="de-fra")("PUT", f"/clusters/{foreign.id}", json=body)
    assert (seen.status_code, unseen.status_code) == (200, 422)
