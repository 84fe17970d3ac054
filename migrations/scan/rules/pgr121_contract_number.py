"""The contract is chosen by a header or an option.

Source: X-Contract-Number is documented for v1 only (ionos-api-notes, section 2); that a token is tied to one
contract follows from the text of the token service.
"""

from migrations.rule import Basis, Remedy, Severity
from migrations.scan.findings import ContractNumber
from migrations.scan.scan_rule import ScanRule, show

rule = ScanRule(
    module=__name__,
    title="X-Contract-Number",
    severity=Severity.ADVICE,
    basis=Basis.LIMIT,
    source="documented for v1; v2 does not mention it",
    remedy=Remedy(text="Use one token per contract. A token belongs to the contract it was created for."),
)

rule.on(ContractNumber)(show)
