"""The simulator against both specifications, with generated requests of schemathesis."""

import pytest
from cloud_schemas import load
from example_counts import examples
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from bot.demo.cloud import v1, v2

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    ignored_auth,
    unsupported_method,
    allow_header_conformance,
]
OPERATIONS = [("v1", one.id) for one in v1.OPERATIONS] + [("v2", one.id) for one in v2.OPERATIONS]
EXAMPLES = examples(3, 10)


MODES = {"well-formed": GenerationMode.POSITIVE, "malformed": GenerationMode.NEGATIVE}


@pytest.fixture(scope="module")
def specifications():
    # A malformed request carries a good token all the same: it is to be refused for its own fault.
    return {(api, kind): load(api, secured=kind == "well-formed") for api in ("v1", "v2") for kind in MODES}


def operations_of(specification):
    return {one.ok().definition.raw["operationId"]: one.ok() for one in specification.get_all_operations()}


@pytest.mark.parametrize(("api", "count"), [("v1", 25), ("v2", 11)])
def test_every_operation_of_the_specification_exists(specifications, api, count):
    specified = {
        (id_, one.method.upper(), one.path)
        for id_, one in operations_of(specifications[api, "well-formed"]).items()
    }
    served = {(one.id, one.method, one.path) for one in {"v1": v1, "v2": v2}[api].OPERATIONS}
    assert served == specified
    assert len(served) == count


@pytest.mark.hypothesis
@pytest.mark.parametrize("kind", MODES)
@pytest.mark.parametrize(("api", "operation_id"), OPERATIONS)
def test_keeps_to_its_specification(specifications, api, operation_id, kind):
    operation = operations_of(specifications[api, kind])[operation_id]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=MODES[kind]))
    def holds(case):
        case.call_and_validate(headers={"Authorization": "Bearer demo-token"}, checks=CHECKS)

    holds()
