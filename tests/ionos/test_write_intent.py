"""A write whose answer was lost: it names the state to check, for each operation."""

import httpx
import pytest
from api_fakes import FakeCloud, fleet, page, v1_cluster, v2_cluster
from api_values import AT, NEW_V1, NEW_V2, USER, is_v1

from bot.domain.cluster import Api
from bot.domain.cluster_spec import ClusterChange, RestoreTo
from bot.domain.errors import OutcomeUnknown
from bot.ionos.base_client import WriteIntent

pytestmark = pytest.mark.anyio

BACKUP = RestoreTo(backup_id="b-1")

LOST = {
    ("create", Api.V1): (lambda on, _one: on.create(NEW_V1, USER), "“Orders (prod)” listed"),
    ("create", Api.V2): (lambda on, _one: on.create(NEW_V2, USER), "“orders-prod” listed"),
    ("change", Api.V1): (lambda on, one: on.change(one, ClusterChange(cores=2)), "BUSY"),
    ("change", Api.V2): (lambda on, one: on.change(one, ClusterChange(cores=2), USER), "password"),
    ("delete", Api.V1): (lambda on, one: on.delete(one), "still listed"),
    ("delete", Api.V2): (lambda on, one: on.delete(one), "still listed"),
    ("restore", Api.V1): (lambda on, one: on.restore(one, BACKUP), "a backup that it had not before"),
    ("restore", Api.V2): (
        lambda on, one: on.restore(one, RestoreTo(target=AT), USER),
        "a backup that it had not before",
    ),
    ("create user", Api.V1): (lambda on, one: on.create_user(one, USER), "have a user “orders”"),
    ("change password", Api.V1): (lambda on, one: on.change_password(one, USER), "log in"),
    ("delete user", Api.V1): (lambda on, one: on.delete_user(one, "bob"), "still have a user “bob”"),
    ("create database", Api.V1): (lambda on, one: on.create_database(one, "x", "y"), "database “x”"),
    ("delete database", Api.V1): (
        lambda on, one: on.delete_database(one, "x"),
        "still have a database “x”",
    ),
}


def losing_writes(request: httpx.Request) -> httpx.Response:
    """Answer reads, and cut the answer to a write."""
    if request.method != "GET":
        raise httpx.ReadError("cut")
    cluster = v1_cluster(1) if is_v1(request) else v2_cluster(2)
    if not request.url.path.endswith("/clusters"):
        return httpx.Response(200, json=cluster)
    here = is_v1(request) or "de-txl" in request.url.path
    return page([cluster] if here else [])


@pytest.mark.parametrize(("write", "api"), LOST, ids=str)
async def test_a_lost_answer_says_what_to_look_at(write, api):
    call, words = LOST[write, api]
    asked = FakeCloud(losing_writes)
    on = fleet(asked)
    cluster = next(each for each in (await on.clusters()).items if each.api is api)

    with pytest.raises(OutcomeUnknown) as caught:
        await call(on, cluster)

    assert caught.value.next_step.startswith("Do not send it again before you have checked: ")
    assert words in caught.value.next_step
    assert len([request for request in asked.requests if request.method != "GET"]) == 1


def test_a_name_in_the_next_step_is_on_one_line():
    look = WriteIntent("does the cluster still have a user {about}?", "a\nb{about}").look

    assert "“a b{about}”" in look
