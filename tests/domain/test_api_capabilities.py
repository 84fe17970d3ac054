"""The table of capabilities per API, with reasons and substitutes."""

import pytest

from bot.domain.api_capabilities import (
    LACKS,
    SIDE_EFFECTS,
    Operation,
    describe_side_effects,
    is_offered,
    require_operation,
)
from bot.domain.cluster import Api
from bot.domain.errors import NotOffered


@pytest.mark.parametrize("operation", list(Operation))
@pytest.mark.parametrize("api", list(Api))
def test_everything_is_offered_or_refused_with_reason_and_substitute(operation, api):
    if is_offered(operation, api):
        require_operation(operation, api)
        return
    with pytest.raises(NotOffered) as caught:
        require_operation(operation, api)

    lack = LACKS[operation, api]
    assert caught.value.sentence == f"The {api} API does not support {operation}: {lack.reason}."
    assert caught.value.next_step.endswith(".")


def test_nothing_is_lacking_on_both():
    assert [one for one in Operation if not any(is_offered(one, api) for api in Api)] == []


@pytest.mark.parametrize("operation", [Operation.CHANGE, Operation.RESTORE])
def test_a_plan_for_v2_can_say_whose_password_will_be_set(operation):
    words = "sets the password of the primary user orders to the one in the configured secret"

    assert describe_side_effects(operation, Api.V2, user="orders") == words
    assert "{" not in describe_side_effects(operation, Api.V2)
    assert "password" not in describe_side_effects(operation, Api.V1)


def test_reading_has_no_side_effects():
    reads = (Operation.READ, Operation.BACKUPS, Operation.LOGS)

    assert {describe_side_effects(operation, api) for operation in reads for api in Api} == {""}


def test_side_effects_are_of_what_is_offered():
    assert [pair for pair in SIDE_EFFECTS if not is_offered(*pair)] == []


@pytest.mark.parametrize("operation", [Operation.USERS, Operation.DATABASES, Operation.LOGS])
def test_what_only_v1_has(operation):
    assert is_offered(operation, Api.V1)
    assert not is_offered(operation, Api.V2)
