"""Sequences, or the columns that they fill, are near their last value.

Source: PostgreSQL documentation, CREATE SEQUENCE and integer types: nextval fails after the last value.
"""

from migrations.facts import ClusterFacts, FactNeed
from migrations.precheck.database_documents import PartItem
from migrations.precheck.part_verdict import judge_part
from migrations.rule import Basis, Found, Remedy, Rule, Scope, Severity, Verdict

URGENT = 90
"""Percent of the last value from which it is an action."""

rule = Rule(
    module=__name__,
    title="Some sequences are nearly exhausted",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="PostgreSQL manual, CREATE SEQUENCE: nextval fails after the last value",
    remedy=Remedy(
        text="Before the move, change the column and its sequence to bigint. This rewrites the table.",
        sql=(
            "SELECT schemaname, sequencename, last_value, max_value FROM pg_sequences\n"
            "ORDER BY last_value::numeric / max_value DESC NULLS LAST LIMIT 20;"
        ),
    ),
    scope=Scope.DATABASE,
    needs=frozenset({FactNeed.PRECHECK}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    """From 90 % on it is an action; the precheck lists sequences from 70 % on."""
    urgent = judge_part(facts, "sequences", _describe, keep=lambda item: item.number("percent") >= URGENT)
    if isinstance(urgent, Found):
        return urgent
    return judge_part(facts, "sequences", _describe, severity=Severity.ADVICE)


def _describe(item: PartItem) -> str:
    column = f" for {item.text('table')}.{item.text('column')}" if item.text("column") else ""
    used = f"{item.text('percent')} % used, at {item.text('last_value')} of {item.text('last_possible')}"
    return f"{item.text('schema')}.{item.text('name')}{column}: {used}"
