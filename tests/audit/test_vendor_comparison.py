"""IONOS's own record of each cluster against the bot's requests: changes that bypassed the bot."""

from dataclasses import replace
from datetime import timedelta

import pytest
from audit_kit import ROW, START

from bot.audit.vendor_comparison import SETTLE, SKEW, actions_in, compare
from bot.domain.cluster import Api, Cluster
from bot.domain.request import ApiRequest

ID = "00000001-0000-4000-8000-000000000001"
NOON = START + timedelta(hours=3)
NOW = START + timedelta(days=2)
YEAR = timedelta(days=365)


def cluster(changed=None, created=START - YEAR, state="AVAILABLE", cluster_id=ID):
    return Cluster(
        id=cluster_id,
        api=Api.V1,
        contract="shop",
        region="de/txl",
        name="orders",
        state=state,
        created_at=created,
        created_by="olga",
        modified_at=changed,
        modified_by="mallory",
    )


def sent(text, at=NOON, status=202):
    method, path = text.split()
    requests = (
        ()
        if status is None
        else (
            ApiRequest(
                method=method,
                url=f"https://api.example{path}",
                status=status,
                milliseconds=1,
                request_id=None,
                attempt=1,
            ),
        )
    )
    return replace(ROW, at=at, text=f"{text} at v1 (contract shop)", requests=requests)


def witness(clusters, *rows):
    return compare(clusters, actions_in(rows), START, NOW)


PATCH = f"PATCH /clusters/{ID}"


@pytest.mark.parametrize(
    ("changed", "rows", "around"),
    [
        (NOON, [], 1),
        (NOON, [sent(PATCH)], 0),
        (NOON - SKEW, [sent(PATCH)], 0),
        (NOON + SETTLE, [sent(PATCH)], 0),
        (NOON + SETTLE + SKEW, [sent(PATCH)], 1),
        (NOON - SKEW * 2, [sent(PATCH)], 1),
        (NOON, [sent(PATCH.replace("0001", "0002"))], 1),
        (NOON, [sent(PATCH, status=422)], 1),
        (NOON, [sent(PATCH, status=None)], 0),
        (NOON, [sent(f"POST /clusters/{ID}/users")], 0),
        (START - YEAR / 2, [], 0),
        (None, [], 0),
    ],
)
def test_a_change_that_no_request_of_the_bot_explains_went_around_it(changed, rows, around):
    found = witness([cluster(changed)], *rows).around

    assert len(found) == around
    assert [(each.what, each.at, each.by) for each in found] == [("changed", changed, "mallory")] * around


@pytest.mark.parametrize(("rows", "around"), [([], 1), ([sent("POST /clusters")], 0)])
def test_a_cluster_that_the_bot_did_not_create_was_created_around_it(rows, around):
    found = witness([cluster(changed=NOON + SKEW, created=NOON)], *rows).around

    assert [(each.what, each.by) for each in found] == [("created", "olga")] * around


@pytest.mark.parametrize(
    ("changed", "state", "text", "why"),
    [
        (NOON, "AVAILABLE", PATCH, None),
        (NOON - SKEW, "AVAILABLE", PATCH, None),
        (START - YEAR / 2, "AVAILABLE", PATCH, "the cluster's last change is older"),
        (None, "AVAILABLE", f"PUT /clusters/{ID}", "the cluster shows no change"),
        (None, "AVAILABLE", f"POST /clusters/{ID}/restore", "the cluster shows no change"),
        (None, "AVAILABLE", f"POST /clusters/{ID}/databases", None),
        (None, "AVAILABLE", f"DELETE /clusters/{ID}/users/bob", None),
        (None, "AVAILABLE", f"DELETE /clusters/{ID}", "the cluster is still there"),
        (None, "DESTROYING", f"DELETE /clusters/{ID}", None),
    ],
)
def test_a_request_of_which_the_cluster_shows_nothing_is_without_a_trace(changed, state, text, why):
    found = witness([cluster(changed, state=state)], sent(text)).untraced

    assert [each.why for each in found] == ([why] if why else [])


def test_a_cluster_that_is_gone_cannot_be_compared():
    assert witness([], sent(PATCH)).untraced == ()


def test_clusters_that_tell_no_time_are_counted():
    found = witness([cluster(created=None), cluster(cluster_id="other")])

    assert (found.compared, found.silent) == (1, 1)
