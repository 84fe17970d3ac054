"""Rules on one part of a precheck, and their verdicts."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.text_safety import visible
from migrations.facts import ClusterFacts, FactNeed, MissingFact, known
from migrations.precheck.database_documents import PartItem
from migrations.rule import QUIET, Found, Inconclusive, Rule, RuleEvidence, Scope, Severity, Verdict

SHOWN = 20
"""Findings that are shown as evidence; the others are counted."""

ASK_AGAIN = "Can you check by hand what pgbot precheck could not read, or run it as a role that may read it?"


@dataclass(slots=True, kw_only=True)
class PartRule(Rule):
    """A rule that finds each thing in one part of a precheck. `shows` has the thing in words: a text with
    {names} of its values, or a function."""

    scope: Scope = Scope.DATABASE
    needs: frozenset[FactNeed] = frozenset({FactNeed.PRECHECK})
    part: str
    shows: str | Callable[[PartItem], str]

    def __post_init__(self) -> None:
        Rule.__post_init__(self)
        if self._check is None:
            self._check = lambda facts: judge_part(facts, self.part, self.shows)


def judge_part(
    facts: ClusterFacts,
    part: str,
    shows: str | Callable[[PartItem], str],
    *,
    keep: Callable[[PartItem], bool] = lambda _: True,
    severity: Severity | None = None,
) -> Verdict:
    """Return found with each thing as evidence; inconclusive where nothing was found and not all was read.

    `shows` is as in `PartRule`.
    """
    report = known(facts.precheck)
    items = report.items(part)
    kept = [each for each in items if keep(each)]
    if kept:
        count = report.count(part) if len(kept) == len(items) else len(kept)
        why = f"{SHOWN} of {count:,} are shown." if count > SHOWN else ""
        call = f"pgbot precheck of {report.read_at:%Y-%m-%d}"
        describe = shows.format_map if isinstance(shows, str) else shows
        evidence = (_evidence(part, each, describe(each), call) for each in kept[:SHOWN])
        return Found(tuple(evidence), why, severity)
    unread = (*report.unread_databases(), *report.unread_part(part))
    return Inconclusive("; ".join(unread[:SHOWN]), ASK_AGAIN) if unread else QUIET


def upgrade_severity(facts: ClusterFacts) -> Severity:
    """Return blocker where v2 does not offer the cluster's major, which forces an upgrade; else action."""
    offered = () if isinstance(facts.v2_versions, MissingFact) else facts.v2_versions
    major = facts.cluster.postgres_version
    is_needed = bool(offered) and major is not None and major not in {each.name for each in offered}
    return Severity.BLOCKER if is_needed else Severity.ACTION


def _evidence(part: str, item: PartItem, words: str, call: str) -> RuleEvidence:
    place = f"database “{visible(item.database)}”: " if item.database is not None else ""
    return RuleEvidence(field=part, value=place + words, call=call)
