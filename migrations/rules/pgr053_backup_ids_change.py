"""v1's backup ids are not of the form that v2 takes, so those that somebody has noted down will not do.

Source: ionos-v2.openapi.yaml, backupId and sourceBackupId (UUIDs); a v1 id ends in a suffix and a major, as
the samples of the Ansible collection show (ionos-api-notes, section 6). That v2 gives such backups new ids is
inferred.
"""

from uuid import UUID

from migrations.facts import ClusterFacts, FactNeed, known
from migrations.rule import QUIET, Basis, Found, NotApplicable, Remedy, Rule, RuleEvidence, Severity, Verdict

rule = Rule(
    module=__name__,
    title="v2 cannot be asked for backups by the ids that v1 gives them",
    severity=Severity.ADVICE,
    basis=Basis.LIMIT,
    source="v2 specification: a backup's id is a UUID; v1 ids in the Ansible collection's samples are none",
    remedy=Remedy(
        text="Keep no v1 backup ids in runbooks and scripts. Look them up in v2 when they are needed.",
        command="/pg backup list {name}",
        ionosctl="ionosctl dbaas postgres cluster backup list --cluster-id {id}",
    ),
    needs=frozenset({FactNeed.BACKUPS}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    ids = sorted(each.id for each in known(facts.backups))
    if not ids:
        return NotApplicable("the cluster has no backup; PGR052 is about that")
    others = tuple(each for each in ids if not _is_uuid(each))
    if not others:
        return QUIET
    return Found(
        tuple(RuleEvidence(field="id", value=each, call="v1 GET /clusters/backups") for each in others)
    )


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
