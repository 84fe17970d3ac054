"""For any answers of the two APIs, every rule gives one of its four verdicts, and none of them breaks."""

from dataclasses import replace

from example_counts import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from precheck_reports import DATABASE_PARTS, SERVER_PARTS, precheck
from random_clusters import any_facts, hostile_texts
from rule_kit import READY

from bot.domain.cluster import Api, Backup, BackupLocation, PostgresVersion
from migrations import rules
from migrations.facts import MissingFact
from migrations.rule import Clear, Found, Inconclusive, NotApplicable, Rule, discover_rules

RULES = discover_rules(rules, Rule)
VALUES = ("name", "version", "percent", "refused_from", "number", "takes_connections", "labels", "event")
odd = st.none() | hostile_texts | st.sampled_from(["", "16", "16.4", "9.6", "v16", "٤"])
backups = st.builds(
    Backup,
    id=hostile_texts,
    api=st.just(Api.V1),
    contract=st.just("shop"),
    cluster_id=st.just(READY.id),
    postgres_version=odd,
    is_active=st.sampled_from([None, False, True]),
    location=odd,
    state=odd,
)
versions = st.builds(
    PostgresVersion,
    api=st.just(Api.V2),
    contract=st.just("shop"),
    region=odd,
    name=hostile_texts | st.sampled_from(["14", "16", "17"]),
    status=odd | st.sampled_from(["BETA", "DEPRECATED", "RECOMMENDED"]),
    can_upgrade_to=st.tuples(hostile_texts),
)
locations = st.builds(
    BackupLocation, id=hostile_texts, contract=st.just("shop"), region=hostile_texts, name=hostile_texts
)

prechecks = st.dictionaries(
    st.sampled_from([*SERVER_PARTS, *DATABASE_PARTS]),
    st.none()
    | st.lists(st.dictionaries(st.sampled_from(VALUES), odd | st.floats() | st.booleans()), max_size=2),
    max_size=5,
).map(lambda parts: precheck(**parts))


def several(things):
    return st.just(MissingFact("it did not answer")) | st.lists(things, max_size=3).map(tuple)


@st.composite
def odd_facts(draw):
    """Draw facts of a cluster in which anything may be odd."""
    facts = draw(any_facts())
    cluster = replace(
        facts.cluster,
        region=draw(hostile_texts),
        dns_name=draw(odd),
        state=draw(hostile_texts),
        storage_type=draw(odd),
        oddities=draw(st.lists(hostile_texts, max_size=2).map(tuple)),
    )
    return replace(
        facts,
        cluster=cluster,
        backups=draw(several(backups)),
        v2_versions=draw(several(versions)),
        v2_locations=draw(several(locations)),
        v2_cluster=draw(st.none() | st.just(replace(cluster, api=Api.V2))),
        namesakes=draw(several(st.just(replace(cluster, id="another")))),
        precheck=draw(st.just(MissingFact("there is none")) | prechecks),
    )


@given(odd_facts())
@settings(max_examples=examples(40, 100), suppress_health_check=list(HealthCheck))
def test_no_answer_breaks_a_rule(facts):
    for rule in RULES:
        verdict = rule.judge(facts)

        assert isinstance(verdict, Found | Clear | NotApplicable | Inconclusive), rule.id
        if isinstance(verdict, Found):
            assert all(each.field and isinstance(each.value, str) for each in verdict.evidence), rule.id
