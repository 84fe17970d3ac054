"""The primary user's password has to fit v2's rules and be at hand, and no API can show it.

Source: v1 wants at least 10 characters; v2 wants 8 to 63 with four classes (ionos-v1.openapi.yaml, DBUser;
ionos-v2.openapi.yaml, PostgresUser.password), and a PUT with `credentials` resets it (the provider's guide
for moving to v2).
"""

from migrations.facts import ClusterFacts
from migrations.rule import Basis, Inconclusive, Remedy, Rule, Scope, Severity, Verdict

rule = Rule(
    module=__name__,
    title="The primary user's password has to fit v2's rules",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="v1: at least 10 characters; v2: 8 to 63 with lower and upper case, a digit and one of @$!%*?&",
    remedy=Remedy(
        text=(
            "Prepare a password for both: 10 to 63 characters, with lower and upper case, a digit and one of "
            "@$!%*?&. Keep it where your secrets are: a PUT on v2 sets it. USER stands for the primary user."
        ),
        command="/pg user password {name} USER",
        sql="\\password USER",
    ),
    scope=Scope.DATABASE,
)


@rule.check
def check(_facts: ClusterFacts) -> Verdict:
    return Inconclusive(
        "no API shows a password, so there is nothing to read",
        question=(
            "Is the primary user's password known, and does it have 10 to 63 characters with lower and upper "
            "case, a digit and one of @$!%*?&?"
        ),
    )
