"""The fleet: merged over both APIs and every region, with every endpoint named that could not be read."""

import httpx
import pytest
from api_fakes import (
    API_URL,
    REGION_URL,
    FakeCloud,
    StepClock,
    bearer,
    failure,
    fleet,
    page,
    v1_cluster,
    v2_cluster,
    wiring,
)
from api_values import both_apis, is_v1
from pydantic import SecretStr

from bot.domain.cluster import Api
from bot.domain.errors import CloudTrouble, ConfigError, NotFound
from bot.ionos.credentials import ContractAccess, resolve_addresses
from bot.ionos.endpoint import EndpointRefusal
from bot.ionos.fleet import open_fleet
from bot.ionos.transport import TransportOptions

pytestmark = pytest.mark.anyio


async def test_the_whole_fleet_costs_ten_calls_and_is_in_one_list():
    asked = both_apis([v1_cluster(1)], [v2_cluster(2)])

    listing = await fleet(asked).clusters()

    assert [(each.name, each.api) for each in listing.items] == [("cluster 1", Api.V1), ("cluster-2", Api.V2)]
    assert listing.gaps == ()
    assert len(asked.requests) == 10
    assert len({request.url.path for request in asked.requests}) == 10


async def test_a_cluster_in_both_apis_is_one_and_v1_counts():
    one = fleet(both_apis([v1_cluster(1)], [v2_cluster(1)]))

    assert [(each.api, each.also_in) for each in (await one.clusters()).items] == [(Api.V1, (Api.V2,))]
    assert [each.api for each in (await one.sightings()).items] == [Api.V1, Api.V2]


async def test_a_cluster_that_two_contracts_see_is_one():
    two = fleet(both_apis([v1_cluster(1)], [v2_cluster(2)]), None, bearer("a"), bearer("b", "5"))

    listing = await two.clusters()

    assert [(each.name, each.contract, each.also_in) for each in listing.items] == [
        ("cluster 1", "a", ()),
        ("cluster-2", "a", ()),
    ]


async def test_a_region_that_fails_is_named_and_the_rest_is_there():
    listing = await fleet(both_apis([v1_cluster(1)], lambda _request: failure(401), "fr-par")).clusters()

    assert len(listing.items) == 1
    assert [str(gap) for gap in listing.gaps] == [
        "v2 fr/par (contract main): does not accept the credentials (401). Check the contract's token or "
        "password in the settings: it may be missing, wrong or expired"
    ]


@pytest.mark.parametrize("status", [401, 402, 403, 404, 422, 429, 500, 503])
async def test_a_gap_says_with_which_status_it_was_refused_once(status):
    listing = await fleet(both_apis([v1_cluster(1)], lambda _request: failure(status), "fr-par")).clusters()

    (gap,) = listing.gaps
    assert gap.why.count(str(status)) == 1
    assert (gap.region, gap.contract) == ("fr/par", "main")


async def test_a_gap_without_an_answer_has_no_status():
    def fail(_request):
        raise httpx.ConnectError("down")

    listing = await fleet(both_apis([v1_cluster(1)], fail, "fr-par")).clusters()

    assert listing.gaps[0].why == "cannot be reached"


@pytest.mark.parametrize("answer", [401, 403, 404, 422, 429, 500, 503, "html", "half", "cut", "slow", "down"])
async def test_a_fleet_of_which_nothing_answers_is_a_list_of_gaps(answer):
    def fail(request):
        match answer:
            case "html":
                return httpx.Response(200, html="<html>log in")
            case "half":
                return httpx.Response(200, content=b'{"items": [{"id": ')
            case "cut":
                raise httpx.RemoteProtocolError("cut")
            case "slow":
                raise httpx.ReadTimeout("slow")
            case "down":
                raise httpx.ConnectError("down")
            case status:
                return failure(status)

    listing = await fleet(FakeCloud(fail)).clusters()

    assert listing.items == ()
    assert len({gap.where for gap in listing.gaps}) == 10
    assert all(gap.why for gap in listing.gaps)


async def test_without_contracts_it_says_how_to_configure_one():
    empty = open_fleet([], resolve_addresses(), clock=StepClock())

    with pytest.raises(ConfigError, match="IONOS_TOKEN"):
        await empty.clusters()


async def test_an_api_that_must_not_be_contacted_is_a_gap_and_gets_no_request():
    asked = both_apis([v1_cluster(1)])
    half = open_fleet([bearer()], resolve_addresses(api_url=API_URL), clock=StepClock(), wiring=wiring(asked))

    listing = await half.clusters()

    assert [gap.where for gap in listing.gaps] == ["v2, all nine regions"]
    assert all(is_v1(request) for request in asked.requests)


async def test_two_contracts_of_one_name_are_refused():
    with pytest.raises(ConfigError, match="same name"):
        open_fleet([bearer(), bearer()], resolve_addresses(), clock=StepClock())


async def test_a_cluster_that_left_v1_is_found_in_v2():
    before = (await fleet(both_apis([v1_cluster(1)])).clusters()).items[0]

    after = await fleet(both_apis([], [v2_cluster(1)])).cluster(before)

    assert (after.id, after.api) == (before.id, Api.V2)


async def test_a_cluster_of_de_fra_2_is_looked_for_at_the_host_of_de_fra():
    before = (await fleet(both_apis([v1_cluster(1, location="de/fra/2")])).clusters()).items[0]

    there = v2_cluster(1)
    there["metadata"]["dnsName"] = "pg-x.postgresql.de-fra.ionos.com"

    assert (await fleet(both_apis([], [there], "de-fra")).cluster(before)).region == "de/fra"


async def test_a_cluster_that_is_gone_from_both_is_not_found():
    before = (await fleet(both_apis([v1_cluster(1)])).clusters()).items[0]

    with pytest.raises(NotFound):
        await fleet(both_apis([], [])).cluster(before)


async def test_a_cluster_that_may_have_moved_is_not_called_gone_while_v2_is_in_trouble():
    before = (await fleet(both_apis([v1_cluster(1)])).clusters()).items[0]

    with pytest.raises(CloudTrouble):
        await fleet(both_apis([], lambda _request: failure(500))).cluster(before)


async def test_a_cluster_gone_from_v1_says_so_when_v2_does_not_let_us_look():
    before = (await fleet(both_apis([v1_cluster(1)])).clusters()).items[0]
    nowhere = (await fleet(both_apis([v1_cluster(1, location=None, dnsName=None)])).clusters()).items[0]

    with pytest.raises(NotFound, match="may have moved to v2, which could not be asked"):
        await fleet(both_apis([], lambda _request: failure(401))).cluster(before)
    with pytest.raises(NotFound, match="no such region"):
        await fleet(both_apis([])).cluster(nowhere)
    only_v1 = open_fleet(
        [bearer()], resolve_addresses(api_url=API_URL), clock=StepClock(), wiring=wiring(both_apis([]))
    )
    with pytest.raises(NotFound, match="is not read"):
        await only_v1.cluster(before)


async def test_a_web_page_for_a_cluster_is_not_taken_for_its_absence():
    cluster = (await fleet(both_apis([v1_cluster(1)])).clusters()).items[0]
    portal = FakeCloud(lambda _request: httpx.Response(404, html="<html>not found"))

    with pytest.raises(Exception, match="web page") as caught:
        await fleet(portal).cluster(cluster)

    assert not isinstance(caught.value, NotFound)


async def test_an_answer_about_another_cluster_is_unreadable():
    cluster = (await fleet(both_apis([v1_cluster(1)])).clusters()).items[0]
    confused = FakeCloud(lambda _request: httpx.Response(200, json=v1_cluster(2)))

    with pytest.raises(Exception, match="another cluster"):
        await fleet(confused).cluster(cluster)


async def test_basic_credentials_are_tried_on_both():
    seen = []

    def answer(request):
        seen.append(request.headers["authorization"])
        return page([])

    access = ContractAccess(name="main", username=SecretStr("demo"), password=SecretStr("demo"))
    addresses = resolve_addresses(API_URL, REGION_URL)
    await open_fleet([access], addresses, clock=StepClock(), wiring=wiring(answer)).clusters()

    assert set(seen) == {"Basic ZGVtbzpkZW1v"}


async def test_versions_of_both_apis_and_upgrades_of_a_cluster():
    def answer(request):
        path = request.url.path
        if path.endswith("/versions") and is_v1(request):
            return httpx.Response(200, json={"data": [{"name": "15"}, {"name": "16"}]})
        if path.endswith("/versions"):
            properties = {"version": "16", "status": "SUPPORTED", "comment": "", "canUpgradeTo": ["17"]}
            return page([{"id": "v", "type": "t", "href": "h", "metadata": {}, "properties": properties}])
        return page([v1_cluster(1)] if is_v1(request) else [v2_cluster(2)] if "de-txl" in path else [])

    one = fleet(FakeCloud(answer))
    first, second = (await one.clusters()).items
    versions = (await one.versions()).items

    assert len(versions) == 2 + 9
    assert (versions[2].region, versions[2].status, versions[2].can_upgrade_to) == (
        "de/txl",
        "SUPPORTED",
        ("17",),
    )
    assert await one.versions_for(first) == ("16",)
    assert await one.versions_for(second) == ("17",)


async def test_closing_closes_the_connections_of_every_contract():
    closed = []

    class Lower(httpx.MockTransport):
        async def aclose(self):
            closed.append(self)

    lower = TransportOptions(http=lambda: Lower(both_apis([])))
    addresses = resolve_addresses(API_URL, REGION_URL)
    two = open_fleet([bearer("a"), bearer("b")], addresses, clock=StepClock(), wiring=lower)
    await two.clusters()
    assert closed == []
    await two.close()

    assert len(closed) == 2


async def test_an_error_of_a_single_read_is_raised():
    cluster = (await fleet(both_apis([v1_cluster(1)])).clusters()).items[0]

    with pytest.raises(CloudTrouble):
        await fleet(both_apis(lambda _request: failure(500))).cluster(cluster)


async def test_what_to_do_is_said_once_for_each_reason():
    cloud = fleet(lambda _request: failure(403))
    first, *others = (await cloud.clusters()).gaps

    assert str(first).endswith("(403). Ask the contract's owner for the permission, or use another token")
    assert len(others) == 9
    assert [gap for gap in others if not str(gap).endswith("(403)")] == []
    assert first == EndpointRefusal(where=first.where, why=first.why, api=first.api, contract="main", step="")


async def test_a_page_that_comes_again_is_not_parsed_again_and_one_that_changed_is():
    shown = [v1_cluster(1), v1_cluster(2)]
    one = fleet(both_apis(lambda _request: page(shown), [v2_cluster(3)]))
    first, again = (await one.clusters()).items, (await one.clusters()).items
    shown[0]["properties"]["displayName"] = "renamed"
    changed = (await one.clusters()).items

    assert [new is old for new, old in zip(again, first, strict=True)] == [True, True, True]
    assert [each.name for each in changed] == ["renamed", "cluster 2", "cluster-3"]
