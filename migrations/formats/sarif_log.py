"""The frame of a SARIF 2.1.0 log (OASIS standard, errata 01): tool, rules, results and what went wrong."""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from bot.domain.cluster import Gap
from bot.domain.release import RELEASE
from bot.domain.text_safety import visible
from migrations.formats.contents import format_instant
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
        if all(len(gzip.compress(each.encode())) <= MOST_PACKED for each in logs) or len(parts[0]) <= 1:
            return tuple(logs)
        parts = list(_split(ranked, -(-len(parts[0]) // 2)))


def _split(results: Sequence[Json], size: int) -> Iterator[Sequence[Json]]:
    return (results[start : start + size] for start in range(0, len(results), size))


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
    level = LEVELS[rule.severity]
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": f"{rule.title}. Basis: {rule.basis}. Source: {rule.source}."},
        "help": {"text": _help(rule)},
        "defaultConfiguration": {"level": level},
        "properties": {"severity": rule.severity, "basis": rule.basis, "source": rule.source},
    }


def _help(rule: RuleDeclaration) -> str:
    remedy = rule.remedy
    return "\n".join(line for line in (remedy.text, remedy.command, remedy.ionosctl, remedy.sql) if line)


def _invocation(run: SarifRun) -> Json:
    notifications = [{"level": "error", "message": sarif_message(f"Not read: {gap}")} for gap in run.gaps]
    notifications += [{"level": "note", "message": sarif_message(note)} for note in run.notes]
    ended = {} if run.at is None else {"endTimeUtc": format_instant(run.at)}
    return {
        "executionSuccessful": not run.gaps,
        **ended,
        "toolExecutionNotifications": notifications,
    }
