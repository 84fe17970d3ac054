"""The program relies on how v1 answers POST or DELETE.

Source: POST answers 201 instead of 200, DELETE answers 202 with an empty body instead of 200 with the cluster
(both specifications; v1-v2-mapping, section 2).
"""

from migrations.rule import Basis, Remedy, Severity
from migrations.scan.findings import AnswerShape
from migrations.scan.scan_rule import ScanRule, show

rule = ScanRule(
    module=__name__,
    title="Relies on v1's response to POST or DELETE",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="v2 specification: POST /clusters returns 201; DELETE returns 202 without a body",
    remedy=Remedy(text="Accept 201 for POST and 202 for DELETE. Do not read a body after DELETE."),
)

rule.on(AnswerShape)(show)
