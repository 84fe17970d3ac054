"""Assessment of every cluster by the rules: findings, presence in v2, and a verdict; in a fixed order."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.cluster import Api, Cluster, Gap
from bot.domain.migration_records import Waiver
from bot.domain.name_match import matches_name, same_name
from bot.domain.phrases import format_count
from migrations.clients import (
    NO_EVIDENCE,
    NOT_JUDGED,
    ClientCheck,
    ClientEvidence,
    ClientVerdict,
    EvidenceLack,
)
from migrations.collect import CollectedFacts
from migrations.facts import ClusterFacts
from migrations.rule import Found, Inconclusive, NotApplicable, Rule, RuleEvidence, Severity
from migrations.v2_presence import PresenceState, V2Presence

ALL_CLUSTERS = "*"
"""The cluster of a waiver that holds for all of them."""

RANK = {Severity.BLOCKER: 0, Severity.ACTION: 1, Severity.ADVICE: 2, Severity.INFO: 3}
"""Most important first."""


class Readiness(StrEnum):
    """The verdict on whether a cluster fits v2. Its clients are another question, which no cluster can
    settle: that users, databases and logs leave the API is advice, and holds for every one."""

    READY = "ready"
    NEEDS_WORK = "needs work"
    BLOCKED = "blocked"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule that fires on a cluster. `waiver` is the one in force, if there is one."""

    rule: Rule
    severity: Severity
    evidence: tuple[RuleEvidence, ...]
    why: str = ""
    waiver: Waiver | None = None


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """An inconclusive rule: why, and what to ask a person if only one can know."""

    rule: Rule
    why: str
    ask: str = ""

    @property
    def is_decisive(self) -> bool:
        """Return whether the missing fact could show that the cluster needs work: advice never does, and what
        only people know is asked of them."""
        return not self.ask and RANK[self.rule.severity] <= RANK[Severity.ACTION]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One cluster's assessment: presence in v2, findings, inconclusive rules, and those that are about
    something that the cluster does not have."""

    cluster: Cluster
    read_at: datetime
    owner: str | None
    presence: V2Presence
    findings: tuple[Finding, ...]
    questions: tuple[OpenQuestion, ...]
    not_applicable: tuple[Rule, ...] = ()
    clients: ClientVerdict = NOT_JUDGED

    @property
    def readiness(self) -> Readiness:
        """Blocked, needs work, inconclusive or ready, the first of these that is true."""
        open_ones = {finding.severity for finding in self.findings if finding.waiver is None}
        if Severity.BLOCKER in open_ones:
            return Readiness.BLOCKED
        if Severity.ACTION in open_ones:
            return Readiness.NEEDS_WORK
        if any(question.is_decisive for question in self.questions):
            return Readiness.INCONCLUSIVE
        return Readiness.READY

    @property
    def worst(self) -> Finding | None:
        """The finding that matters most."""
        return next((finding for finding in self.findings if finding.waiver is None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessReport:
    """The whole fleet at one moment, and how much of it could be read."""

    at: datetime
    assessments: tuple[Assessment, ...]
    rules: tuple[Rule, ...]
    gaps: tuple[Gap, ...] = ()
    client_basis: str = ""
    client_lacks: tuple[EvidenceLack, ...] = ()

    @property
    def is_unread(self) -> bool:
        """Return whether there is no cluster because v1 gave no complete answer: there may be some."""
        return not self.assessments and any(gap.api in {None, Api.V1} for gap in self.gaps)

    @property
    def coverage(self) -> str:
        """Say in a sentence what was checked: nothing to check is not the same as all good."""
        all_ = self.assessments
        asked = [bool(question.ask) for each in all_ for question in each.questions]
        undetermined = [each for each in all_ if each.presence.state is PresenceState.UNDETERMINED]
        counts = (
            (asked.count(False), "check was", "checks were", "inconclusive because data is missing"),
            (asked.count(True), "question needs", "questions need", "an answer from you"),
            (sum(len(each.not_applicable) for each in all_), "check does", "checks do", "not apply"),
            (len(undetermined), "cluster is", "clusters are", "undetermined"),
        )
        gaps = f"{format_count(len(self.gaps), 'endpoint')} did not respond completely"
        parts = (
            f"{format_count(len(all_), 'cluster')} × {format_count(len(self.rules), 'rule')} checked",
            *(f"{n:,} {one if n == 1 else several} {rest}" for n, one, several, rest in counts if n),
            gaps if self.gaps else "All endpoints answered",
        )
        return ". ".join(parts) + "."

    def worst_at_least(self, severity: Severity) -> bool:
        """Return whether any finding without a waiver is that severe or more."""
        return any(
            RANK[finding.severity] <= RANK[severity]
            for each in self.assessments
            for finding in each.findings
            if finding.waiver is None
        )


def assess_fleet(
    collected: CollectedFacts,
    rules: Iterable[Rule],
    at: datetime,
    waivers: Iterable[Waiver] = (),
    evidence: ClientEvidence = NO_EVIDENCE,
) -> ReadinessReport:
    """Judge every cluster by every rule. The same facts give the same report, in the same order."""
    active = tuple(rules)
    in_force = {(each.rule, each.cluster): each for each in waivers if each.until > at}
    clients = ClientCheck(evidence, at)
    assessments = tuple(
        replace(assess_cluster(facts, where, active, in_force), clients=clients.judge(facts))
        for facts, where in collected.facts
    )
    return ReadinessReport(
        at=at,
        assessments=assessments,
        rules=active,
        gaps=collected.gaps,
        client_basis=clients.basis,
        client_lacks=clients.lacks,
    )


def merge_waivers(
    given: Iterable[Waiver], configured: Iterable[Waiver], clusters: Iterable[Cluster]
) -> tuple[Waiver, ...]:
    """Return those of app.yaml for each cluster they match, then those given by command, which win.

    The cluster of a waiver in app.yaml is an id or a name pattern.
    """
    known = tuple(clusters)
    return (*(waiver for each in configured for waiver in _match_clusters(each, known)), *given)


def _match_clusters(waiver: Waiver, clusters: tuple[Cluster, ...]) -> Iterator[Waiver]:
    pattern = waiver.cluster
    matching = [
        each.id for each in clusters if same_name(each.id, pattern) or matches_name(each.name, pattern)
    ]
    for cluster_id in [ALL_CLUSTERS] if pattern == ALL_CLUSTERS else matching:
        yield replace(waiver, cluster=cluster_id)


def assess_cluster(
    facts: ClusterFacts, where: V2Presence, rules: Iterable[Rule], waivers: Mapping[tuple[str, str], Waiver]
) -> Assessment:
    """Judge one cluster. `waivers` are those in force, by rule and cluster."""
    findings: list[Finding] = []
    questions: list[OpenQuestion] = []
    asked: set[tuple[str, str]] = set()
    not_applicable: list[Rule] = []
    for rule in rules:
        verdict = rule.judge(facts)
        if isinstance(verdict, Found):
            waiver = waivers.get((rule.id, facts.cluster.id)) or waivers.get((rule.id, ALL_CLUSTERS))
            severity, seen = verdict.severity or rule.severity, verdict.evidence
            findings.append(
                Finding(rule=rule, severity=severity, evidence=seen, why=verdict.why, waiver=waiver)
            )
        elif isinstance(verdict, Inconclusive):
            # Rules may ask people the same, such as for a precheck: they are asked once.
            question = (verdict.question, verdict.why)
            if not verdict.question or question not in asked:
                questions.append(OpenQuestion(rule, verdict.why, verdict.question))
            asked.add(question)
        elif isinstance(verdict, NotApplicable):
            not_applicable.append(rule)
    findings.sort(key=lambda finding: (RANK[finding.severity], finding.rule.scope, finding.rule.id))
    return Assessment(
        cluster=facts.cluster,
        read_at=facts.read_at,
        owner=facts.owner,
        presence=where,
        findings=tuple(findings),
        questions=tuple(questions),
        not_applicable=tuple(not_applicable),
    )
