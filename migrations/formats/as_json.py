"""The readiness report as JSON, in the form that `readiness.schema.json` describes."""

import json
from datetime import datetime
from typing import Any

from bot.domain.cluster import Gap
from bot.domain.migration_records import Waiver
from migrations.clients import ClientVerdict, EvidenceLack
from migrations.formats.contents import (
    ClusterSection,
    OutcomeKind,
    ReportContents,
    ReportItem,
    build_contents,
    format_instant,
)
from migrations.formats.coverage import Coverage
from migrations.readiness import ReadinessReport
from migrations.rule import Remedy, Rule, RuleEvidence

SCHEMA = "urn:ionos-pg-chatops:readiness:2"
"""The `$id` of the schema. A change that could break a reader makes it 3."""


def as_json(report: ReadinessReport, *, reproducible: bool = False) -> str:
    """Return the document in ASCII, so that no character of a name has an effect on its way to the reader."""
    whole = build_contents(report, reproducible=reproducible)
    return json.dumps(_document(whole), indent=2, ensure_ascii=True) + "\n"


def _document(whole: ReportContents) -> dict[str, Any]:
    return {
        "$schema": SCHEMA,
        **instant_as_json(whole.at),
        "coverage": _coverage(whole.coverage, clusters=len(whole.sections), rules=len(whole.rules)),
        "verdicts": dict(whole.verdicts),
        "clients": {
            "verdicts": dict(whole.clients),
            "basis": whole.client_basis,
            "lacks": list(map(_lack, whole.client_lacks)),
        },
        "severities": dict(whole.severities),
        "waived": whole.waived,
        "rules": [_rule(rule) for rule in whole.rules],
        "clusters": [_section(section) for section in whole.sections],
    }


def instant_as_json(at: datetime | None) -> dict[str, str]:
    """Return the time of reading, nothing for a reproducible report."""
    return {} if at is None else {"read_at": format_instant(at)}


def _coverage(covered: Coverage, *, clusters: int, rules: int) -> dict[str, Any]:
    return {
        "sentence": covered.sentence,
        "clusters": clusters,
        "rules": rules,
        "answered": list(covered.answered),
        "unanswered": list(covered.unanswered),
        "gaps": [gap_as_json(gap) for gap in covered.gaps],
        "undecided": dict(covered.undecided),
        "asked": dict(covered.asked),
        "not_applicable": dict(covered.not_applicable),
    }


def gap_as_json(gap: Gap) -> dict[str, str | None]:
    """Return a gap in words and for code."""
    return {
        "where": gap.where,
        "why": gap.why,
        "api": gap.api,
        "contract": gap.contract,
        "region": gap.region,
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": rule.severity,
        "basis": rule.basis,
        "source": rule.source,
        "scope": rule.scope,
    }


def _section(section: ClusterSection) -> dict[str, Any]:
    cluster = section.cluster
    items = {
        kind: [_item(each, section.read_at) for each in section.items if each.kind is kind]
        for kind in OutcomeKind
    }
    return {
        "id": cluster.id,
        "name": cluster.name,
        "region": cluster.region,
        "contract": cluster.contract,
        "owner": section.owner,
        "standing": section.presence.state,
        "standing_how": section.presence.how,
        "verdict": section.readiness,
        "clients": _clients(section.clients),
        "findings": items[OutcomeKind.FINDING],
        "questions": items[OutcomeKind.INCONCLUSIVE] + items[OutcomeKind.ASK],
        "not_applicable": list(section.not_applicable),
    }


def _clients(verdict: ClientVerdict) -> dict[str, Any]:
    return {
        "verdict": verdict.state,
        "uses": [{"source": use.source, "what": use.what} for use in verdict.uses],
        "lacks": list(map(_lack, verdict.lacks)),
    }


def _lack(lack: EvidenceLack) -> dict[str, Any]:
    return {"why": lack.why, "places": list(lack.places)}


def _item(item: ReportItem, read_at: datetime | None) -> dict[str, Any]:
    shown = {
        "rule": item.rule.id,
        "title": item.rule.title,
        "severity": item.severity,
        "basis": item.rule.basis,
        "source": item.rule.source,
        "why": item.why,
        "remedy": remedy_as_json(item.remedy),
    }
    if item.kind is not OutcomeKind.FINDING:
        return shown | {"ask": item.ask}
    evidence = [_evidence(each, read_at) for each in item.evidence]
    return shown | {"evidence": evidence, "waiver": _waiver(item.waiver)}


def _evidence(evidence: RuleEvidence, read_at: datetime | None) -> dict[str, str]:
    return {
        "field": evidence.field,
        "value": evidence.value,
        "call": evidence.call,
        **instant_as_json(read_at),
    }


def remedy_as_json(remedy: Remedy) -> dict[str, str]:
    """Return a remedy; lines that it does not have are empty."""
    return {
        "text": remedy.text,
        "command": remedy.command,
        "ionosctl": remedy.ionosctl,
        "sql": remedy.sql,
    }


def _waiver(waiver: Waiver | None) -> dict[str, str] | None:
    if waiver is None:
        return None
    return {"owner": waiver.owner, "until": format_instant(waiver.until), "reason": waiver.reason}
