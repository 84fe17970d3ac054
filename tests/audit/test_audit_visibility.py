"""Rows about clusters that the reader may not see."""

from dataclasses import replace

import pytest
from audit_kit import ROW

from bot.domain.cluster import Api, Cluster, Gap
from handlers.shared.audit_visibility import AuditVisibility, HiddenNames


def cluster(name, cluster_id="0000000a-0000-4000-8000-000000000001"):
    return Cluster(id=cluster_id, api=Api.V1, contract="shop", region="de/txl", name=name, state="AVAILABLE")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("cluster show orders-prod", True),
        ("There is no cluster “ORDERS-PROD”.", True),
        ("orders-prod: AVAILABLE", True),
        ("cluster show orders-prod-2", False),
        ("cluster show my-orders-prod", False),
        ("cluster show 'the big one'", True),
        ("the big two", False),
        ("logs of 0000000A-0000-4000-8000-000000000001.", True),
        ("", False),
    ],
)
def test_a_name_is_found_as_a_whole_however_it_is_written(text, named):
    hidden = HiddenNames.of([cluster("orders-prod"), cluster("The big one", "other-id")])

    assert hidden.named_in(text) is named


SIGHT = AuditVisibility(
    everything=False,
    names={"mine": "orders-test"},
    hidden=HiddenNames.of([cluster("orders-prod")]),
    gaps=(),
    actor="slack:U0VERA",
)
OWN = "slack:U0VERA"
BLIND = replace(SIGHT, gaps=(Gap(where="v2 de/fra", why="it did not answer"),))


@pytest.mark.parametrize(
    ("sight", "actor", "about", "text", "seen"),
    [
        (SIGHT, "slack:U0BOB", {"mine"}, "a step", True),
        (SIGHT, "slack:U0BOB", set(), "status", False),  # its outcome would tell how many clusters there are
        (SIGHT, "slack:U0BOB", {"mine", "another"}, "a step", False),
        (SIGHT, "slack:U0BOB", {"gone"}, "a step", False),
        (SIGHT, "slack:U0BOB", {"mine"}, "cluster create x --like orders-prod", False),
        (SIGHT, OWN, set(), "cluster show orders-prod", True),  # a row that is missing would tell as well
        (SIGHT, OWN, {"gone"}, "a step", False),
        (BLIND, OWN, set(), "whoami", True),
        (BLIND, "slack:U0BOB", {"mine"}, "a step", True),
        (replace(BLIND, everything=True), "slack:U0BOB", {"gone"}, "cluster show orders-prod", True),
    ],
)
def test_what_is_not_known_to_be_allowed_is_not(sight, actor, about, text, seen):
    assert sight.may_see(replace(ROW, actor=actor, about=frozenset(about), text=text)) is seen


def test_a_name_that_a_visible_cluster_has_as_well_hides_nothing():
    same = cluster("orders-prod", "another-id")

    assert not HiddenNames.of([cluster("orders-prod")], [same]).named_in("cluster show orders-prod")
