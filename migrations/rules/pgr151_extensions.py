"""Extensions are installed.

Source: PostgreSQL documentation, CREATE EXTENSION: the server has to bring an extension's files. No list of
those that
v2 offers is published in a form that could be compared here.
"""

from migrations.facts import ClusterFacts, FactNeed
from migrations.precheck.database_documents import PartItem
from migrations.precheck.part_verdict import judge_part
from migrations.rule import Basis, Remedy, Rule, Scope, Severity, Verdict

rule = Rule(
    module=__name__,
    title="The databases use extensions",
    severity=Severity.ADVICE,
    basis=Basis.INFERRED,
    source="PostgreSQL manual, CREATE EXTENSION: an extension needs its files on the server",
    remedy=Remedy(
        text=(
            "Check that v2 offers them. Compare a precheck of this cluster with one of an empty v2 cluster."
        ),
        sql="SELECT name, default_version FROM pg_available_extensions ORDER BY name;",
    ),
    scope=Scope.DATABASE,
    needs=frozenset({FactNeed.PRECHECK}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    return judge_part(facts, "extensions", _describe, keep=lambda item: item.text("name") != "plpgsql")


def _describe(item: PartItem) -> str:
    newest = item.text("default_version")
    update = f", and the server has {newest}" if newest not in {"", item.text("version")} else ""
    return f"{item.text('name')} {item.text('version')}{update}"
