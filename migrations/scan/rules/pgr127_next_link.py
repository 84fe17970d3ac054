"""Pages are read by following the link to the next one.

Source: v2's `_links.next` has been seen to stay set after the last page, so that following it never ends
(Terraform provider 6.7.33, changelog).
"""

from migrations.rule import Basis, Remedy, Severity
from migrations.scan.findings import NextLink
from migrations.scan.scan_rule import ScanMatch, ScanRule

rule = ScanRule(
    module=__name__,
    title="Follows the link to the next page",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="Terraform provider 6.7.33: v2's next link stays set after the last page",
    remedy=Remedy(text="Page with limit and offset, and stop at a page shorter than the limit."),
)


@rule.on(NextLink)
def link(_use: NextLink) -> ScanMatch:
    return ScanMatch("link to the next page")
