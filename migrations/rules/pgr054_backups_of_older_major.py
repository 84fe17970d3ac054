"""Backups that were made with an older major than the cluster's.

Source: the guide on backup and recovery (ionos-api-notes, section 6): a backup restores into a cluster of
the same or a newer major, and a new backup starts after a major upgrade.
"""

from bot.domain.cluster import Backup
from migrations.facts import ClusterFacts, FactNeed, known
from migrations.rule import (
    QUIET,
    Basis,
    Found,
    Inconclusive,
    NotApplicable,
    Remedy,
    Rule,
    RuleEvidence,
    Severity,
    Verdict,
    unstated,
)

CALL = "v1 GET /clusters/backups"

rule = Rule(
    module=__name__,
    title="Some backups are from an older PostgreSQL major version",
    severity=Severity.INFO,
    basis=Basis.DOCUMENTED,
    source="guide on backup and recovery: a backup restores into the same or a newer major version only",
    remedy=Remedy(
        text=(
            "Restoring one of these does not bring back the older version. To get that, restore into a "
            "new cluster of the older version while you can still create one."
        ),
        command="/pg backup list {name}",
        ionosctl="ionosctl dbaas postgres cluster backup list --cluster-id {id}",
    ),
    needs=frozenset({FactNeed.BACKUPS}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    version = facts.cluster.postgres_version
    if version is None:
        return unstated("properties.postgresVersion")
    current = _major(version)
    if current is None:
        return Inconclusive(f"properties.postgresVersion in v1 is {version!r}, which is not a number")
    backups = sorted(known(facts.backups), key=lambda each: each.id)
    if not backups:
        return NotApplicable("the cluster has no backup; see PGR052")
    older = [each for each in backups if _is_older(each, current)]
    if older:
        return Found((RuleEvidence(field="properties.postgresVersion", value=version), *map(_seen, older)))
    unknown = [each.id for each in backups if _major(each.postgres_version) is None]
    return (
        Inconclusive(f"the major version of these backups is unknown: {', '.join(unknown)}")
        if unknown
        else QUIET
    )


def _is_older(backup: Backup, current: int) -> bool:
    major = _major(backup.postgres_version)
    return major is not None and major < current


def _major(version: str | None) -> int | None:
    digits = (version or "").partition(".")[0]
    return int(digits) if digits.isascii() and digits.isdecimal() else None


def _seen(backup: Backup) -> RuleEvidence:
    return RuleEvidence(
        field="properties.version", value=f"{backup.postgres_version} of {backup.id}", call=CALL
    )
