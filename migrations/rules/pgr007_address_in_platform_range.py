"""The primary's address lies inside a range that the guide calls unavailable, for either API.

Source: guide page "Limitations", which does not split its ranges by API; v1's specification forbids the two
in 10.233.0.0/16 for new connections, v2's names neither (ionos-api-notes, section 10). PGR006 has the
fourth range.
"""

from ipaddress import IPv4Network

from migrations.facts import ClusterFacts
from migrations.rule import Basis, Rule, Severity, Verdict
from migrations.rules.pgr006_address_forbidden import REMEDY, judge_address

UNAVAILABLE = (IPv4Network("10.233.0.0/18"), IPv4Network("10.233.64.0/18"), IPv4Network("192.168.230.0/24"))

rule = Rule(
    module=__name__,
    title="The primary's address is inside a range that the platform uses",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="Guide page Limitations: 10.233.0.0/18, 10.233.64.0/18 and 192.168.230.0/24 are not available",
    remedy=REMEDY,
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    why = "It is in {}. The guide does not say whether this applies to v1, v2 or both."
    return judge_address(facts, *UNAVAILABLE, why=why)
