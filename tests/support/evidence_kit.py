"""Documents as `pgbot scan --format json` writes them, for files of evidence."""

import json
from datetime import UTC, datetime

from bot.domain.cluster import Gap
from migrations.formats.scan_formats import ScanFormat, render_scan
from migrations.rule import Basis, Remedy, Severity
from migrations.scan.findings import Certainty
from migrations.scan.scan import ScanFinding, ScanReport
from migrations.scan.scan_coverage import ReadingWay

READ_AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def scan_document(*hits, at=READ_AT, files=3, gaps=()):
    """Return a report of the scan as JSON; a hit is (path, line, cluster), a gap the place."""
    report = ScanReport(
        hits=tuple(
            ScanFinding(
                path=path,
                line=line,
                column=1,
                rule_id="PGR122",
                text="PATCH",
                remedy=Remedy(text="Use PUT."),
                severity=Severity.ACTION,
                basis=Basis.DOCUMENTED,
                certainty=Certainty.EXACT,
                cluster=cluster,
            )
            for path, line, cluster in hits
        ),
        gaps=tuple(Gap(where=each, why="it is larger than 4 MB") for each in gaps),
        files=files,
        parsed=files,
        binary=0,
        ways=dict.fromkeys(ReadingWay, 0),
        ecosystems={},
    )
    [text] = render_scan(report, ScanFormat.JSON, at)
    return text


def write_scan(path, *hits, **options):
    """Write such a report, and return its path."""
    path.write_text(scan_document(*hits, **options), encoding="utf-8")
    return path


def changed_document(**values):
    """Return an empty report with other values in it; None takes one out."""
    document = json.loads(scan_document()) | values
    return json.dumps({key: value for key, value in document.items() if value is not None})
