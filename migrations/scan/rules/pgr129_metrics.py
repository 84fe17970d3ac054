"""Metrics of v1's telemetry are read.

Source: v2 ships metrics only when metricsEnabled is set, which it is not by default (ionos-v2.openapi.yaml,
metricsEnabled; v1-v2-mapping, section 6). The names of v1's metrics are taken from programs that query them.
"""

from migrations.rule import Basis, Remedy, Severity
from migrations.scan.findings import Metric
from migrations.scan.scan_rule import ScanRule, show

rule = ScanRule(
    module=__name__,
    title="Metrics of v1's telemetry",
    severity=Severity.ADVICE,
    basis=Basis.LIMIT,
    source="v2 specification: metricsEnabled is false unless set",
    remedy=Remedy(
        text="Turn on metricsEnabled after the move. Check metric names and labels, which may differ."
    ),
)

rule.on(Metric)(show)
