"""The readiness report for programs: as JSON, in the form that `readiness.schema.json` describes, and records
with the same keys for the results of commands."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.domain.migration_records import Waiver
from bot.domain.reply_document import dump_record
from migrations.clients import ClientState, ClientUse, ClientVerdict, EvidenceLack
from migrations.formats.contents import (
    ClusterSection,
    OutcomeKind,
    ReportItem,
    build_contents,
    format_instant,
)
from migrations.readiness import Readiness, ReadinessReport
from migrations.rule import Basis, Remedy, Rule, RuleEvidence, Scope, Severity
from migrations.v2_presence import PresenceState

SCHEMA = "urn:ionos-pg-chatops:readiness:2"
"""The `$id` of the schema. A change that could break a reader makes it 3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRecord:
    """A readiness rule."""

    id: str
    title: str
    severity: Severity
    basis: Basis
    source: str
    scope: Scope

    @classmethod
    def of(cls, rule: Rule) -> "RuleRecord":
        return cls(
            id=rule.id,
            title=rule.title,
            severity=rule.severity,
            basis=rule.basis,
            source=rule.source,
            scope=rule.scope,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientsOverview:
    """The verdicts on the clients of all clusters, counted; the evidence that they rest on in a sentence, and
    why it can rule nothing out."""

    verdicts: dict[ClientState, int]
    basis: str
    lacks: tuple[EvidenceLack, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientsRecord:
    """The verdict on a cluster's clients: the uses of v1 found, and what its own evidence lacks."""

    verdict: ClientState
    uses: tuple[ClientUse, ...]
    lacks: tuple[EvidenceLack, ...]

    @classmethod
    def of(cls, found: ClientVerdict) -> "ClientsRecord":
        return cls(verdict=found.state, uses=found.uses, lacks=found.lacks)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRecord:
    """An observation, its value in words, and the call that showed it. `read_at` is to the second, and null
    in a reproducible report."""

    field: str
    value: str
    call: str
    read_at: datetime | None

    @classmethod
    def of(cls, seen: RuleEvidence, read_at: datetime | None) -> "EvidenceRecord":
        at = _to_second(read_at) if read_at is not None else None
        return cls(field=seen.field, value=seen.value, call=seen.call, read_at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingWaiver:
    """The waiver of a finding. `owner` is a Slack user id, or as app.yaml has it."""

    owner: str
    until: datetime
    reason: str

    @classmethod
    def of(cls, waiver: Waiver) -> "FindingWaiver":
        return cls(owner=waiver.owner, until=_to_second(waiver.until), reason=waiver.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ItemRecord:
    rule: str
    title: str
    severity: Severity
    basis: Basis
    source: str
    why: str
    remedy: Remedy


def _item_values(item: ReportItem) -> dict[str, Any]:
    return {
        "rule": item.rule.id,
        "title": item.rule.title,
        "severity": item.severity,
        "basis": item.rule.basis,
        "source": item.rule.source,
        "why": item.why,
        "remedy": item.remedy,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRecord(_ItemRecord):
    """A rule that fires on a cluster, with its own severity there, and the waiver in force."""

    evidence: tuple[EvidenceRecord, ...]
    waiver: FindingWaiver | None

    @classmethod
    def of(cls, item: ReportItem, read_at: datetime | None) -> "FindingRecord":
        return cls(
            **_item_values(item),
            evidence=tuple(EvidenceRecord.of(each, read_at) for each in item.evidence),
            waiver=FindingWaiver.of(item.waiver) if item.waiver is not None else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRecord(_ItemRecord):
    """An inconclusive rule. `ask` is a question that only a person can answer, empty where data is
    missing."""

    ask: str

    @classmethod
    def of(cls, item: ReportItem) -> "QuestionRecord":
        return cls(**_item_values(item), ask=item.ask)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterReadiness:
    """A v1 cluster's readiness. `standing` is its presence in v2, `standing_how` why we think so;
    `not_applicable` has ids of rules about something that the cluster does not have."""

    id: str
    name: str
    region: str
    contract: str
    owner: str | None
    standing: PresenceState
    standing_how: str
    verdict: Readiness
    clients: ClientsRecord
    findings: tuple[FindingRecord, ...]
    questions: tuple[QuestionRecord, ...]
    not_applicable: tuple[str, ...]

    @classmethod
    def of(cls, section: ClusterSection) -> "ClusterReadiness":
        """Return the record of a section of the report: facts that are missing before questions to people."""
        cluster = section.cluster
        findings = [each for each in section.items if each.kind is OutcomeKind.FINDING]
        questions = [each for each in section.items if each.kind is not OutcomeKind.FINDING]
        questions.sort(key=lambda each: each.kind is OutcomeKind.ASK)
        return cls(
            id=cluster.id,
            name=cluster.name,
            region=cluster.region,
            contract=cluster.contract,
            owner=section.owner,
            standing=section.presence.state,
            standing_how=section.presence.how,
            verdict=section.readiness,
            clients=ClientsRecord.of(section.clients),
            findings=tuple(FindingRecord.of(each, section.read_at) for each in findings),
            questions=tuple(map(QuestionRecord.of, questions)),
            not_applicable=section.not_applicable,
        )


def _to_second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def as_json(report: ReadinessReport, *, reproducible: bool = False) -> str:
    """Return the document in ASCII, so that no character of a name has an effect on its way to the reader."""
    whole = build_contents(report, reproducible=reproducible)
    overview = ClientsOverview(
        verdicts=dict(whole.clients), basis=whole.client_basis, lacks=whole.client_lacks
    )
    document = {
        "$schema": SCHEMA,
        **instant_as_json(whole.at),
        "coverage": dump_record(whole.coverage),
        "verdicts": dict(whole.verdicts),
        "clients": dump_record(overview),
        "severities": dict(whole.severities),
        "waived": whole.waived,
        "rules": [dump_record(RuleRecord.of(rule)) for rule in whole.rules],
        "clusters": list(map(_cluster, whole.sections)),
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def instant_as_json(at: datetime | None) -> dict[str, str]:
    """Return the time of reading, nothing for a reproducible report."""
    return {} if at is None else {"read_at": format_instant(at)}


def _cluster(section: ClusterSection) -> dict[str, Any]:
    plain = dump_record(ClusterReadiness.of(section))
    for evidence in (each for finding in plain["findings"] for each in finding["evidence"]):
        if evidence["read_at"] is None:
            del evidence["read_at"]
    return plain
