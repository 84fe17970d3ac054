"""SARIF 2.1.0 logs (OASIS standard, errata 01): their frame, and the readiness report as one: a result for
everything that a rule said of a cluster."""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from bot.domain.cluster import Gap
from bot.domain.release import RELEASE
from bot.domain.text_safety import visible
from migrations.formats.contents import (
    ClusterSection,
    OutcomeKind,
    ReportItem,
    build_contents,
    evidence_line,
    format_instant,
    waiver_line,
)
from migrations.readiness import ReadinessReport
from migrations.rule import RuleDeclaration, Severity

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

LEVELS = {
    Severity.BLOCKER: "error",
    Severity.ACTION: "warning",
    Severity.ADVICE: "note",
    Severity.INFO: "none",
}
"""Only a result of kind `fail` has a level other than `none` (3.27.10); information is not a failure."""

INFORMATION = "https://docs.ionos.com/cloud/databases/postgresql"
"""The vendor's guide, on which the rules rest; the program itself has no page."""

MOST_RESULTS = 25_000
"""Results of a run. GitHub refuses more, and shows the 5,000 most severe (docs.github.com, "SARIF results
exceed one or more limits")."""

MOST_PACKED = 10_000_000
"""Bytes of a log packed with gzip that GitHub takes (docs.github.com, "SARIF support for code scanning")."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SarifPlace:
    """A line of a file, by its path as the repository has it: code scanning shows no result without one."""

    path: str
    line: int = 1
    column: int | None = None

    def as_json(self) -> Json:
        """Return the physical location. The path is a relative reference, or file: where it is absolute."""
        # Bytes that are not UTF-8 stay the same bytes.
        quoted = quote(self.path, errors="surrogateescape")
        column = {} if self.column is None else {"startColumn": self.column}
        return {
            "artifactLocation": {"uri": f"file://{quoted}" if self.path.startswith("/") else quoted},
            "region": {"startLine": self.line, **column},
        }


OWN_FILE = SarifPlace("readiness.sarif")
"""The place of a result that no file of a repository is known for: the report itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SarifRun:
    """One run of a tool. `gaps` did not respond; `at` is when it ended, if that shows."""

    tool: str
    rules: Sequence[RuleDeclaration]
    results: Sequence[Json]
    gaps: Sequence[Gap]
    notes: Sequence[str] = ()
    at: datetime | None = None


def render_sarif_logs(run: SarifRun) -> tuple[str, ...]:
    """Return the log, or several where it is more than code scanning takes: the most severe results first.

    Each of several has an id of its own, or an upload would replace the one before.
    """
    ranked = sorted(run.results, key=lambda each: list(LEVELS.values()).index(each["level"]))
    parts = [run.results] if len(run.results) <= MOST_RESULTS else list(_split(ranked, MOST_RESULTS))
    while True:
        logs = [_render_log(replace(run, results=part), number) for number, part in enumerate(parts, 1)]
        logs = logs if len(parts) > 1 else [_render_log(run, 0)]
        if all(map(_is_small_enough, logs)) or len(parts[0]) <= 1:
            return tuple(logs)
        parts = list(_split(ranked, -(-len(parts[0]) // 2)))


def _split(results: Sequence[Json], size: int) -> Iterator[Sequence[Json]]:
    return (results[start : start + size] for start in range(0, len(results), size))


def _is_small_enough(log: str) -> bool:
    # Text in ASCII never grows. The fastest level packs least: at any other the log gets no larger.
    return len(log) <= MOST_PACKED or len(gzip.compress(log.encode(), 1)) <= MOST_PACKED


def _render_log(run: SarifRun, number: int) -> str:
    """Return a log in ASCII, so that no character of a name has an effect on its way to the reader."""
    driver = {"name": run.tool, "version": RELEASE, "informationUri": INFORMATION}
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {**driver, "rules": [_rule(rule) for rule in run.rules]}},
                **({"automationDetails": {"id": f"{run.tool}/{number}/"}} if number else {}),
                "invocations": [_invocation(run)],
                "columnKind": "unicodeCodePoints",
                "results": list(run.results),
            }
        ],
    }
    return json.dumps(log, ensure_ascii=True, separators=(",", ":")) + "\n"


def make_fingerprint(subject: str, occurrence: int = 1) -> Json:
    """Return the partial fingerprint of a result: the same in every run, wherever the result then stands.

    Code scanning knows this one name only (docs.github.com, "SARIF support for code scanning").
    """
    digest = sha256(subject.encode(errors="surrogatepass")).hexdigest()[:32]
    return {"primaryLocationLineHash": f"{digest}:{occurrence}"}


def sarif_message(text: str) -> Json:
    """Return a message of plain text, in which nothing is a placeholder (3.11.5) or a link (3.11.6)."""
    shown = visible(text).replace("{", "{{").replace("}", "}}")
    if "](" in shown:
        shown = shown.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return {"text": shown}


def _rule(rule: RuleDeclaration) -> Json:
    remedy = rule.remedy
    lines = (remedy.text, remedy.command, remedy.ionosctl, remedy.sql)
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": f"{rule.title}. Basis: {rule.basis}. Source: {rule.source}."},
        "help": {"text": "\n".join(filter(None, lines))},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"severity": rule.severity, "basis": rule.basis, "source": rule.source},
    }


def _invocation(run: SarifRun) -> Json:
    notifications = [{"level": "error", "message": sarif_message(f"Not read: {gap}")} for gap in run.gaps]
    notifications += [{"level": "note", "message": sarif_message(note)} for note in run.notes]
    return {
        "executionSuccessful": not run.gaps,
        **({"endTimeUtc": format_instant(run.at)} if run.at is not None else {}),
        "toolExecutionNotifications": notifications,
    }


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


def _result(item: ReportItem, section: ClusterSection, rule_index: int, place: SarifPlace) -> Json:
    cluster = section.cluster
    kind = _kind(item)
    words = [f"{cluster.name}: {item.rule.title}", item.why, item.ask]
    full = "/".join((cluster.contract, cluster.region, cluster.id))
    location = {"name": cluster.name, "fullyQualifiedName": full, "kind": "cluster"}
    return {
        "ruleId": item.rule.id,
        "ruleIndex": rule_index,
        "kind": kind,
        "level": LEVELS[item.severity] if kind == "fail" else "none",
        "message": sarif_message(". ".join(each.rstrip(".") for each in words if each) + "."),
        "locations": [{"physicalLocation": place.as_json(), "logicalLocations": [location]}],
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


def _suppressions(item: ReportItem) -> list[Json]:
    """Return a waiver as a suppression: all results of a run have the list, empty or not (3.27.23)."""
    if item.waiver is None:
        return []
    return [{"kind": "external", "status": "accepted", "justification": waiver_line(item.waiver)}]
