"""Publications or subscriptions exist.

Source: PostgreSQL documentation, logical replication: a subscription holds the address of its publisher,
and its slot there.
"""

from migrations.facts import ClusterFacts, FactNeed
from migrations.precheck.database_documents import PartItem
from migrations.precheck.part_verdict import judge_part
from migrations.rule import Basis, Clear, Found, Remedy, Rule, Scope, Severity, Verdict

rule = Rule(
    module=__name__,
    title="Logical replication must be set up again",
    severity=Severity.ACTION,
    basis=Basis.INFERRED,
    source="PostgreSQL manual, logical replication: both sides name each other by address",
    remedy=Remedy(
        text=(
            "Plan when each side moves. Disable a subscription before the move, and set its new address "
            "afterwards."
        ),
        sql=(
            "SELECT pubname, puballtables FROM pg_publication;\n"
            "SELECT subname, subenabled FROM pg_subscription;"
        ),
    ),
    scope=Scope.DATABASE,
    needs=frozenset({FactNeed.PRECHECK}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    """A publication alone is advice: only its subscribers, elsewhere, have to change."""
    subscribed = judge_part(facts, "subscriptions", _describe)
    published = judge_part(facts, "publications", _describe, severity=Severity.ADVICE)
    return subscribed if isinstance(subscribed, Found) or isinstance(published, Clear) else published


def _describe(item: PartItem) -> str:
    kind = "publication" if item.database else f"subscription in database {item.text('database')}"
    return f"{kind}: {item.text('name')}"
