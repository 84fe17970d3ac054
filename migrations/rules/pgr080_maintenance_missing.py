"""The cluster has no complete maintenance window, which v2 demands.

Source: ionos-v2.openapi.yaml, `maintenanceWindow` is mandatory, with `time` and `dayOfTheWeek`. v1 assigns
one to a cluster made without (ionos-api-notes, section 10), so that an answer that lacks it is unusual.
"""

from bot.domain import MaintenanceWindow
from migrations.facts import ClusterFacts
from migrations.rule import QUIET, Basis, Evidence, Fires, Remedy, Rule, Severity, Verdict

rule = Rule(
    module=__name__,
    title="The maintenance window is missing, and v2 demands one",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="v2 specification: maintenanceWindow with time and dayOfTheWeek is mandatory",
    remedy=Remedy(
        text="Set a window: its day and start, in UTC; it lasts four hours.",
        command="/pg cluster maintenance {name} --day Sunday --time 04:00:00",
        ionosctl=(
            "ionosctl dbaas postgres cluster update --cluster-id {id} "
            "--maintenance-day Sunday --maintenance-time 04:00:00"
        ),
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    missing = _missing(facts.cluster.maintenance)
    if not missing:
        return QUIET
    return Fires(tuple(Evidence(field=name, value="not in the answer") for name in missing))


def _missing(window: MaintenanceWindow | None) -> tuple[str, ...]:
    whole = "properties.maintenanceWindow"
    if window is None:
        return (whole,)
    parts = {f"{whole}.dayOfTheWeek": window.day, f"{whole}.time": window.time}
    return tuple(name for name, value in parts.items() if not value)
