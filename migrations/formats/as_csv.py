"""The readiness report as CSV (RFC 4180): a row for everything that a rule said of a cluster."""

import csv
import io

from bot.domain.text_safety import visible_lines
from migrations.formats.contents import (
    ClusterSection,
    ReportItem,
    build_contents,
    evidence_line,
    format_instant,
    waiver_line,
)
from migrations.readiness import ReadinessReport

COLUMNS = (
    "kind", "cluster", "cluster_id", "region", "contract", "owner", "standing", "verdict", "clients", "rule",
    "severity", "title", "why", "ask", "basis", "source", "evidence", "remedy", "command", "ionosctl", "sql",
    "waived", "read_at",
)  # fmt: skip

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""Characters that a spreadsheet may take for the beginning of a formula, full-width forms included."""


def as_csv(report: ReadinessReport, *, reproducible: bool = False) -> str:
    """Return the header, then the coverage as rows of kind `coverage`; then for each cluster a row of kind
    `clients` and one for each item."""
    whole = build_contents(report, reproducible=reproducible)
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    lines = (*whole.coverage.lines, *whole.client_lines)
    writer.writerows({"kind": "coverage", "why": _escape_formula(line)} for line in lines)
    for section in whole.sections:
        seen = {"kind": "clients", "why": "\n".join(section.clients.lines)}
        for values in (seen, *(_item_values(item, section) for item in section.items)):
            row = _section_values(section) | values
            writer.writerow({column: _escape_formula(value) for column, value in row.items()})
    return file.getvalue()


def _section_values(section: ClusterSection) -> dict[str, str]:
    return {
        "cluster": section.cluster.name,
        "cluster_id": section.cluster.id,
        "region": section.cluster.region,
        "contract": section.cluster.contract,
        "owner": section.owner or "",
        "standing": f"{section.presence.state}: {section.presence.how}",
        "verdict": section.readiness,
        "clients": section.clients.state,
        "read_at": format_instant(section.read_at) if section.read_at is not None else "",
    }


def _item_values(item: ReportItem, section: ClusterSection) -> dict[str, str]:
    return {
        "kind": item.kind,
        "rule": item.rule.id,
        "severity": item.severity,
        "title": item.rule.title,
        "why": item.why,
        "ask": item.ask,
        "basis": item.rule.basis,
        "source": item.rule.source,
        "evidence": "\n".join(evidence_line(each, section.read_at) for each in item.evidence),
        "remedy": item.remedy.text,
        "command": item.remedy.command,
        "ionosctl": item.remedy.ionosctl,
        "sql": item.remedy.sql,
        "waived": waiver_line(item.waiver) if item.waiver is not None else "",
    }


def _escape_formula(value: str) -> str:
    """Return the value as visible text: a spreadsheet does not evaluate what begins with an apostrophe."""
    text = visible_lines(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
