"""A name that v2's rule for names does not allow.

Source: ionos-v2.openapi.yaml, Cluster.name: 2 to 63 letters, digits, dashes, underscores and dots, a letter
or digit at both ends. v1 publishes no rule for displayName (ionos-api-notes, section 3). What the vendor's
own migration makes of such a name is not known.
"""

import re

from migrations.facts import ClusterFacts
from migrations.rule import QUIET, Basis, Found, Remedy, Rule, Severity, Verdict, unstated

FITS_V2 = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,61}[A-Za-z0-9]")

rule = Rule(
    module=__name__,
    title="v2 does not allow the name",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="v2 specification: name is 2 to 63 characters of a limited set; v1 does not publish a rule",
    remedy=Remedy(
        text=(
            "Rename the cluster. Use 2 to 63 letters, digits, dashes, underscores and dots, and start "
            "and end with a letter or digit. You can keep the old name as the description in v2."
        ),
        command="/pg cluster rename {name}",
        ionosctl="ionosctl dbaas postgres cluster update --cluster-id {id} --name NEW-NAME",
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    name = facts.cluster.name
    if not name:
        return unstated("properties.displayName")
    if FITS_V2.fullmatch(name):
        return QUIET
    why = "It is unknown how IONOS's own migration handles such a name."
    return Found.of("properties.displayName", f'"{name}", {len(name)} characters', why=why)
