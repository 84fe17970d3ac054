"""No backup, or an active one that nothing can be restored from yet.

Source: the Terraform provider's docs (ionos-api-notes, section 6): earliestRecoveryTargetTime is absent
until the first base backup exists, and without it the backup cannot be restored. The guide on backups says
that exactly one backup of a cluster is active.
"""

from migrations.facts import ClusterFacts, FactNeed, known
from migrations.rule import QUIET, Basis, Found, Inconclusive, Remedy, Rule, Severity, Verdict

CALL = "v1 GET /clusters/backups"

rule = Rule(
    module=__name__,
    title="The current backup is missing or not yet complete",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="provider docs: without earliestRecoveryTargetTime a backup cannot be restored",
    remedy=Remedy(
        text=(
            "Wait for the first base backup before you change anything. It appears about a minute after "
            "the cluster becomes available. If it does not, ask IONOS."
        ),
        command="/pg backup list {name}",
        ionosctl="ionosctl dbaas postgres cluster backup list --cluster-id {id}",
    ),
    needs=frozenset({FactNeed.BACKUPS}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    backups = known(facts.backups)
    active = [each for each in backups if each.is_active]
    if active:
        unfinished = sorted(each.id for each in active if each.earliest_target is None)
        if not unfinished:
            return QUIET
        seen = f"missing for the current backup {', '.join(unfinished)}"
        return Found.of("properties.earliestRecoveryTargetTime", seen, call=CALL)
    if any(each.is_active is None for each in backups):
        return Inconclusive("v1's response does not include properties.isActive for every backup")
    if backups:
        return Found.of("properties.isActive", "true for no backup", call=CALL)
    return Found.of("items", "no backup of this cluster", call=CALL)
