"""Records of the readiness report for programs: JSON and the results of commands have the same keys."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.domain.cluster import Gap
from bot.domain.migration_records import Waiver
from migrations.clients import ClientState, ClientUse, ClientVerdict, EvidenceLack
from migrations.formats.contents import ClusterSection, OutcomeKind, ReportItem
from migrations.formats.coverage import Coverage
from migrations.readiness import Readiness
from migrations.rule import Basis, Remedy, Rule, RuleEvidence, Scope, Severity
from migrations.v2_presence import PresenceState


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
        """Return the record of a rule."""
        return cls(
            id=rule.id,
            title=rule.title,
            severity=rule.severity,
            basis=rule.basis,
            source=rule.source,
            scope=rule.scope,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageRecord:
    """The coverage of a report: places that answered or did not, and clusters counted by rule id."""

    sentence: str
    clusters: int
    rules: int
    answered: tuple[str, ...]
    unanswered: tuple[str, ...]
    gaps: tuple[Gap, ...]
    undecided: dict[str, int]
    asked: dict[str, int]
    not_applicable: dict[str, int]

    @classmethod
    def of(cls, covered: Coverage, *, clusters: int, rules: int) -> "CoverageRecord":
        """Return the record of the coverage of so many clusters and rules."""
        return cls(
            sentence=covered.sentence,
            clusters=clusters,
            rules=rules,
            answered=covered.answered,
            unanswered=covered.unanswered,
            gaps=covered.gaps,
            undecided=dict(covered.undecided),
            asked=dict(covered.asked),
            not_applicable=dict(covered.not_applicable),
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
        """Return the record of a verdict."""
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
        """Return the record of an observation."""
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
        """Return the record of a waiver."""
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
    """Return the values of what every record of an item has."""
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
        """Return the record of a finding."""
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
        """Return the record of an inconclusive rule."""
        return cls(
            **_item_values(item),
            ask=item.ask,
        )


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
        cluster, by_kind = section.cluster, _group_items(section.items)
        questions = (*by_kind[OutcomeKind.INCONCLUSIVE], *by_kind[OutcomeKind.ASK])
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
            findings=tuple(FindingRecord.of(each, section.read_at) for each in by_kind[OutcomeKind.FINDING]),
            questions=tuple(map(QuestionRecord.of, questions)),
            not_applicable=section.not_applicable,
        )


def _group_items(items: Iterable[ReportItem]) -> dict[OutcomeKind, list[ReportItem]]:
    grouped: dict[OutcomeKind, list[ReportItem]] = {kind: [] for kind in OutcomeKind}
    for each in items:
        grouped[each.kind].append(each)
    return grouped


def _to_second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)
