"""v1's backup ids are not of the form that v2 takes, so those that somebody has noted down will not do.

Source: ionos-v2.openapi.yaml, backupId and sourceBackupId (UUIDs); a v1 id ends in a suffix and a major, as
the samples of the Ansible collection show (ionos-api-notes, section 6). That v2 gives such backups new ids is
inferred.
"""

from uuid import UUID

from migrations.facts import ClusterFacts, FactNeed, known
from migrations.rule import QUIET, Basis, Found, NotApplicable, Remedy, Rule, Severity, Verdict

rule = Rule(
    module=__name__,
    title="v2 does not accept the backup ids of v1",
    severity=Severity.ADVICE,
    basis=Basis.LIMIT,
    source="v2 specification: a backup id is a UUID; v1 ids in the Ansible collection's samples are not",
    remedy=Remedy(
        text="Remove v1 backup ids from runbooks and scripts. Look up the id in v2 when you need it.",
        command="/pg backup list {name}",
        ionosctl="ionosctl dbaas postgres cluster backup list --cluster-id {id}",
    ),
    needs=frozenset({FactNeed.BACKUPS}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    ids = sorted(each.id for each in known(facts.backups))
    if not ids:
        return NotApplicable("the cluster has no backup; see PGR052")
    others = tuple(each for each in ids if not _is_uuid(each))
    return Found.of("id", *others, call="v1 GET /clusters/backups") if others else QUIET


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
