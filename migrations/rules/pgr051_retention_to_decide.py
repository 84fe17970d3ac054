"""Backup retention has to be chosen on v2, and nothing on v1 says what it should be.

Source: v1 keeps backups for 7 days and offers no setting (ionos-api-notes, section 3); v2 demands
`backup.retentionDays`, 1 to 365 (ionos-v2.openapi.yaml, ClusterBackup).
"""

from migrations.facts import ClusterFacts
from migrations.rule import Basis, Inconclusive, Remedy, Rule, Severity, Verdict

rule = Rule(
    module=__name__,
    title="The backup retention for v2 must be decided",
    severity=Severity.ADVICE,
    basis=Basis.DOCUMENTED,
    source="v1 keeps backups for 7 days, without a setting; v2 requires backup.retentionDays, 1 to 365",
    remedy=Remedy(text="Choose a number of days. 7 is what v1 uses today."),
)


@rule.check
def check(_facts: ClusterFacts) -> Verdict:
    return Inconclusive(
        "v1 does not have this setting",
        question="For how many days should v2 keep backups? v1 keeps them for 7 days.",
    )
