"""The report of the scan as text, JSON and SARIF, by the name that people give the format."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.phrases import format_count
from bot.domain.reply_document import dump_record
from bot.domain.text_safety import visible
from migrations.formats.as_json import instant_as_json
from migrations.formats.as_text import remedy_text
from migrations.formats.remedies import fill_placeholders
from migrations.formats.sarif_log import (
    LEVELS,
    SarifPlace,
    SarifRun,
    make_fingerprint,
    render_sarif_logs,
    sarif_message,
)
from migrations.rule import Remedy, Severity
from migrations.scan.findings import Certainty
from migrations.scan.scan import ScanFinding, ScanReport, scan_rules
from migrations.scan.scan_coverage import CoverageRow, ReadingWay, coverage_rows
from migrations.scan.scan_rule import ScanRule

SCHEMA = "urn:ionos-pg-chatops:scan:1"
"""The `$id` of `scan.schema.json`. A change that could break a reader makes it 2."""


class ScanFormat(StrEnum):
    """The names of the formats."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


def render_scan(report: ScanReport, requested: ScanFormat, at: datetime | None = None) -> tuple[str, ...]:
    """Return the report in one format: a file, or several of SARIF where one is too large.

    `at` is when it was made, for JSON and SARIF; without it the same files give the same bytes.
    """
    if requested is ScanFormat.SARIF:
        return _as_sarif(report, at)
    return (_as_text(report) if requested is ScanFormat.TEXT else _as_json(report, at),)


def _as_text(report: ScanReport) -> str:
    return "\n".join(_lines(report)) + "\n"


def _lines(report: ScanReport) -> Iterator[str]:
    yield describe_scan(report)
    yield from describe_ways(report)
    yield from (f"Not read: {visible(str(gap))}" for gap in report.gaps)
    counts = ", ".join(f"{count} {severity}" for severity, count in count_severities(report).items())
    yield f"Hits: {counts}."
    for hit in report.hits:
        rule = _rule(hit)
        yield ""
        yield f"{visible(hit.path)}:{hit.line}:{hit.column}: [{hit.severity}] {hit.rule_id} {rule.title}"
        yield f"      found: {visible(hit.text)}"
        yield from ([f"      cluster: {visible(hit.cluster)}"] if hit.cluster else [])
        yield f"      certainty: {hit.certainty}"
        yield f"      basis: {hit.basis}; source: {rule.source}"
        yield from (f"      {line}" for line in remedy_text(fill_hit_remedy(hit)))


def _as_json(report: ScanReport, at: datetime | None) -> str:
    document = {
        "$schema": SCHEMA,
        **instant_as_json(at),
        "coverage": {
            "sentence": describe_scan(report),
            "files": report.files,
            "parsed": report.parsed,
            "binary": report.binary,
            "ways": report.ways,
            "prose_naming_v1": report.prose_naming_v1,
            "ecosystems": [_row_as_json(row, report) for row in coverage_rows()],
            "gaps": [dump_record(gap) for gap in report.gaps],
        },
        "certainties": count_certainties(report),
        "severities": count_severities(report),
        "hits": [_hit_as_json(hit) for hit in report.hits],
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _row_as_json(row: CoverageRow, report: ScanReport) -> dict[str, Any]:
    globs = {way: list(row.globs.get(way, ())) for way in ReadingWay}
    return {"ecosystem": row.ecosystem, "files": report.ecosystems.get(row.ecosystem, 0), "globs": globs}


def _hit_as_json(hit: ScanFinding) -> dict[str, Any]:
    rule = _rule(hit)
    return {
        "path": hit.path,
        "line": hit.line,
        "column": hit.column,
        "rule": hit.rule_id,
        "title": rule.title,
        "severity": hit.severity,
        "certainty": hit.certainty,
        "basis": hit.basis,
        "source": rule.source,
        "found": hit.text,
        "cluster": hit.cluster,
        "remedy": dump_record(fill_hit_remedy(hit)),
    }


def _as_sarif(report: ScanReport, at: datetime | None) -> tuple[str, ...]:
    return render_sarif_logs(
        SarifRun(
            tool="pgbot scan",
            rules=scan_rules(),
            results=_results(report.hits),
            gaps=report.gaps,
            notes=(describe_scan(report), *describe_ways(report)),
            at=at,
        )
    )


def _results(hits: Iterable[ScanFinding]) -> list[dict[str, Any]]:
    """Return the results, each with a fingerprint of its file and text: lines above it may come and go."""
    seen: Counter[str] = Counter()
    results = []
    for hit in hits:
        subject = "\0".join((hit.rule_id, hit.path, hit.text))
        seen[subject] += 1
        results.append({**_result(hit), "partialFingerprints": make_fingerprint(subject, seen[subject])})
    return results


def _result(hit: ScanFinding) -> dict[str, Any]:
    rule = _rule(hit)
    place = SarifPlace(hit.path, hit.line, hit.column).as_json()
    cluster = [{"name": hit.cluster, "kind": "cluster"}] if hit.cluster else []
    return {
        "ruleId": hit.rule_id,
        "ruleIndex": scan_rules().index(rule),
        "kind": "informational" if LEVELS[hit.severity] == "none" else "fail",
        "level": LEVELS[hit.severity],
        "message": sarif_message(f"{rule.title}: {hit.text}"),
        "locations": [{"physicalLocation": place, "logicalLocations": cluster}],
        "properties": {"severity": hit.severity, "certainty": hit.certainty},
    }


def _rule(hit: ScanFinding) -> ScanRule:
    return next(rule for rule in scan_rules() if rule.id == hit.rule_id)


NOTHING = "No file was read, so nothing was scanned. This does not mean that all is well."


def describe_scan(report: ScanReport) -> str:
    """Say in a sentence how much was read."""
    unread = len(report.gaps)
    parts = (
        f"{format_count(report.files, 'file')} read",
        f"IONOS found in {report.parsed:,}",
        f"{format_count(report.binary, 'binary file')} skipped",
        f"{format_count(unread, 'place')} not fully read" if unread else "everything could be read",
    )
    sentence = "; ".join(parts) + "."
    return sentence if report.files else f"{NOTHING} {sentence}"


_WAYS = {
    ReadingWay.EXACT: "Parsed",
    ReadingWay.SIGNATURE: "Matched by signature only, so hits are probable",
    ReadingWay.PROSE: "Not scanned, because an example in prose is not a use",
    ReadingWay.NO_READER: "Not scanned, because pgbot has no reader for them",
}


def describe_ways(report: ScanReport) -> Iterator[str]:
    """Yield a sentence for each way of reading: the number of files, by ecosystem."""
    for way in ReadingWay:
        if report.ways[way]:
            named = ", ".join(
                f"{row.ecosystem} {report.ecosystems[row.ecosystem]}"
                for row in coverage_rows()
                if way in row.globs and report.ecosystems.get(row.ecosystem)
            )
            count = report.prose_naming_v1
            v1 = f"; {count:,} of them mention{'s' * (count == 1)} v1" if way is ReadingWay.PROSE else ""
            yield f"{_WAYS[way]}: {format_count(report.ways[way], 'file')} ({named}){v1}."


def count_certainties(report: ScanReport) -> dict[Certainty, int]:
    """Count the hits of each certainty."""
    counts = Counter(hit.certainty for hit in report.hits)
    return {certainty: counts[certainty] for certainty in Certainty}


def count_severities(report: ScanReport) -> dict[Severity, int]:
    """Count the hits of each severity."""
    counts = Counter(hit.severity for hit in report.hits)
    return {severity: counts[severity] for severity in Severity}


def fill_hit_remedy(hit: ScanFinding) -> Remedy:
    """Return the remedy of a hit. Where the cluster is not known, the line says CLUSTER in its place."""
    cluster = hit.cluster or "CLUSTER"
    return fill_placeholders(hit.remedy, {"name": cluster, "id": cluster, "region": "REGION"})
