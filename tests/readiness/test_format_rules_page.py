"""`docs/rules.md`: every rule with its source and remedy."""

from pathlib import Path

import pytest

from migrations import rules
from migrations.formats.as_markdown import escape_md
from migrations.formats.rules_page import rules_page
from migrations.rule import Rule, discover_rules
from migrations.scan.scan import scan_rules

RULES = discover_rules(rules, Rule)
PAGE = rules_page(RULES, scan_rules())


@pytest.mark.parametrize("rule", [*RULES, *scan_rules()], ids=lambda rule: rule.id)
def test_a_rule_is_there_with_its_source_and_remedy(rule):
    section = PAGE.split(f"### {rule.id}: ")[1].split("\n## ")[0].split("\n### ")[0]

    assert section.startswith(escape_md(rule.title))
    for words in (
        f"Severity: {rule.severity}",
        f"Basis: {rule.basis}",
        f"Source: {escape_md(rule.source)}",
    ):
        assert f"- {words}\n" in section
    for line in (
        escape_md(rule.remedy.text),
        rule.remedy.command,
        rule.remedy.ionosctl,
        rule.remedy.sql,
    ):
        assert line in section


@pytest.mark.parametrize(
    ("rule", "severity"),
    [
        ("PGR100", "advice"),
        ("PGR102", "advice"),
        ("PGR103", "advice"),
        ("PGR104", "advice"),
        ("PGR134", "action"),
    ],
)
def test_a_severity_that_differs_from_the_comparison_of_the_apis_has_its_reason(rule, severity):
    found = {each.id: each.severity for each in (*RULES, *scan_rules())}

    assert found[rule] == severity
    assert f"{rule} " in PAGE.partition("\n## ")[0].replace(",", " ").replace("\n", " ")


def test_each_rule_is_there_once():
    assert PAGE.count("\n### ") == len(RULES) + len(scan_rules())


def test_what_a_rule_looks_at_is_said():
    users = PAGE.split("### PGR105: ")[1].split("###")[0]

    assert "- Reads: the cluster, the users, the databases\n" in users


def test_the_page_in_the_documents_is_not_stale():
    assert (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8") == PAGE
