"""The databases themselves have not been checked, or not all of them.

Source: neither API shows what is inside a database (both specifications); pgbot precheck reads it through
psql.
"""

from migrations.facts import ClusterFacts, FactNeed, known
from migrations.precheck.part_verdict import ASK_AGAIN
from migrations.rule import QUIET, Basis, Inconclusive, Remedy, Rule, Scope, Severity, Verdict

rule = Rule(
    module=__name__,
    title="The databases have not been checked with pgbot precheck",
    severity=Severity.ADVICE,
    basis=Basis.DOCUMENTED,
    source="v1 and v2 specifications: no endpoint shows the contents of a database",
    remedy=Remedy(text="Run pgbot precheck, then name its file with --evidence or migration.evidence."),
    scope=Scope.DATABASE,
    needs=frozenset({FactNeed.PRECHECK}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    unread = known(facts.precheck).unread_databases()
    return Inconclusive("; ".join(unread), ASK_AGAIN) if unread else QUIET
