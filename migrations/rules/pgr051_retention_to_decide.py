"""Backup retention has to be chosen on v2, and nothing on v1 says what it should be.

Source: v1 keeps backups for 7 days and offers no setting (ionos-api-notes, section 3); v2 demands
`backup.retentionDays`, 1 to 365 (ionos-v2.openapi.yaml, ClusterBackup).
"""

from migrations.facts import ClusterFacts
from migrations.rule import Basis, Inconclusive, Remedy, Rule, Severity, Verdict

rule = Rule(
    module=__name__,
    title="How long backups are kept has to be decided",
    severity=Severity.ADVICE,
    basis=Basis.DOCUMENTED,
    source="v1 keeps 7 days and has no setting; v2 demands backup.retentionDays, 1 to 365",
    remedy=Remedy(text="Decide on a number of days. 7 keeps what v1 does today."),
)


@rule.check
def check(_facts: ClusterFacts) -> Verdict:
    return Inconclusive(
        "v1 has no such setting, so there is nothing to read",
        question="For how many days should backups be kept on v2? 7 keeps today's behaviour.",
    )
