"""The readiness report as SARIF 2.1.0: a result for everything that a rule said of a cluster."""

from typing import Any

from migrations.formats.as_json import remedy_as_json
from migrations.formats.as_text import evidence_line, waiver_line
from migrations.formats.contents import ClusterSection, OutcomeKind, ReportItem, build_contents
from migrations.formats.sarif_log import LEVELS, SarifRun, render_sarif_log, sarif_message
from migrations.readiness import ReadinessReport
from migrations.rule import Severity


def as_sarif(report: ReadinessReport, *, reproducible: bool = False) -> str:
    """Return the log, with clusters as logical locations. OpenQuestion rules are `open`, questions to people
    `review`."""
    whole = build_contents(report, reproducible=reproducible)
    numbers = {rule.id: number for number, rule in enumerate(whole.rules)}
    return render_sarif_log(
        SarifRun(
            tool="pgbot readiness",
            rules=whole.rules,
            results=[
                _result(item, section, numbers[item.rule.id])
                for section in whole.sections
                for item in section.items
            ],
            gaps=whole.coverage.gaps,
            notes=(*whole.coverage.lines, *whole.summary),
            at=whole.at,
        )
    )


def _result(item: ReportItem, section: ClusterSection, rule_index: int) -> dict[str, Any]:
    cluster = section.cluster
    kind = _kind(item)
    words = [f"{cluster.name}: {item.rule.title}", item.why, item.ask]
    return {
        "ruleId": item.rule.id,
        "ruleIndex": rule_index,
        "kind": kind,
        "level": LEVELS[item.severity] if kind == "fail" else "none",
        "message": sarif_message(". ".join(each.rstrip(".") for each in words if each) + "."),
        "locations": [{"logicalLocations": [_location(section)]}],
        "fingerprints": {"ruleAndCluster/v1": f"{item.rule.id}/{cluster.id}"},
        "suppressions": _suppressions(item),
        "properties": {
            "severity": item.severity,
            "basis": item.rule.basis,
            "evidence": [evidence_line(each, section.read_at) for each in item.evidence],
            "remedy": remedy_as_json(item.remedy),
            "owner": section.owner,
            "standing": section.presence.state,
            "verdict": section.readiness,
        },
    }


def _kind(item: ReportItem) -> str:
    """Return SARIF's kind (3.27.9): only `fail` is a problem."""
    if item.kind is OutcomeKind.FINDING:
        return "informational" if item.severity is Severity.INFO else "fail"
    return "review" if item.kind is OutcomeKind.ASK else "open"


def _location(section: ClusterSection) -> dict[str, str]:
    cluster = section.cluster
    full = "/".join((cluster.contract, cluster.region, cluster.id))
    return {"name": cluster.name, "fullyQualifiedName": full, "kind": "cluster"}


def _suppressions(item: ReportItem) -> list[dict[str, str]]:
    """Return a waiver as a suppression. All results of a run have the list or none has (3.27.23), so without
    one it is empty."""
    if item.waiver is None:
        return []
    return [{"kind": "external", "status": "accepted", "justification": waiver_line(item.waiver)}]
