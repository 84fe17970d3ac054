"""Properties of every rule: a file, a test, a source, a remedy, and silence on a ready cluster."""

import string
from pathlib import Path

import pytest
from rule_kit import FACTS

from migrations import rules
from migrations.facts import NOT_FETCHED, ClusterFacts, MissingFact
from migrations.rule import Found, Inconclusive, Rule, discover_rules

ROOT = Path(__file__).parents[2]
RULES = discover_rules(rules, Rule)
SPEAK_ALWAYS = {"PGR000", "PGR060", "PGR090", "PGR100", "PGR103"}
"""Rules about what every cluster of any use has: a storage type, a host name, users, databases."""
ASK_ALWAYS = {"PGR022", "PGR051", "PGR107", "PGR140"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_explains_itself(rule):
    assert rule.title
    assert not rule.title.endswith(".")
    assert rule.source
    assert rule.remedy.text.endswith((".", "?"))
    assert (ROOT / "tests" / "rules" / f"test_{rule.module.rpartition('.')[2]}.py").exists()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_remedy_names_only_what_every_cluster_has(rule):
    lines = f"{rule.remedy.command} {rule.remedy.ionosctl} {rule.remedy.sql}"
    holes = {name for _, name, _, _ in string.Formatter().parse(lines) if name}

    assert holes <= {"name", "id", "region"}
    assert not rule.remedy.command or rule.remedy.command.startswith("/pg ")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_has_nothing_to_say_about_a_cluster_that_is_ready(rule):
    verdict = rule.judge(FACTS)

    if rule.id in ASK_ALWAYS:
        assert isinstance(verdict, Inconclusive)
        assert verdict.question
    elif rule.id in SPEAK_ALWAYS:
        assert isinstance(verdict, Found)
    else:
        assert not isinstance(verdict, Found)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.needs], ids=lambda rule: rule.id)
def test_a_missing_fact_is_never_taken_for_an_answer(rule):
    blind = {need.value: MissingFact("it did not answer") for need in rule.needs}
    given = ClusterFacts(cluster=FACTS.cluster, read_at=FACTS.read_at, **blind)

    assert isinstance(rule.judge(given), Inconclusive)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_uses_only_what_it_declares(rule):
    """Undeclared facts are hidden from the rule."""
    hidden = {
        name: NOT_FETCHED
        for name in (
            "backups",
            "users",
            "databases",
            "v2_versions",
            "v2_locations",
            "v2_cluster",
            "namesakes",
            "precheck",
            "precheck",
        )
        if name not in {need.value for need in rule.needs}
    }
    given = {name: getattr(FACTS, name) for name in (need.value for need in rule.needs)} | hidden

    rule.judge(ClusterFacts(cluster=FACTS.cluster, read_at=FACTS.read_at, **given))


def test_every_file_is_a_rule():
    stems = {path.stem for path in (ROOT / "migrations" / "rules").glob("*.py")} - {"__init__"}

    assert {rule.module.rpartition(".")[2] for rule in RULES} == stems
