"""The effect of a planned change on the move to v2: findings that it adds, and findings that it resolves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.domain.cluster import Api, Cluster
from bot.domain.migration_records import Waiver
from migrations.facts import ClusterFacts
from migrations.readiness import RANK
from migrations.rule import QUIET, Found, Inconclusive, Rule, Severity

_URGENT = frozenset({Severity.BLOCKER, Severity.ACTION})


@dataclass(frozen=True, slots=True)
class ChangeEffect:
    """Sentences on the move to v2: `warnings` on what then blocks it or adds work, `notes` on the rest."""

    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Outcome:
    """One rule's finding before and after the change; None for none, `is_known` where both are certain."""

    rule: Rule
    before: Severity | None
    after: Severity | None
    is_known: bool
    waiver: Waiver | None


def is_pending(cluster: Cluster) -> bool:
    """Return whether the cluster still has to move: one of v2 has nothing to say of it."""
    return cluster.api is Api.V1


def compare_readiness(
    before: ClusterFacts | None,
    after: ClusterFacts,
    rules: Iterable[Rule],
    waivers: Mapping[str, Waiver],
) -> ChangeEffect:
    """Return what a change does to the findings on a cluster; `waivers` are those in force, by rule.

    Rules that lack a fact, before or after, are left out: nothing is claimed of them. A new cluster has no
    `before`, and of it only what blocks the move or adds work is said.
    """
    outcomes = [_judge(rule, before, after, waivers.get(rule.id)) for rule in rules]
    is_blocked = any(each.before is Severity.BLOCKER and each.waiver is None for each in outcomes)
    warnings: list[str] = []
    notes: list[str] = []
    for each in sorted(outcomes, key=lambda each: RANK[each.after or each.before or Severity.INFO]):
        if _is_added(each) and (before is not None or each.after in _URGENT):
            is_warning = each.after in _URGENT and each.waiver is None
            (warnings if is_warning else notes).append(_describe_added(each, is_blocked=is_blocked))
            is_blocked = is_blocked or (each.after is Severity.BLOCKER and each.waiver is None)
        elif each.before and each.after is None and each.is_known:
            notes.append(f"This resolves {each.rule.id} for the move to v2: {each.rule.title}.")
    return ChangeEffect(tuple(warnings), tuple(notes))


def _judge(rule: Rule, before: ClusterFacts | None, after: ClusterFacts, waiver: Waiver | None) -> _Outcome:
    verdicts = rule.judge(before) if before else QUIET, rule.judge(after)
    was, is_ = ((each.severity or rule.severity) if isinstance(each, Found) else None for each in verdicts)
    is_known = not any(isinstance(each, Inconclusive) for each in verdicts)
    return _Outcome(rule, was, is_, is_known, waiver)


def _is_added(each: _Outcome) -> bool:
    """Return whether the change leads to a finding that was not there, or was less severe."""
    if each.after is None or not each.is_known:
        return False
    return each.before is None or RANK[each.after] < RANK[each.before]


def _describe_added(each: _Outcome, *, is_blocked: bool) -> str:
    if each.waiver is not None:
        beginning = f"Waived until {each.waiver.until:%Y-%m-%d} for the move to v2"
    elif each.after is Severity.BLOCKER:
        beginning = "This adds a blocker for v2" if is_blocked else "This makes the cluster blocked for v2"
    elif each.after is Severity.ACTION:
        beginning = "This adds work before the move to v2"
    else:
        beginning = "New for the move to v2"
    return f"{beginning}: {each.rule.title} ({each.rule.id})."
