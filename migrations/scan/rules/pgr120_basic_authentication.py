"""User name and password are sent to the API.

Source: v2 documents a bearer token only (ionos-v2.openapi.yaml, securitySchemes; ionos-api-notes, section 2).
Whether its servers would accept Basic authentication is not known.
"""

from migrations.rule import Basis, Remedy, Severity
from migrations.scan.findings import BasicLogin
from migrations.scan.scan_rule import ScanRule, show

rule = ScanRule(
    module=__name__,
    title="Basic authentication",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="v2 specification: the only security scheme is a bearer token",
    remedy=Remedy(
        text=(
            "Send a token instead of a user name and password. It lasts a year at most, so plan its renewal."
        ),
        ionosctl="ionosctl token generate",
    ),
)

rule.on(BasicLogin)(show)
