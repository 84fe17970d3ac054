"""What a report of the scan holds besides its hits; text is raw, formats escape."""

from collections import Counter

from migrations.formats.remedies import filled_with
from migrations.rule import Remedy, Severity
from migrations.scan.scan import ScanFinding, ScanReport

NOTHING = "Nothing to scan: no file was read. That is not the same as all good."


def scan_coverage(report: ScanReport) -> str:
    """What was looked at, in a sentence."""
    unread = len(report.gaps)
    parts = (
        f"{report.files} files read",
        f"{report.parsed} of them name the vendor and were looked through",
        f"{report.binary} binary files passed over",
        f"{unread} places not or not wholly read" if unread else "everything could be read",
    )
    sentence = "; ".join(parts) + "."
    return sentence if report.files else f"{NOTHING} {sentence}"


def scan_severities(report: ScanReport) -> dict[Severity, int]:
    """How many hits there are of each severity."""
    counts = Counter(hit.severity for hit in report.hits)
    return {severity: counts[severity] for severity in Severity}


def hit_remedy(hit: ScanFinding) -> Remedy:
    """What to do. Where it is not known which cluster is meant, the line says CLUSTER in its place."""
    cluster = hit.cluster or "CLUSTER"
    return filled_with(hit.remedy, {"name": cluster, "id": cluster, "region": "REGION"})
