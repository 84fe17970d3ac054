"""The contents of a readiness report, in the one order that every format keeps: raw, formats escape."""

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from bot.domain.cluster import Api, Cluster, Gap
from bot.domain.migration_records import Waiver
from bot.domain.text_safety import visible
from migrations.clients import ClientState, ClientVerdict, EvidenceLack
from migrations.identity import V2_REGIONS
from migrations.readiness import RANK, Assessment, Readiness, ReadinessReport
from migrations.rule import Remedy, Rule, RuleEvidence, Severity
from migrations.v2_presence import V2Presence

NOTHING = "No v1 cluster was found, so nothing was checked. This does not mean that all is well."
UNREAD = "Nothing could be checked: v1 did not respond completely, and may have clusters."

_WORST_FIRST = (Readiness.BLOCKED, Readiness.NEEDS_WORK, Readiness.INCONCLUSIVE, Readiness.READY)
_PLACEHOLDER = re.compile(r"\{(name|id|region)\}")


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

    def points(self, read_at: datetime | None) -> Iterator[tuple[str, str]]:
        """Yield what there is to say of the item before its remedy, each with a word for what it is."""
        if self.waiver is not None:
            yield "waived", waiver_line(self.waiver)
        if self.why:
            yield "why", self.why
        if self.ask:
            yield "ask", self.ask
        yield "basis", f"{self.rule.basis}; source: {self.rule.source}"
        yield from (("seen", evidence_line(each, read_at)) for each in self.evidence)


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

    @property
    def lines(self) -> tuple[str, ...]:
        """The same in words, a sentence a line, the summary first."""
        undecided, asked, outside = map(_list_counts, (self.undecided, self.asked, self.not_applicable))
        lines = [self.sentence]
        lines += [f"Responded: {', '.join(self.answered)}."] if self.answered else []
        lines += [f"Did not respond completely: {', '.join(self.unanswered)}."] if self.unanswered else []
        lines += [f"Not read: {gap}" for gap in self.gaps]
        lines += [f"Inconclusive because data is missing: {undecided}."] if undecided else []
        lines += [f"Questions for you: {asked}."] if asked else []
        lines += [f"Not applicable: {outside}."] if outside else []
        return tuple(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContents:
    """The whole report. `at` is None in a reproducible one. `severities` leave out waived findings."""

    at: datetime | None
    coverage: CoverageRecord
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


def build_coverage(report: ReadinessReport) -> CoverageRecord:
    """Return the report's coverage: one gap is enough for an endpoint to be unanswered. Rules that lack a
    fact are `undecided`, those that only a person can answer are `asked`.

    Endpoints and gaps are sorted, so that the order of answers does not show.
    """
    places = [(Api.V1, None), *((Api.V2, region) for region in sorted(V2_REGIONS))]
    silent = {
        (api, region)
        for api, region in places
        if any(gap.api in {None, api} and gap.region in {None, region} for gap in report.gaps)
    }
    questions = [question for each in report.assessments for question in each.questions]
    nothing = UNREAD if report.is_unread else NOTHING
    return CoverageRecord(
        sentence=report.coverage if report.assessments else f"{nothing} {report.coverage}",
        clusters=len(report.assessments),
        rules=len(report.rules),
        answered=tuple(_name_place(*place) for place in places if place not in silent),
        unanswered=tuple(_name_place(*place) for place in places if place in silent),
        gaps=tuple(sorted(report.gaps, key=lambda gap: (gap.where, gap.why))),
        undecided=_count_sorted(question.rule.id for question in questions if not question.ask),
        asked=_count_sorted(question.rule.id for question in questions if question.ask),
        not_applicable=_count_sorted(rule.id for each in report.assessments for rule in each.not_applicable),
    )


def _name_place(api: Api, region: str | None) -> str:
    return f"{api} {region}" if region else str(api)


def _count_sorted(ids: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(ids).items()))


def _list_counts(by_rule: Mapping[str, int]) -> str:
    return ", ".join(f"{rule} ({count})" for rule, count in by_rule.items())


def fill_remedy(remedy: Remedy, cluster: Cluster, *, by_id: bool = False) -> Remedy:
    """Return the remedy for this cluster, with its own values in lines that are ready to be copied.

    The id takes the place of the name with `by_id`, and where the name could not be typed or would be taken
    for a flag.
    """
    can_be_typed = bool(cluster.name) and cluster.name.isprintable() and not cluster.name.startswith("-")
    name = cluster.name if can_be_typed and not by_id else cluster.id
    return fill_placeholders(remedy, {"name": name, "id": cluster.id, "region": cluster.region})


def fill_placeholders(remedy: Remedy, values: Mapping[str, str]) -> Remedy:
    """Fill in name, id and region: quoted for a shell in `command` and `ionosctl`.

    In `sql` a value has its single quotes doubled, for use inside a literal.
    """
    in_shell = {key: shlex.quote(visible(value)) for key, value in values.items()}
    in_sql = {key: visible(value).replace("'", "''") for key, value in values.items()}
    return replace(
        remedy,
        command=_fill_line(in_shell, remedy.command),
        ionosctl=_fill_line(in_shell, remedy.ionosctl),
        sql=_fill_line(in_sql, remedy.sql),
    )


def _fill_line(values: Mapping[str, str], line: str) -> str:
    # In one pass, so that a cluster named {id} stays what it is.
    return _PLACEHOLDER.sub(lambda found: values[found.group(1)], line)


def evidence_line(evidence: RuleEvidence, read_at: datetime | None) -> str:
    """Return one piece of evidence on a line: field, value, call and, if it is to show, the time."""
    when = f", {format_instant(read_at)}" if read_at is not None else ""
    return f"{visible(evidence.field)} = {visible(evidence.value)} ({visible(evidence.call)}{when})"


def waiver_line(waiver: Waiver) -> str:
    """Say who waived a finding, until when, and why."""
    return visible(f"{waiver.owner}, until {format_instant(waiver.until)}: {waiver.reason}")
