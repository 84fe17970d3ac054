"""The maintenance window's time is not written HH:MM:SS.

Source: both specifications describe the form, neither publishes a pattern (MaintenanceWindow.time in
ionos-v1.openapi.yaml and ionos-v2.openapi.yaml); that v2 refuses another form is inferred. YAML 1.1 reads an
unquoted 16:30:59 as 59459 (ionos-api-notes, section 10).
"""

import re

from migrations.facts import ClusterFacts
from migrations.rule import QUIET, Basis, Found, NotApplicable, Remedy, Rule, Severity, Verdict, unstated

FIELD = "properties.maintenanceWindow.time"

_TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]")

rule = Rule(
    module=__name__,
    title="The maintenance window's time is not in the form HH:MM:SS",
    severity=Severity.ADVICE,
    basis=Basis.INFERRED,
    source="both specifications describe the time as HH:MM:SS; inferred: v2 refuses any other form",
    remedy=Remedy(
        text="Set the time again as HH:MM:SS. Put it in quotes in YAML.",
        command="/pg cluster maintenance {name} --time 04:00:00",
        ionosctl="ionosctl dbaas postgres cluster update --cluster-id {id} --maintenance-time 04:00:00",
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    window = facts.cluster.maintenance
    if window is None or not window.time:
        if facts.is_unread(FIELD):
            return unstated(FIELD)
        return NotApplicable("the cluster has no maintenance time; see PGR080")
    if _TIME_OF_DAY.fullmatch(window.time):
        return QUIET
    return Found.of(FIELD, window.time)
