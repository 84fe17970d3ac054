"""Another cluster in the region has the same name.

Source: inference. Neither API asks for unique names, and filter.name matches any part of a name
(ionos-api-notes, section 7), so a look-up by name may return the other one.
"""

from migrations.facts import ClusterFacts, FactNeed, known
from migrations.rule import QUIET, Basis, Found, Remedy, Rule, Severity, Verdict, unstated

rule = Rule(
    module=__name__,
    title="Another cluster in the region has the same name",
    severity=Severity.ADVICE,
    basis=Basis.INFERRED,
    source="inferred: neither API requires unique names, and filter.name matches any part of a name",
    remedy=Remedy(
        text="Rename one, or look them up by id. A lookup by name may find the other cluster.",
        command="/pg cluster rename {id}",
        ionosctl="ionosctl dbaas postgres cluster update --cluster-id {id} --name NEW-NAME",
    ),
    needs=frozenset({FactNeed.NAMESAKES}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    name = facts.cluster.name
    if not name:
        return unstated("properties.displayName")
    others = sorted(each.id for each in known(facts.namesakes))
    if not others:
        return QUIET
    return Found.of("properties.displayName", f'"{name}" is also the name of {", ".join(others)}')
