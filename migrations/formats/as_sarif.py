"""The readiness report as SARIF 2.1.0: a result for everything that a rule said of a cluster."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from migrations.formats.as_text import evidence_line, waiver_line
from migrations.formats.contents import ClusterSection, OutcomeKind, ReportItem, build_contents
from migrations.formats.sarif_log import (
    LEVELS,
    SarifPlace,
    SarifRun,
    make_fingerprint,
    render_sarif_logs,
    sarif_message,
)
from migrations.readiness import ReadinessReport
from migrations.rule import Severity

OWN_FILE = SarifPlace("readiness.sarif")
"""The place of a result that no file of a repository is known for: the report itself."""


def as_sarif(
    report: ReadinessReport,
    *,
    reproducible: bool = False,
    places: Mapping[str, SarifPlace] = MappingProxyType({}),
    own_file: SarifPlace = OWN_FILE,
) -> tuple[str, ...]:
    """Return the log, or several where it is more than code scanning takes.

    Clusters are logical locations; `places` has the file and line of each, by id. Inconclusive rules are
    `open`, questions to people `review`. Long texts are in the rule's help, once.
    """
    whole = build_contents(report, reproducible=reproducible)
    numbers = {rule.id: number for number, rule in enumerate(whole.rules)}
    return render_sarif_logs(
        SarifRun(
            tool="pgbot readiness",
            rules=whole.rules,
            results=[
                _result(item, section, numbers[item.rule.id], places.get(section.cluster.id, own_file))
                for section in whole.sections
                for item in section.items
            ],
            gaps=whole.coverage.gaps,
            notes=(*whole.coverage.lines, *whole.summary),
            at=whole.at,
        )
    )


def _result(item: ReportItem, section: ClusterSection, rule_index: int, place: SarifPlace) -> dict[str, Any]:
    cluster = section.cluster
    kind = _kind(item)
    words = [f"{cluster.name}: {item.rule.title}", item.why, item.ask]
    return {
        "ruleId": item.rule.id,
        "ruleIndex": rule_index,
        "kind": kind,
        "level": LEVELS[item.severity] if kind == "fail" else "none",
        "message": sarif_message(". ".join(each.rstrip(".") for each in words if each) + "."),
        "locations": [{"physicalLocation": place.as_json(), "logicalLocations": [_location(section)]}],
        "partialFingerprints": make_fingerprint(f"{item.rule.id}/{cluster.id}"),
        "suppressions": _suppressions(item),
        "properties": {
            "severity": item.severity,
            "evidence": [evidence_line(each, section.read_at) for each in item.evidence],
            "owner": section.owner,
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
