"""One table says what exists where, and why not, and what to do instead."""

import pytest

from bot.api.operations import LACKS, Operation, is_offered, require
from bot.domain import Api
from bot.errors import NotOffered


@pytest.mark.parametrize("operation", list(Operation))
@pytest.mark.parametrize("api", list(Api))
def test_everything_is_offered_or_refused_with_reason_and_substitute(operation, api):
    if is_offered(operation, api):
        require(operation, api)
        return
    with pytest.raises(NotOffered) as caught:
        require(operation, api)

    lack = LACKS[operation, api]
    assert caught.value.sentence == f"The {api} API does not offer {operation}: {lack.reason}."
    assert caught.value.next_step.endswith(".")


def test_nothing_is_lacking_on_both():
    assert [one for one in Operation if not any(is_offered(one, api) for api in Api)] == []


@pytest.mark.parametrize("operation", [Operation.USERS, Operation.DATABASES, Operation.LOGS])
def test_what_only_v1_has(operation):
    assert is_offered(operation, Api.V1)
    assert not is_offered(operation, Api.V2)
