"""Event triggers or security labels exist, which only a superuser can make.

Source: PostgreSQL documentation, event triggers, and SECURITY LABEL.
"""

from migrations.facts import ClusterFacts, FactNeed
from migrations.precheck.database_documents import PartItem
from migrations.precheck.part_verdict import judge_part
from migrations.rule import Basis, Clear, Found, Remedy, Rule, Scope, Severity, Verdict

rule = Rule(
    module=__name__,
    title="Some objects need a superuser to restore",
    severity=Severity.ADVICE,
    basis=Basis.DOCUMENTED,
    source="PostgreSQL manual, event triggers: only a superuser can create them",
    remedy=Remedy(
        text=(
            "Write down what they do. If they are missing after the move, ask IONOS support to create "
            "them again."
        ),
        sql="SELECT evtname, evtevent FROM pg_event_trigger;",
    ),
    scope=Scope.DATABASE,
    needs=frozenset({FactNeed.PRECHECK}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    triggers = judge_part(facts, "event_triggers", _describe)
    labels = judge_part(facts, "security_labels", _describe)
    return triggers if isinstance(triggers, Found) or isinstance(labels, Clear) else labels


def _describe(item: PartItem) -> str:
    if item.text("event"):
        return f"event trigger {item.text('name')} on {item.text('event')}"
    return f"{item.number('labels'):,.0f} security labels of {item.text('name')}"
