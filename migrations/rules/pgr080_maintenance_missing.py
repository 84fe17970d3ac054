"""The cluster has no complete maintenance window, which v2 demands.

Source: ionos-v2.openapi.yaml, `maintenanceWindow` is mandatory, with `time` and `dayOfTheWeek`. v1 assigns
one to a cluster made without (ionos-api-notes, section 10), so that an answer that lacks it is unusual. Both
list the days by their English names; whether v2 takes another word for one nobody can tell.
"""

from bot.domain.cluster import MaintenanceWindow
from migrations.facts import ClusterFacts
from migrations.rule import (
    QUIET,
    Basis,
    Found,
    Inconclusive,
    Remedy,
    Rule,
    RuleEvidence,
    Severity,
    Verdict,
    unstated,
)

FIELD = "properties.maintenanceWindow"
DAYS = frozenset({"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"})
"""DayOfTheWeek of both specifications."""

rule = Rule(
    module=__name__,
    title="The maintenance window is missing, and v2 requires one",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="v2 specification: maintenanceWindow with time and dayOfTheWeek is mandatory",
    remedy=Remedy(
        text="Set the day and the start time (UTC) of the window. It lasts four hours.",
        command="/pg cluster maintenance {name} --day Sunday --time 04:00:00",
        ionosctl=(
            "ionosctl dbaas postgres cluster update --cluster-id {id} "
            "--maintenance-day Sunday --maintenance-time 04:00:00"
        ),
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    window = facts.cluster.maintenance
    missing = _missing(window)
    unread = next((name for name in missing if facts.is_unread(name)), None)
    if unread:
        return unstated(unread)
    if missing:
        return Found(tuple(RuleEvidence(field=name, value="not in the response") for name in missing))
    if window and window.day and window.day not in DAYS:
        return Inconclusive(
            f"{FIELD}.dayOfTheWeek in v1 is {window.day[:60]!r}, which is not a day in English"
        )
    return QUIET


def _missing(window: MaintenanceWindow | None) -> tuple[str, ...]:
    if window is None:
        return (FIELD,)
    parts = {f"{FIELD}.dayOfTheWeek": window.day, f"{FIELD}.time": window.time}
    return tuple(name for name, value in parts.items() if not value)
