"""Libraries are loaded when the server or a session starts.

Source: PostgreSQL documentation, shared library preloading. v2 has no property for it
(ionos-v2.openapi.yaml).
"""

from migrations.facts import ClusterFacts, FactNeed
from migrations.precheck.part_verdict import judge_part
from migrations.precheck.precheck_report import PartItem
from migrations.rule import Basis, Remedy, Rule, Scope, Severity, Verdict

rule = Rule(
    module=__name__,
    title="The server preloads libraries",
    severity=Severity.ADVICE,
    basis=Basis.INFERRED,
    source="v2 specification: clusters do not have a property for preloaded libraries",
    remedy=Remedy(
        text="Ask IONOS which libraries v2 preloads, and which extensions here need one.",
        sql="SHOW local_preload_libraries;",
    ),
    scope=Scope.DATABASE,
    needs=frozenset({FactNeed.PRECHECK}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    return judge_part(facts, "preloaded_libraries", _describe)


def _describe(item: PartItem) -> str:
    return f"{item.text('setting')} = {item.text('value')}"
