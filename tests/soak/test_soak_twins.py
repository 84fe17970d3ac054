"""Long runs behind `make soak RUNS=n`: equal twins without an alarm, and losses that no rule finds."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from random_clusters import any_facts, equal_twins
from round_trip import unexplained, unfounded

from migrations.v1_v2_diff import compare_clusters

pytestmark = pytest.mark.soak
RUNS = int(os.environ.get("SOAK_RUNS", "1000"))


@given(equal_twins())
@settings(max_examples=RUNS * 10, suppress_health_check=list(HealthCheck))
def test_equal_twins_raise_no_alarm(twins):
    assert compare_clusters(*twins) == ()


@given(any_facts(documented=True))
@settings(max_examples=RUNS, suppress_health_check=list(HealthCheck))
def test_no_loss_is_without_its_rule(given_facts):
    assert unexplained(given_facts) == []
    assert unfounded(given_facts) == []
