"""Plans: the content of the digest, and the words for a difference."""

import pytest
from pydantic import ValidationError

from bot.domain.cluster import Api
from bot.domain.plan import CopySource, ExpectedEnd, Harm, Plan, PlanEffect, PlanTarget

PLAN = Plan(
    command="restore",
    arguments={"cluster": "1", "to": "2026-11-20T10:00:00+00:00"},
    target=PlanTarget(id="1", name="orders-prod", api=Api.V1, contract="shop", region="de/txl"),
    action="Restore orders-prod",
    harm=Harm.DESTRUCTIVE,
    order={"backup_id": "b1", "target": None},
    observed={"ram_mb": 8192, "connections": ["a", "b"], "live": True},
)


@pytest.mark.parametrize(
    "change",
    [
        {"command": "cluster delete"},
        {"arguments": {"cluster": "2"}},
        {"target": PLAN.target.model_copy(update={"api": Api.V2})},
        {"order": {"backup_id": "b2", "target": None}},
        {"observed": {"ram_mb": 4096, "connections": ["a", "b"], "live": True}},
        {"observed": {"ram_mb": 8192, "connections": ["b", "a"], "live": True}},
    ],
)
def test_the_digest_changes_with_what_would_be_done_and_on_what_it_rests(change):
    other = PLAN.model_copy(update=change)

    assert other.digest() != PLAN.digest()
    assert PLAN.differences(other)


@pytest.mark.parametrize(
    "change",
    [
        {"warnings": ("Two hours are lost.",)},
        {"effects": (PlanEffect(what="Data", before="now", after="then"),)},
        {"notes": ("Changed an hour ago.",)},
        {"ending": ExpectedEnd(limit=5)},
        {"action": "Restore it"},
        {"source": CopySource.of(PLAN.target.as_cluster())},
        {"becomes": PLAN.target.model_copy(update={"name": "orders-junk"})},
    ],
)
def test_what_is_only_shown_is_not_digested(change):
    other = PLAN.model_copy(update=change)

    assert other.digest() == PLAN.digest()
    assert PLAN.differences(other) == ()


def test_a_plan_survives_being_stored():
    again = Plan.model_validate_json(PLAN.model_dump_json())

    assert again == PLAN
    assert again.digest() == PLAN.digest()


def test_differences_are_said_in_words():
    other = PLAN.model_copy(update={"observed": {"ram_mb": None, "connections": [], "live": False}})

    assert PLAN.differences(other) == (
        "connections was a, b and is now none",
        "live was true and is now false",
        "ram mb was 8192 and is now not stated",
    )


def test_an_error_in_a_stored_plan_does_not_repeat_its_values():
    with pytest.raises(ValidationError) as caught:
        Plan.model_validate({**PLAN.model_dump(), "harm": "hunter2"})

    assert "hunter2" not in str(caught.value)
