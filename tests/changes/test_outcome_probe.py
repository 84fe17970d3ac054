"""Evidence that a request was carried out; an endpoint that did not respond is no evidence."""

from datetime import timedelta

import httpx
import pytest
from api_fakes import START, FakeCloud, bearer, failure, fleet, page, v1_cluster, v2_cluster
from api_values import both_apis, is_v1

from bot.changes.operation import ExecutionContext, probe_cluster, probe_new
from bot.domain.attempt import Attempt
from bot.domain.cluster import Api
from bot.domain.errors import Unreachable
from bot.domain.plan import Harm, Plan, PlanTarget
from handlers.shared.database_users import probe_database, probe_user

pytestmark = pytest.mark.anyio

SEEN = START - timedelta(hours=1)
"""Last change of the cluster, or the user, as the plan observed it."""

TARGET = PlanTarget(
    id="00000000-0000-4000-8000-000000000001",
    name="cluster 1",
    api=Api.V1,
    contract="main",
    region="de/txl",
)


def context_of(cloud, *contracts):
    accesses = [bearer(each) for each in contracts]
    return ExecutionContext(
        fleet=fleet(cloud, None, *accesses), settings=None, handover=None, now=lambda: START
    )


def planned(observed, order=None, target=TARGET):
    return Plan(
        command="restore",
        arguments={},
        target=target,
        action="",
        harm=Harm.MILD,
        order=order or {},
        observed=observed,
    )


def armed(after_seen):
    """Return an attempt this long after the change that the plan has observed, by our clock."""
    return Attempt(armed_at=SEEN + after_seen)


AHEAD = armed(-timedelta(hours=2))
"""The vendor's clock runs ahead: what the plan saw is of a time that was still to come here."""

BEHIND = armed(timedelta(hours=2))


def v1_site(cluster=None, user=None, database=None, backups=()):
    """Return a cloud with a v1 cluster, its backups, one user and one database."""

    def answer(request):
        path = request.url.path
        if not is_v1(request):
            return page([])
        if path.endswith("/backups"):
            return page(list(backups))
        things = {f"{TARGET.id}/users/": user, f"{TARGET.id}/databases/": database}
        thing = next((each for part, each in things.items() if part in path), cluster or v1_cluster())
        return failure(404) if thing is None else httpx.Response(200, json=thing)

    return both_apis(v1=answer, v2=lambda _request: page([]))


def modified(at):
    cluster = v1_cluster()
    cluster["metadata"]["lastModifiedDate"] = at and at.isoformat()
    return cluster


# The vendor's own times


@pytest.mark.parametrize("attempt", [AHEAD, BEHIND])
@pytest.mark.parametrize(
    ("observed", "now", "is_evidence"),
    [
        (SEEN, SEEN, False),
        (SEEN, SEEN - timedelta(minutes=1), False),
        (SEEN, SEEN + timedelta(seconds=1), True),
        (None, SEEN, True),
        (None, None, False),
        (SEEN, None, False),
    ],
)
async def test_only_a_later_modification_than_the_plan_saw_is_evidence(attempt, observed, now, is_evidence):
    plan = planned({"modified_at": observed and observed.isoformat()})
    found = await probe_cluster(plan, context_of(v1_site(modified(now))), attempt)

    assert (found is not None) is is_evidence


@pytest.mark.parametrize(("attempt", "is_evidence"), [(AHEAD, True), (BEHIND, False)])
async def test_a_kept_plan_that_did_not_observe_it_has_only_our_clock(attempt, is_evidence):
    found = await probe_cluster(planned({"live": True}), context_of(v1_site(modified(SEEN))), attempt)

    assert (found is not None) is is_evidence


def user(created=SEEN, changed=None):
    stamps = {"createdDate": created.isoformat(), "lastModifiedDate": changed and changed.isoformat()}
    return {"id": "x", "type": "user", "metadata": stamps, "properties": {"username": "orders"}}


@pytest.mark.parametrize("attempt", [AHEAD, BEHIND])
@pytest.mark.parametrize(
    ("observed", "now", "is_evidence"),
    [
        ({"changed": SEEN.isoformat()}, user(changed=SEEN), False),
        ({"changed": SEEN.isoformat()}, user(changed=SEEN + timedelta(seconds=1)), True),
        ({"changed": None}, user(), False),
        ({"changed": None}, user(changed=SEEN), True),
        ({"exists": False}, user(), True),
        ({"exists": False}, None, False),
    ],
)
async def test_a_user_is_evidence_where_it_is_new_or_changed_later(attempt, observed, now, is_evidence):
    plan = planned(observed, {"user": "orders"})
    found = await probe_user(plan, context_of(v1_site(user=now)), attempt)

    assert (found is not None) is is_evidence


@pytest.mark.parametrize("attempt", [AHEAD, BEHIND])
async def test_a_database_that_was_not_there_is_evidence_whatever_the_clocks_say(attempt):
    there = {"id": "x", "type": "database", "properties": {"name": "archive"}}
    plan = planned({"exists": False}, {"database": "archive"})

    assert await probe_database(plan, context_of(v1_site(database=there)), attempt)
    assert await probe_database(plan, context_of(v1_site()), attempt) is None


# Unreadable data


def broken(at):
    """Return v1 and de/txl of v2 with a cluster of the name each; `at` says which requests are refused."""

    def answer(request):
        if at(request):
            return failure(403)
        if is_v1(request):
            return page([v1_cluster(1)])
        return page([v2_cluster(2, name="cluster 1")] if in_region("de-txl")(request) else [])

    return FakeCloud(answer)


def in_region(label):
    return lambda request: request.url.path.startswith(f"/{label}/")


ON_V2 = TARGET.model_copy(update={"api": Api.V2})


@pytest.mark.parametrize(
    ("at", "target", "hides"),
    [
        (is_v1, TARGET, True),
        (is_v1, ON_V2, False),
        (in_region("de-txl"), TARGET, False),
        (in_region("de-txl"), ON_V2, True),
        (in_region("de-fra"), ON_V2, False),
        (in_region("de-fra"), ON_V2.model_copy(update={"region": "de/fra/2"}), True),
    ],
)
async def test_a_name_is_not_there_only_where_its_own_place_could_be_read(at, target, hides):
    act = context_of(broken(at))

    if hides:
        with pytest.raises(Unreachable) as refused:
            await act.find_named(target)
        assert refused.value.sentence.startswith("It is unknown whether a cluster cluster 1 exists: v")
        assert refused.value.next_step
    else:
        assert [each.name for each in await act.find_named(target)] == ["cluster 1"]


async def test_another_contracts_gap_hides_nothing():
    cloud = broken(lambda request: is_v1(request) and request.headers.get("x-contract-number") == "2")
    accesses = (bearer("main", "1"), bearer("other", "2"))
    act = ExecutionContext(
        fleet=fleet(cloud, None, *accesses), settings=None, handover=None, now=lambda: START
    )

    assert [each.name for each in await act.find_named(TARGET)] == ["cluster 1"]
    with pytest.raises(Unreachable):
        await act.find_named(TARGET.model_copy(update={"contract": "other"}))


async def test_backups_that_could_not_all_be_read_are_no_baseline():
    backup = {"id": "b1", "type": "backup", "properties": {"clusterId": TARGET.id}}
    whole, torn = (
        context_of(v1_site(backups=[backup])),
        context_of(v1_site(backups=[backup, {"type": "backup"}])),
    )
    cluster = TARGET.as_cluster()

    assert await whole.read_backup_ids(cluster) == {"b1"}
    with pytest.raises(Unreachable, match="The backups of cluster 1 could not all be read"):
        await torn.read_backup_ids(cluster)


# The new cluster


async def test_a_cluster_that_both_apis_show_is_found_by_the_one_that_made_it():
    both = both_apis(v1=[v1_cluster(7, displayName="drill-abcdef")], v2=[v2_cluster(7, name="drill-abcdef")])
    act = context_of(both)

    for api in Api:
        target = TARGET.model_copy(update={"id": "", "name": "drill-abcdef", "api": api})
        [found] = await act.find_named(target)
        assert found.api is api
        evidence = await probe_new(planned({}, target=target), act, AHEAD)
        assert evidence.made == found.id


@pytest.mark.parametrize("api", Api)
@pytest.mark.parametrize("asked", ["de/fra", "de/fra/2"])
async def test_a_cluster_of_the_second_frankfurt_is_shown_as_one_of_the_first(api, asked):
    in_v2 = v2_cluster(7, name="new")
    in_v2["metadata"]["dnsName"] = "pg-x.postgresql.de-fra.ionos.com"
    made = both_apis(v1=[v1_cluster(7, displayName="new", location="de/fra")], v2=[in_v2], region="de-fra")
    target = TARGET.model_copy(update={"id": "", "name": "new", "api": api, "region": asked})

    assert len(await context_of(made).find_named(target)) == 1
    assert await context_of(made).find_named(target.model_copy(update={"region": "de/txl"})) == ()
