"""The client against the simulator: every operation of both APIs works as named."""

from dataclasses import replace
from datetime import timedelta

import pytest
from api_site import (
    BOB,
    PASSWORD,
    READS,
    WRITES,
    open_site,
)
from pydantic import SecretStr

from bot.demo.cloud.oddities import FLEETS
from bot.demo.cloud.switches import Switches
from bot.demo.cloud.vendor_migration import move
from bot.domain.cluster import Api
from bot.domain.cluster_spec import ClusterChange, Credentials, LogWindow
from bot.domain.errors import Conflict, NotFound, Rejected, Unauthorized
from bot.ionos.credentials import ContractAccess

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("operation", READS)
async def test_every_read_is_understood_without_an_oddity(operation):
    read = await READS[operation](open_site())

    items = getattr(read, "items", read if isinstance(read, tuple) else (read,))
    assert getattr(read, "gaps", ()) == ()
    assert items
    assert [item for item in items if getattr(item, "oddities", ())] == []


@pytest.mark.parametrize("operation", WRITES)
async def test_every_write_is_accepted(operation):
    site = open_site()
    method, call = WRITES[operation]

    await call(site)

    assert site.cloud.calls.count(method) == 1


async def test_the_whole_seeded_fleet_is_read_and_its_oddities_named():
    site = open_site(oddities=FLEETS["odd"])
    listing = await site.fleet.clusters()

    assert listing.gaps == ()
    assert len(listing.items) >= 36
    by_name = {cluster.name: cluster for cluster in listing.items}
    assert by_name["crm-prod"].oddities == ("metadata.state: 'MAINTENANCE' is not a documented value",)
    assert by_name["shop-prod"].pooler == ""
    assert len([cluster for cluster in listing.items if cluster.name == "search"]) == 3


async def test_several_contracts_are_one_fleet_and_kept_apart():
    main, other = (
        ContractAccess(name=name, token=SecretStr(token))
        for name, token in [("main", "demo-token"), ("c", "demo-token-c")]
    )
    site = open_site(main, other)

    contracts = {cluster.name: cluster.contract for cluster in (await site.fleet.clusters()).items}

    assert (contracts["orders-prod"], contracts["hr-prod"]) == ("main", "c")


async def test_a_wrong_token_is_a_gap_everywhere():
    listing = await open_site(ContractAccess(name="main", token=SecretStr("wrong"))).fleet.clusters()

    assert listing.items == ()
    assert {gap.why for gap in listing.gaps} == {"does not accept the credentials (401)"}
    assert len(listing.gaps) == 10


async def test_basic_credentials_read_v1_and_leave_gaps_for_v2():
    basic = ContractAccess(name="main", username=SecretStr("demo"), password=SecretStr("demo"))

    listing = await open_site(basic).fleet.clusters()

    assert {cluster.api for cluster in listing.items} == {Api.V1}
    assert len(listing.gaps) == 9
    assert "v2 accepts only a token" in (await open_site(basic).fleet.probe()).gaps[0].why


async def test_the_contract_number_chooses_the_contract_on_v1():
    numbers = {record.contract for record in open_site().cloud.everything()}
    seen = {}
    for number in sorted(numbers):
        site = open_site(ContractAccess(name="main", number=str(number), token=SecretStr("demo-token")))
        listing = await site.fleet.clusters()
        seen[number] = {cluster.name for cluster in listing.items if cluster.api is Api.V1}

    assert len({frozenset(names) for names in seen.values()}) >= 2


async def test_backups_say_from_when_they_can_be_restored():
    site = open_site()
    old, new = await site.named("orders-prod"), await site.named("payments-prod")

    first = (await site.fleet.backups(old)).items[-1]
    second = (await site.fleet.backups(new)).items[-1]

    assert (first.api, first.cluster_id, first.postgres_version) == (Api.V1, old.id, "15")
    assert first.earliest_target < site.clock.now()
    assert first.size_mb > 0
    assert (second.api, second.cluster_id, second.region) == (Api.V2, new.id, "de/txl")
    assert (second.latest_target, second.size_mb) == (None, None)
    everything = {backup.id for backup in (await site.fleet.all_backups()).items}
    assert {first.id, second.id} <= everything


async def test_users_come_and_go():
    site = open_site()
    cluster = await site.named("orders-prod")

    assert {user.name for user in (await site.fleet.users(cluster)).items} == {"orders", "orders_readonly"}
    everyone = (await site.fleet.users(cluster, system=True)).items
    assert "postgres" in {user.name for user in everyone if user.is_system}
    made = await site.fleet.create_user(cluster, BOB)
    assert (made.name, made.is_system) == ("bob", False)
    await site.fleet.wait_for(cluster)
    await site.fleet.change_password(cluster, replace(BOB, password=SecretStr("another-canary-1")))
    assert site.record("orders-prod").users["bob"].password == "another-canary-1"
    await site.fleet.wait_for(cluster)
    assert (await site.fleet.user(cluster, "bob")).name == "bob"
    await site.fleet.delete_user(cluster, "bob")
    await site.fleet.wait_for(cluster)
    with pytest.raises(NotFound):
        await site.fleet.user(cluster, "bob")


async def test_databases_come_and_go():
    site = open_site()
    cluster = await site.named("orders-prod")

    made = await site.fleet.create_database(cluster, "fresh", "orders")
    assert (made.name, made.owner) == ("fresh", "orders")
    await site.fleet.wait_for(cluster)
    assert "fresh" in {each.name for each in (await site.fleet.databases(cluster)).items}
    assert (await site.fleet.database(cluster, "fresh")).owner == "orders"
    await site.fleet.delete_database(cluster, "fresh")
    await site.fleet.wait_for(cluster)
    with pytest.raises(NotFound):
        await site.fleet.database(cluster, "fresh")


async def test_quick_deletions_do_not_meet_the_500_of_the_notes():
    site = open_site()
    site.cloud.switches = Switches(v1_quick_deletions_fail=True, writes_while_busy="accept")
    cluster = await site.named("orders-prod")

    await site.fleet.delete_user(cluster, "orders_readonly")
    await site.fleet.delete_database(cluster, "orders_archive")

    assert site.cloud.calls.count("DELETE") == 2


async def test_logs_come_from_every_instance_within_the_window():
    site = open_site()
    cluster = await site.named("orders-prod")
    start = site.clock.now() - timedelta(hours=2)

    window = LogWindow(start=start, limit=50, direction="FORWARD")
    lines = (await site.fleet.logs(cluster, window)).items

    assert 0 < len(lines) <= 50
    assert all(line.at >= start for line in lines)
    assert all(line.instance.startswith(f"ionos-{cluster.id}-") and line.text for line in lines)


async def test_a_cluster_that_the_vendor_moves_is_followed_to_v2():
    site = open_site()
    cluster = await site.named("orders-prod")
    await site.fleet.change(cluster, ClusterChange(cores=8))
    await site.clock.sleep(120)
    move(site.cloud, site.record("orders-prod"))

    waited = await site.fleet.wait_for(cluster)

    assert (waited.reached, waited.cluster.id, waited.cluster.api) == (True, cluster.id, Api.V2)


async def test_a_cluster_that_both_show_stays_on_v1_until_it_has_moved():
    site = open_site()
    site.cloud.switches = Switches(v1_clusters_in_v2=True)

    cluster = await site.named("orders-prod")

    assert (cluster.api, cluster.also_in) == (Api.V1, (Api.V2,))


async def test_versions_and_upgrades():
    site = open_site()

    versions = (await site.fleet.versions()).items
    v1 = {version.name for version in versions if version.api is Api.V1}
    v2 = {version.name for version in versions if version.api is Api.V2}

    assert v1 == {"14", "15", "16"}
    assert {"16", "17"} <= v2
    assert await site.fleet.versions_for(await site.named("orders-prod")) == ("16",)
    assert "17" in await site.fleet.versions_for(await site.named("payments-prod"))


async def test_backup_locations_of_every_region():
    locations = (await open_site().fleet.backup_locations()).items

    assert len({location.region for location in locations}) == 9
    assert "eu-central-3" in {location.name for location in locations}


async def test_v2_filters_backups_by_cluster():
    site = open_site()

    assert {each.cluster_id for each in (await site.v2.backups(site.payments)).items} == {site.payments}


async def test_what_the_apis_refuse_is_told_apart():
    site = open_site()
    busy, updating = await site.named("billing-staging"), await site.named("payments-staging")
    name = "paymentsstaging"
    own = Credentials(username=name, password=SecretStr(PASSWORD), database=name)

    with pytest.raises(Rejected):
        await site.fleet.change(busy, ClusterChange(cores=2))
    with pytest.raises(Conflict, match="current state"):
        await site.fleet.change(updating, ClusterChange(cores=2), own)
    with pytest.raises(NotFound):
        await site.v1.cluster("00000000-0000-4000-8000-000000000000")
    with pytest.raises(Unauthorized):
        await open_site(ContractAccess(name="main", token=SecretStr("wrong"))).v2.versions()
