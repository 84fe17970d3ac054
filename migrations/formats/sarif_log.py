"""The frame of a SARIF 2.1.0 log (OASIS standard, errata 01): tool, rules, results and what went wrong."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.cluster import Gap
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

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SarifRun:
    """One run of a tool. `gaps` did not respond; `at` is when it ended, if that shows."""

    tool: str
    rules: Sequence[RuleDeclaration]
    results: Iterable[Json]
    gaps: Sequence[Gap]
    notes: Sequence[str] = ()
    at: datetime | None = None


def render_sarif_log(run: SarifRun) -> str:
    """Return the log in ASCII, so that no character of a name has an effect on its way to the reader."""
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": run.tool, "rules": [_rule(rule) for rule in run.rules]}},
                "invocations": [_invocation(run)],
                "columnKind": "unicodeCodePoints",
                "results": list(run.results),
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=True) + "\n"


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
