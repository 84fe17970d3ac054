"""PostgreSQL 13 or older, which had to be upgraded by 15 October 2025.

Source: the guide's overview page (ionos-api-notes, section 11): 12 and 13 were to be upgraded by that day.
Issue 1005 of the Terraform provider (June 2026) states that 12 is refused by now.
"""

from migrations.facts import ClusterFacts
from migrations.rule import QUIET, Basis, Found, Inconclusive, Remedy, Rule, Severity, Verdict, unstated

NEWEST_PAST_DEADLINE = 13

rule = Rule(
    module=__name__,
    title="PostgreSQL 13 and older had to be upgraded by 15 October 2025",
    severity=Severity.BLOCKER,
    basis=Basis.DOCUMENTED,
    source="guide, overview page: deadline for 12 and 13; Terraform provider issue 1005: 12 is refused",
    remedy=Remedy(
        text=(
            "Upgrade in v1 now, with some minutes of downtime. You cannot undo an upgrade, so try it on "
            "a clone first."
        ),
        command="/pg cluster upgrade {name}",
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    version = facts.cluster.postgres_version
    if version is None:
        return unstated("properties.postgresVersion")
    major = version.partition(".")[0]
    if not (major.isascii() and major.isdecimal()):
        return Inconclusive(f"properties.postgresVersion in v1 is {version!r}, which is not a number")
    if int(major) > NEWEST_PAST_DEADLINE:
        return QUIET
    return Found.of("properties.postgresVersion", version)
