"""v2 calls the cluster's PostgreSQL version deprecated.

Source: status values of /versions (ionos-v2.openapi.yaml, PostgresVersion.status, from the provider's docs).
"""

from bot.domain.cluster import PostgresVersion
from migrations.facts import ClusterFacts, FactNeed
from migrations.rule import Basis, Found, Remedy, Rule, Severity, Verdict
from migrations.rules.pgr030_version_not_offered import find_status

rule = Rule(
    module=__name__,
    title="This PostgreSQL version is deprecated in v2",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="v2 GET /versions: status DEPRECATED",
    remedy=Remedy(
        text=(
            "Plan an upgrade to a version in canUpgradeTo. You cannot undo an upgrade, so try it on a "
            "clone first."
        ),
        command="/pg cluster upgrade {name}",
    ),
    needs=frozenset({FactNeed.V2_VERSIONS}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    offered = find_status(facts, "DEPRECATED")
    if not isinstance(offered, PostgresVersion):
        return offered
    upgrades = ", ".join(offered.can_upgrade_to) or "no version listed"
    seen, why = f"{offered.name} is DEPRECATED", f"It can be upgraded to: {upgrades}."
    return Found.of("properties.status", seen, call="v2 GET /versions", why=why)
