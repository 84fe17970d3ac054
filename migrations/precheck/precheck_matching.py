"""Prechecks from evidence files, each matched to the cluster that it is about."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.cluster import Cluster, Gap
from migrations.collect import CollectedFacts
from migrations.evidence_files import PrecheckEvidence
from migrations.facts import ASK_FOR_PRECHECK, NO_PRECHECK, MissingFact
from migrations.precheck.database_documents import (
    DatabaseDocument,
    group_documents,
    merge_documents,
    parse_document,
)

NO_SUBJECT = "it names neither its cluster nor its host; run pgbot precheck with --cluster"
NO_CLUSTER = "no v1 cluster has its id or DNS name"


@dataclass(frozen=True, slots=True)
class MatchablePrechecks:
    """Prechecks by server, those too old to say anything about today, and the files that cannot be used."""

    current: tuple[DatabaseDocument, ...] = ()
    outdated: tuple[tuple[DatabaseDocument, str], ...] = ()
    gaps: tuple[Gap, ...] = ()

    @classmethod
    def read(cls, evidence: Iterable[PrecheckEvidence], now: datetime) -> "MatchablePrechecks":
        """Return what the documents hold; one in another form is a gap."""
        current, outdated, gaps = [], [], []
        for each in evidence:
            try:
                document = parse_document(each.document)
            except ValueError as error:
                gaps.append(Gap(where=each.source.file, why=str(error)))
                continue
            if not document.cluster and not document.host:
                gaps.append(Gap(where=each.source.file, why=NO_SUBJECT))
            elif why := each.source.why_outdated(now):
                outdated.append((document, f"the precheck in {each.source.file} was not used: {why}"))
            else:
                current.append(document)
        merged = tuple(merge_documents(group) for group in group_documents(current))
        return cls(merged, tuple(outdated), tuple(gaps))

    def find(self, cluster: Cluster) -> DatabaseDocument | MissingFact:
        """Return the newest precheck of a cluster, by its id if one is given, else by host name."""
        matching = [each for each in self.current if _is_about(each, cluster)]
        if matching:
            return max(matching, key=lambda each: each.read_at)
        old = next((why for each, why in self.outdated if _is_about(each, cluster)), "")
        return MissingFact(old, ASK_FOR_PRECHECK) if old else NO_PRECHECK

    def find_strangers(self, clusters: Sequence[Cluster]) -> Iterator[Gap]:
        """Yield a gap for each precheck that is about none of these clusters."""
        for each in self.current:
            if not any(_is_about(each, cluster) for cluster in clusters):
                yield Gap(where=f"precheck of {each.cluster or each.host}", why=NO_CLUSTER)


def _is_about(document: DatabaseDocument, cluster: Cluster) -> bool:
    if document.cluster:
        return document.cluster.casefold() == cluster.id.casefold()
    hosts = {host.strip().rstrip(".").casefold() for host in (document.host or "").split(",")}
    return bool(cluster.dns_name) and (cluster.dns_name or "").rstrip(".").casefold() in hosts


def add_prechecks(
    collected: CollectedFacts, evidence: Iterable[PrecheckEvidence], now: datetime, *, is_whole: bool
) -> CollectedFacts:
    """Return the facts with each cluster's precheck. `is_whole`: these are all clusters that there are, so
    that a precheck of another one is a gap."""
    prechecks = MatchablePrechecks.read(evidence, now)
    clusters = [facts.cluster for facts, _ in collected.facts]
    strangers = prechecks.find_strangers(clusters) if is_whole else ()
    return replace(
        collected,
        facts=tuple(
            (replace(facts, precheck=prechecks.find(facts.cluster)), v2) for facts, v2 in collected.facts
        ),
        gaps=(*collected.gaps, *prechecks.gaps, *strangers),
    )
