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
    everything=False, names={"mine": "orders-test"}, hidden=HiddenNames.of([cluster("orders-prod")]), gaps=()
)
BLIND = replace(SIGHT, gaps=(Gap(where="v2 de/fra", why="it did not answer"),))


@pytest.mark.parametrize(
    ("sight", "about", "text", "seen"),
    [
        (SIGHT, {"mine"}, "a step", True),
        (SIGHT, set(), "whoami", True),
        (SIGHT, {"mine", "another"}, "a step", False),
        (SIGHT, {"gone"}, "a step", False),
        (SIGHT, set(), "cluster show orders-prod", False),
        (BLIND, set(), "whoami", False),
        (BLIND, {"mine"}, "a step", True),
        (replace(BLIND, everything=True), {"gone"}, "cluster show orders-prod", True),
    ],
)
def test_what_is_not_known_to_be_allowed_is_not(sight, about, text, seen):
    assert sight.may_see(replace(ROW, about=frozenset(about), text=text)) is seen
