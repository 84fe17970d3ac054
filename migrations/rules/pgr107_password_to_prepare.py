"""The primary user's password has to fit v2's rules and be at hand, and no API can show it.

Source: v1 wants at least 10 characters; v2 wants 8 to 63 with four classes (ionos-v1.openapi.yaml, DBUser;
ionos-v2.openapi.yaml, PostgresUser.password), and a PUT with `credentials` resets it (the provider's guide
for moving to v2).
"""

from migrations.facts import ClusterFacts
from migrations.rule import Basis, Inconclusive, Remedy, Rule, Scope, Severity, Verdict

rule = Rule(
    module=__name__,
    title="The primary user's password must meet v2's rules",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="v1: at least 10 characters; v2: 8 to 63 with lower and upper case, a digit and one of @$!%*?&",
    remedy=Remedy(
        text=(
            "Prepare a password that v1 and v2 accept: 10 to 63 characters with lower and upper case, a "
            "digit and one of @$!%*?&. Keep it in your secret store: a PUT in v2 sets it. Replace USER "
            "with the primary user."
        ),
        command="/pg user password {name} USER",
        sql="\\password USER",
    ),
    scope=Scope.DATABASE,
)


@rule.check
def check(_facts: ClusterFacts) -> Verdict:
    return Inconclusive(
        "neither API shows a password",
        question=(
            "Do you know the primary user's password, and does it have 10 to 63 characters with lower "
            "and upper case, a digit and one of @$!%*?&?"
        ),
    )
