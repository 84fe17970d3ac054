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
from migrations.formats.as_sarif import (
    LEVELS,
    SarifPlace,
    SarifRun,
    make_fingerprint,
    render_sarif_logs,
    sarif_message,
)
from migrations.formats.as_text import remedy_text
from migrations.formats.contents import fill_placeholders
from migrations.formats.readiness_records import instant_as_json
from migrations.rule import Remedy, Severity
from migrations.scan.findings import Certainty
from migrations.scan.scan import ScanFinding, ScanReport, scan_rules
from migrations.scan.scan_coverage import ReadingWay, covered_globs
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
    return ("\n".join(_lines(report)) + "\n" if requested is ScanFormat.TEXT else _as_json(report, at),)


def _lines(report: ScanReport) -> Iterator[str]:
    yield _describe_scan(report)
    yield from _describe_ways(report)
    yield from (f"Not read: {visible(str(gap))}" for gap in report.gaps)
    counts = ", ".join(f"{count} {severity}" for severity, count in _count_severities(report).items())
    yield f"Hits: {counts}."
    for hit in report.hits:
        rule = _rule(hit)
        yield ""
        yield f"{visible(hit.path)}:{hit.line}:{hit.column}: [{hit.severity}] {hit.rule_id} {rule.title}"
        yield f"      found: {visible(hit.text)}"
        yield from ([f"      cluster: {visible(hit.cluster)}"] if hit.cluster else [])
        yield f"      certainty: {hit.certainty}"
        yield f"      basis: {hit.basis}; source: {rule.source}"
        yield from (f"      {line}" for line in remedy_text(_fill_remedy(hit)))


def _as_json(report: ScanReport, at: datetime | None) -> str:
    certainties = Counter(hit.certainty for hit in report.hits)
    document = {
        "$schema": SCHEMA,
        **instant_as_json(at),
        "coverage": {
            "sentence": _describe_scan(report),
            "files": report.files,
            "parsed": report.parsed,
            "binary": report.binary,
            "ways": report.ways,
            "prose_naming_v1": report.prose_naming_v1,
            "ecosystems": [
                {
                    "ecosystem": ecosystem,
                    "files": report.ecosystems.get(ecosystem, 0),
                    "globs": {way: globs.get(way, ()) for way in ReadingWay},
                }
                for ecosystem, globs in covered_globs().items()
            ],
            "gaps": [dump_record(gap) for gap in report.gaps],
        },
        "certainties": {certainty: certainties[certainty] for certainty in Certainty},
        "severities": _count_severities(report),
        "hits": [_hit_as_json(hit) for hit in report.hits],
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


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
        "remedy": dump_record(_fill_remedy(hit)),
    }


def _as_sarif(report: ScanReport, at: datetime | None) -> tuple[str, ...]:
    return render_sarif_logs(
        SarifRun(
            tool="pgbot scan",
            rules=scan_rules(),
            results=_results(report.hits),
            gaps=report.gaps,
            notes=(_describe_scan(report), *_describe_ways(report)),
            at=at,
        )
    )


def _results(hits: Iterable[ScanFinding]) -> list[dict[str, Any]]:
    """Return the results, each with a fingerprint of its file and text: lines above it may come and go."""
    seen: Counter[str] = Counter()
    results = []
    for hit in hits:
        rule, level = _rule(hit), LEVELS[hit.severity]
        place = SarifPlace(hit.path, hit.line, hit.column).as_json()
        cluster = [{"name": hit.cluster, "kind": "cluster"}] if hit.cluster else []
        subject = "\0".join((hit.rule_id, hit.path, hit.text))
        seen[subject] += 1
        results.append(
            {
                "ruleId": hit.rule_id,
                "ruleIndex": scan_rules().index(rule),
                "kind": "informational" if level == "none" else "fail",
                "level": level,
                "message": sarif_message(f"{rule.title}: {hit.text}"),
                "locations": [{"physicalLocation": place, "logicalLocations": cluster}],
                "properties": {"severity": hit.severity, "certainty": hit.certainty},
                "partialFingerprints": make_fingerprint(subject, seen[subject]),
            }
        )
    return results


def _rule(hit: ScanFinding) -> ScanRule:
    return next(rule for rule in scan_rules() if rule.id == hit.rule_id)


NOTHING = "No file was read, so nothing was scanned. This does not mean that all is well."


def _describe_scan(report: ScanReport) -> str:
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


def _describe_ways(report: ScanReport) -> Iterator[str]:
    """Yield a sentence for each way of reading: the number of files, by ecosystem."""
    for way in ReadingWay:
        if report.ways[way]:
            named = ", ".join(
                f"{ecosystem} {report.ecosystems[ecosystem]}"
                for ecosystem, globs in covered_globs().items()
                if way in globs and report.ecosystems.get(ecosystem)
            )
            count = report.prose_naming_v1
            v1 = f"; {count:,} of them mention{'s' * (count == 1)} v1" if way is ReadingWay.PROSE else ""
            yield f"{_WAYS[way]}: {format_count(report.ways[way], 'file')} ({named}){v1}."


def _count_severities(report: ScanReport) -> dict[Severity, int]:
    counts = Counter(hit.severity for hit in report.hits)
    return {severity: counts[severity] for severity in Severity}


def _fill_remedy(hit: ScanFinding) -> Remedy:
    """Return the remedy of a hit. Where the cluster is not known, the line says CLUSTER in its place."""
    cluster = hit.cluster or "CLUSTER"
    return fill_placeholders(hit.remedy, {"name": cluster, "id": cluster, "region": "REGION"})
