"""A cluster that has moved to v2, or is gone: every verb says so, or follows it; none ends in a raw 404."""

from dataclasses import replace

import httpx
import pytest
from api_fakes import FakeCloud, failure, fleet, page, v1_cluster, v2_cluster
from api_site import BOB, open_site
from api_values import NEW_V1, NEW_V2, USER, both_apis, is_v1

from bot.demo.cloud.vendor_migration import move
from bot.domain.cluster import Api
from bot.domain.cluster_spec import ClusterChange, LogWindow, RestoreTo
from bot.domain.errors import CloudTrouble, Conflict, NotFound, NotOffered, UnreadableAnswer

pytestmark = pytest.mark.anyio

BACKUP = RestoreTo(backup_id="b-1")

V1_ONLY = {
    "users": (lambda on, one: on.users(one), "user create"),
    "user": (lambda on, one: on.user(one, "bob"), "user create"),
    "create_user": (lambda on, one: on.create_user(one, BOB), "user create"),
    "change_password": (lambda on, one: on.change_password(one, BOB), "user create"),
    "delete_user": (lambda on, one: on.delete_user(one, "bob"), "user create"),
    "databases": (lambda on, one: on.databases(one), "database create"),
    "database": (lambda on, one: on.database(one, "x"), "database create"),
    "create_database": (lambda on, one: on.create_database(one, "x", "bob"), "database create"),
    "delete_database": (lambda on, one: on.delete_database(one, "x"), "database create"),
    "logs": (lambda on, one: on.logs(one, LogWindow()), "observability"),
    "restore": (lambda on, one: on.restore(one, BACKUP), "only the target time"),
}

ON_BOTH = {
    "change": lambda on, one: on.change(one, ClusterChange(cores=8), USER),
    "delete": lambda on, one: on.delete(one),
}

FOLLOWED = {
    "backups": lambda on, one: on.backups(one),
    "versions_for": lambda on, one: on.versions_for(one),
}

VERBS = {
    **{name: call for name, (call, _) in V1_ONLY.items()},
    **ON_BOTH,
    **FOLLOWED,
    "cluster": lambda on, one: on.cluster(one),
}


async def moved_site():
    """Return the simulator after the move of `orders-prod`, and the cluster as known before."""
    site = open_site()
    before = await site.named("orders-prod")
    move(site.cloud, site.record("orders-prod"))
    return site, before


@pytest.mark.parametrize("verb", V1_ONLY)
async def test_what_v2_lacks_is_answered_with_the_reason_and_the_substitute(verb):
    site, before = await moved_site()
    call, substitute = V1_ONLY[verb]

    with pytest.raises(NotOffered, match="“orders-prod” is on v2 now") as caught:
        await call(site.fleet, before)

    assert "does not support" in caught.value.sentence
    assert substitute in caught.value.next_step
    assert caught.value.fault.status == 404


@pytest.mark.parametrize("verb", ON_BOTH)
async def test_what_v2_has_as_well_is_to_be_planned_again(verb):
    site, before = await moved_site()

    with pytest.raises(Conflict, match="“orders-prod” is on v2 now") as caught:
        await ON_BOTH[verb](site.fleet, before)

    assert "request it again" in caught.value.next_step
    assert site.record("orders-prod").phase == "AVAILABLE"


async def test_backups_and_versions_are_read_where_the_cluster_is_now():
    site, before = await moved_site()

    backups = await site.fleet.backups(before)

    assert {backup.api for backup in backups.items} == {Api.V2}
    assert {backup.cluster_id for backup in backups.items} == {before.id}
    assert "17" in await site.fleet.versions_for(before)


@pytest.mark.parametrize("api", list(Api))
@pytest.mark.parametrize("verb", VERBS)
async def test_a_cluster_that_is_not_found_is_named_and_not_called_gone(verb, api):
    there = both_apis([v1_cluster(1)], []) if api is Api.V1 else both_apis([], [v2_cluster(1)])
    before = (await fleet(there).clusters()).items[0]
    nowhere = fleet(FakeCloud(lambda _request: failure(404)))

    with pytest.raises((NotFound, NotOffered)) as caught:
        await VERBS[verb](nowhere, before)

    assert isinstance(caught.value, NotFound) or api is Api.V2
    assert "no such resource" not in caught.value.sentence
    assert isinstance(caught.value, NotOffered) or f"{before.name}” was not found" in caught.value.sentence


@pytest.mark.parametrize(
    ("verb", "part"),
    [
        ("user", "user “bob”"),
        ("change_password", "user “bob”"),
        ("delete_user", "user “bob”"),
        ("database", "database “x”"),
        ("delete_database", "database “x”"),
        ("restore", "backup “b-1”"),
        ("logs", "logs"),
        ("versions_for", "list of versions"),
        ("backups", "list of backups"),
        ("change", "such resource"),
    ],
)
async def test_what_a_cluster_does_not_have_is_named(verb, part):
    def answer(request):
        if is_v1(request) and request.url.path.endswith("/clusters"):
            return page([v1_cluster(1)])
        own = request.url.path.endswith(v1_cluster(1)["id"]) and request.method == "GET"
        return httpx.Response(200, json=v1_cluster(1)) if own else failure(404)

    on = fleet(FakeCloud(answer))
    cluster = (await on.clusters()).items[0]

    with pytest.raises(NotFound) as caught:
        await VERBS[verb](on, cluster)

    assert caught.value.sentence == f"Cluster “cluster 1” has no {part}."


async def test_nobody_can_tell_while_v2_is_in_trouble():
    before = (await fleet(both_apis([v1_cluster(1)])).clusters()).items[0]

    with pytest.raises(CloudTrouble, match="v2"):
        await fleet(both_apis([], lambda _request: failure(503))).users(before)


@pytest.mark.parametrize("new", [NEW_V1, NEW_V2], ids=["v1", "v2"])
async def test_a_new_cluster_that_names_something_unknown_says_what_to_look_at(new):
    with pytest.raises(NotFound, match="something that the new cluster refers to") as caught:
        await fleet(FakeCloud(lambda _request: failure(404))).create(new, USER)

    assert "LAN" in caught.value.next_step


def versions_answer(*entries: dict):
    """Return a v2 region with one cluster of version 16 and these versions."""

    def answer(request):
        if request.url.path.endswith("/versions"):
            return page(
                [{"id": "v", "type": "t", "href": "h", "metadata": {}, "properties": e} for e in entries]
            )
        return page([v2_cluster(1)])

    return answer


@pytest.mark.parametrize(
    "entries",
    [
        (),
        ({"version": "17", "canUpgradeTo": []},),
        ({"version": "16"},),
        ({"version": "16", "canUpgradeTo": {}},),
        ({"version": "16", "canUpgradeTo": [None]},),
    ],
)
async def test_upgrades_that_v2_does_not_tell_are_not_none(entries):
    on = fleet(both_apis([], versions_answer(*entries)))
    cluster = (await on.clusters()).items[0]

    with pytest.raises(UnreadableAnswer, match="are unknown"):
        await on.versions_for(cluster)


async def test_a_version_without_upgrades_has_none():
    on = fleet(both_apis([], versions_answer({"version": "16", "canUpgradeTo": []})))
    cluster = (await on.clusters()).items[0]

    assert await on.versions_for(cluster) == ()
    assert await on.versions_for(replace(cluster, postgres_version="16")) == ()
