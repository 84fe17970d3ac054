"""The stand-in against both specifications, with requests that schemathesis makes up."""

import pytest
import schemathesis
from cloud_schemas import load
from hypothesis import HealthCheck, settings
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
V1 = load("v1")
V2 = load("v2")
TOKEN = {"Authorization": "Bearer demo-token"}


def bounded(test):
    return settings(
        max_examples=12, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )(test)


@V1.parametrize()
@bounded
def test_v1_keeps_to_its_specification(case):
    case.call_and_validate(headers=TOKEN, checks=CHECKS)


@V2.parametrize()
@bounded
def test_v2_keeps_to_its_specification(case):
    case.call_and_validate(headers=TOKEN, checks=CHECKS)
