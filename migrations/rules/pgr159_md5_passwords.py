"""Passwords of roles are stored as md5.

Source: PostgreSQL release notes of 18: md5 passwords are deprecated. A password cannot be converted, only
set again.
"""

from migrations.facts import ClusterFacts, FactNeed
from migrations.precheck.part_verdict import judge_part
from migrations.precheck.precheck_report import PartItem
from migrations.rule import Basis, Remedy, Rule, Scope, Severity, Verdict

rule = Rule(
    module=__name__,
    title="Some roles have md5 passwords",
    severity=Severity.ADVICE,
    basis=Basis.DOCUMENTED,
    source="PostgreSQL 18 release notes: md5 passwords are deprecated",
    remedy=Remedy(
        text=(
            "Check that password_encryption is scram-sha-256, then set each password again with "
            "\\password in psql."
        ),
        sql="SHOW password_encryption;",
    ),
    scope=Scope.DATABASE,
    needs=frozenset({FactNeed.PRECHECK}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    return judge_part(facts, "md5_passwords", _describe)


def _describe(item: PartItem) -> str:
    return item.text("name")
