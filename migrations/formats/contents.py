"""The contents of a readiness report, in the one order that every format keeps; text is raw, formats
escape."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from bot.domain.cluster import Cluster
from bot.domain.migration_records import Waiver
from migrations.clients import ClientState, ClientVerdict, EvidenceLack
from migrations.formats.coverage import Coverage, build_coverage
from migrations.formats.remedies import fill_remedy
from migrations.readiness import RANK, Assessment, Readiness, ReadinessReport
from migrations.rule import Remedy, Rule, RuleEvidence, Severity
from migrations.v2_presence import V2Presence


class OutcomeKind(StrEnum):
    """Kinds of results of a rule for a cluster."""

    FINDING = "finding"
    INCONCLUSIVE = "inconclusive"  # data is missing
    ASK = "ask"  # only a person can know


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportItem:
    """One rule's word on one cluster. `severity` is the finding's, or the rule's where none was made.

    Where a fact is missing there is nothing to do about the cluster: the remedy is empty.
    """

    kind: OutcomeKind
    rule: Rule
    severity: Severity
    remedy: Remedy
    why: str = ""
    ask: str = ""
    evidence: tuple[RuleEvidence, ...] = ()
    waiver: Waiver | None = None

    @property
    def label(self) -> str:
        """The severity of a finding, else what kind of item it is: one word or two."""
        return str(self.severity) if self.kind is OutcomeKind.FINDING else str(self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSection:
    """One cluster. `read_at` is None in a reproducible report; `not_applicable` has ids of rules."""

    cluster: Cluster
    owner: str | None
    presence: V2Presence
    readiness: Readiness
    clients: ClientVerdict
    read_at: datetime | None
    items: tuple[ReportItem, ...]
    not_applicable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContents:
    """The whole report. `at` is None in a reproducible one. `severities` leave out waived findings."""

    at: datetime | None
    coverage: Coverage
    verdicts: Mapping[Readiness, int]
    clients: Mapping[ClientState, int]
    client_basis: str
    client_lacks: tuple[EvidenceLack, ...]
    severities: Mapping[Severity, int]
    waived: int
    sections: tuple[ClusterSection, ...]
    rules: tuple[Rule, ...]

    @property
    def client_lines(self) -> tuple[str, ...]:
        """Scope and lacks of the evidence about clients, a sentence a line."""
        basis = [self.client_basis] if self.client_basis else []
        return (*basis, *(f"Clients: {lack.sentence}" for lack in self.client_lacks))

    @property
    def summary(self) -> tuple[str, ...]:
        """Verdicts on clusters and clients and findings counted, in three sentences; then `client_lines`."""
        verdicts = ", ".join(f"{count} {verdict}" for verdict, count in self.verdicts.items())
        findings = ", ".join(f"{count} {severity}" for severity, count in self.severities.items())
        waived = f"; {self.waived} waived" if self.waived else ""
        clients = ", ".join(f"{count} {state}" for state, count in self.clients.items())
        return (
            f"Clusters: {verdicts}.",
            f"Findings: {findings}{waived}.",
            f"Clients: {clients}.",
            *self.client_lines,
        )


def build_contents(report: ReadinessReport, *, reproducible: bool = False) -> ReportContents:
    """Order and fill in a report. With `reproducible` every time of reading is left out."""
    names = Counter(each.cluster.name for each in report.assessments)
    ordered = sorted(report.assessments, key=lambda each: (each.cluster.name.casefold(), each.cluster.id))
    sections = tuple(
        ClusterSection(
            cluster=each.cluster,
            owner=each.owner,
            presence=each.presence,
            readiness=each.readiness,
            clients=each.clients,
            read_at=None if reproducible else each.read_at,
            items=tuple(_items(each, by_id=names[each.cluster.name] > 1)),
            not_applicable=tuple(sorted(rule.id for rule in each.not_applicable)),
        )
        for each in ordered
    )
    findings = [item for each in sections for item in each.items if item.kind is OutcomeKind.FINDING]
    verdicts = Counter(each.readiness for each in sections)
    clients = Counter(each.clients.state for each in sections)
    severities = Counter(item.severity for item in findings if item.waiver is None)
    return ReportContents(
        at=None if reproducible else report.at,
        coverage=build_coverage(report),
        verdicts={verdict: verdicts[verdict] for verdict in _WORST_FIRST},
        clients={state: clients[state] for state in ClientState},
        client_basis=report.client_basis,
        client_lacks=report.client_lacks,
        severities={severity: severities[severity] for severity in Severity},
        waived=sum(item.waiver is not None for item in findings),
        sections=sections,
        rules=tuple(sorted(report.rules, key=lambda rule: rule.id)),
    )


_WORST_FIRST = (Readiness.BLOCKED, Readiness.NEEDS_WORK, Readiness.INCONCLUSIVE, Readiness.READY)


def _items(assessment: Assessment, *, by_id: bool) -> Iterator[ReportItem]:
    """Yield findings by severity, then missing facts, then questions to people; each by rule id."""
    for finding in sorted(assessment.findings, key=lambda each: (RANK[each.severity], each.rule.id)):
        yield ReportItem(
            kind=OutcomeKind.FINDING,
            rule=finding.rule,
            severity=finding.severity,
            remedy=fill_remedy(finding.rule.remedy, assessment.cluster, by_id=by_id),
            why=finding.why,
            evidence=finding.evidence,
            waiver=finding.waiver,
        )
    for question in sorted(assessment.questions, key=lambda each: (bool(each.ask), each.rule.id)):
        remedy = question.rule.remedy if question.ask else Remedy(text="")
        yield ReportItem(
            kind=OutcomeKind.ASK if question.ask else OutcomeKind.INCONCLUSIVE,
            rule=question.rule,
            severity=question.rule.severity,
            remedy=fill_remedy(remedy, assessment.cluster, by_id=by_id),
            why=question.why,
            ask=question.ask,
        )


def format_instant(at: datetime) -> str:
    """Return a time in UTC to the second, as ISO 8601 writes it: 2026-11-23T09:00:00Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
