"""From v1 through the pack's body to v2 and back: equal, or a rule names the loss."""

import json
from dataclasses import replace

import pytest
from cloud_clients import cloud_site
from example_counts import examples
from hypothesis import HealthCheck, given, settings
from pack_kit import assess, fill_samples, pack_files
from random_clusters import any_facts, fit_clusters
from round_trip import FINDERS, there_and_back, unexplained, unfounded
from rule_kit import FACTS, facts

from bot.domain.cluster import BackupLocation
from migrations.pack.target_cluster import build_target
from migrations.v1_v2_diff import NOT_COMPARED, NOT_IN_V1, NOT_IN_V2, compare_clusters

fuzzed = settings(max_examples=examples(40, 100), suppress_health_check=list(HealthCheck))


@given(fit_clusters())
@fuzzed
def test_a_cluster_that_fits_comes_back_as_it_was(cluster):
    offered = BackupLocation(id="1", contract="shop", region=cluster.region, name=cluster.backup_location)
    version = replace(FACTS.v2_versions[0], name=cluster.postgres_version)
    back = there_and_back(replace(FACTS, cluster=cluster, v2_locations=(offered,), v2_versions=(version,)))

    assert compare_clusters(cluster, back) == ()


@given(any_facts(documented=True))
@fuzzed
def test_whatever_does_not_come_back_is_the_finding_of_a_rule(given_facts):
    assert unexplained(given_facts) == []


@given(any_facts(documented=True))
@fuzzed
def test_the_rules_that_the_pack_names_say_so_too(given_facts):
    assert unfounded(given_facts) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "orders prod"),
        ("storage_mb", 30480),
        ("ram_mb", 2048),
        ("replication", "SYNCHRONOUS"),
        ("connections", ()),
        ("maintenance", None),
        ("cores", 63),
        ("backup_location", "de"),
    ],
)
def test_a_loss_is_seen_and_would_be_unexplained_without_its_rule(field, value):
    given_facts = facts(**{field: value})

    assert field in [
        each.field for each in compare_clusters(given_facts.cluster, there_and_back(given_facts))
    ]
    assert FINDERS[field] & {each.rule.id for each in assess(given_facts).findings}


def test_no_field_that_is_compared_is_left_to_chance():
    vendors = {"id", "contract", "dns_name", "created_at", "created_by", "modified_at", "modified_by"}
    kept = {"backup_retention_days"}
    left_out = set(NOT_COMPARED) | set(NOT_IN_V1) | set(NOT_IN_V2)
    names = set(type(FACTS.cluster).__dataclass_fields__)

    assert names == set(FINDERS) | vendors | kept | left_out


@pytest.mark.anyio
async def test_the_stand_in_refuses_the_body_until_it_is_filled_in():
    given_facts = facts(name="orders prod")
    body = pack_files(given_facts)["body.json"]
    async with cloud_site() as site:
        refused = await site.v2()("POST", "/clusters", json=json.loads(body))
        filled = json.loads(fill_samples(body, build_target(given_facts)))
        made = await site.v2()("POST", "/clusters", json=filled)

    assert refused.status_code in {400, 422}
    assert made.status_code in {200, 201, 202}
    assert made.json()["properties"]["name"] == "orders-prod"
    assert made.json()["properties"]["description"] == "orders prod"
