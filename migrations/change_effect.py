"""The effect of a planned change on the move to v2: findings that it adds, and findings that it resolves."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.domain.cluster import Api, Cluster
from bot.domain.migration_records import Waiver
from bot.domain.plan import ReadinessEffect, RuleEffect
from migrations.facts import ClusterFacts
from migrations.readiness import ALL_CLUSTERS, RANK, Assessment, Readiness, assess_cluster
from migrations.rule import QUIET, Found, Inconclusive, Rule, Severity
from migrations.v2_presence import PresenceState, V2Presence

_URGENT = frozenset({Severity.BLOCKER, Severity.ACTION})

PASSING = {"PGR052": "until the first base backup is there, about a minute after the cluster is AVAILABLE"}
"""Findings that end by themselves after the change that leads to them, and when.

Source: the Terraform provider's docs on earliestRecoveryTargetTime (ionos-api-notes, section 6).
"""

_NOT_LOOKED_AT = V2Presence(state=PresenceState.UNDETERMINED, how="a plan does not look")


@dataclass(frozen=True, slots=True)
class ChangeEffect:
    """The effect for machines, and its sentences: `warnings` on what then blocks the move or adds work,
    `notes` on the rest, `asides` on what ends by itself and so decides nothing."""

    readiness: ReadinessEffect
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Outcome:
    """One rule's finding before and after the change; None for none, `is_known` where both are certain."""

    rule: Rule
    before: Severity | None
    after: Severity | None
    is_known: bool
    waiver: Waiver | None

    @property
    def is_worse(self) -> bool:
        """True where the change leads to a finding that was not there, or was less severe."""
        return self.after is not None and (self.before is None or RANK[self.after] < RANK[self.before])

    @property
    def described(self) -> RuleEffect:
        until = self.waiver.until if self.waiver else None
        return RuleEffect(
            rule=self.rule.id, title=self.rule.title, before=self.before, after=self.after, waived_until=until
        )


def is_pending(cluster: Cluster) -> bool:
    """Return whether the cluster still has to move: one of v2 has nothing to say of it."""
    return cluster.api is Api.V1


def compare_readiness(
    before: ClusterFacts | None,
    after: ClusterFacts | None,
    rules: Iterable[Rule],
    waivers: Mapping[str, Waiver],
) -> ChangeEffect:
    """Return what a change does to the findings on a cluster; `waivers` are those in force, by rule.

    Rules that lack a fact, before or after, are left out: nothing is claimed of them. A new cluster has no
    `before`, one that is deleted no `after`.
    """
    active = tuple(rules)
    judged = (_judge(rule, before, after, waivers.get(rule.id)) for rule in active)
    changed = [each for each in judged if each.is_known and each.before is not each.after]
    changed.sort(key=lambda each: RANK[each.after or each.before or Severity.INFO])
    was, is_ = (_assess(facts, active, waivers) for facts in (before, after))
    readiness = ReadinessEffect(
        before=was.readiness.value if was else None,
        after=is_.readiness.value if is_ else None,
        rules=tuple(each.described for each in changed),
        undecided=tuple(each.rule.id for each in is_.questions if each.is_decisive) if is_ else (),
    )
    if was is None:
        urgent = [each for each in changed if each.after in _URGENT]
        warnings, notes, asides = _word_changes(urgent, is_blocked=False)
        return ChangeEffect(
            readiness, warnings, ("This adds a cluster that has to move to v2.", *notes), asides
        )
    if is_ is None:
        return ChangeEffect(readiness, notes=(_word_end(was),))
    return ChangeEffect(readiness, *_word_changes(changed, is_blocked=was.readiness is Readiness.BLOCKED))


def _judge(
    rule: Rule, before: ClusterFacts | None, after: ClusterFacts | None, waiver: Waiver | None
) -> _Outcome:
    verdicts = [rule.judge(facts) if facts else QUIET for facts in (before, after)]
    was, is_ = ((each.severity or rule.severity) if isinstance(each, Found) else None for each in verdicts)
    is_known = not any(isinstance(each, Inconclusive) for each in verdicts)
    return _Outcome(rule, was, is_, is_known, waiver)


def _assess(
    facts: ClusterFacts | None, rules: tuple[Rule, ...], waivers: Mapping[str, Waiver]
) -> Assessment | None:
    in_force = {(rule, ALL_CLUSTERS): waiver for rule, waiver in waivers.items()}
    return assess_cluster(facts, _NOT_LOOKED_AT, rules, in_force) if facts else None


def _word_changes(
    changed: Iterable[_Outcome], *, is_blocked: bool
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return warnings, notes and asides."""
    warnings: list[str] = []
    notes: list[str] = []
    asides: list[str] = []
    for each in changed:
        if each.is_worse:
            counts = each.after in _URGENT and each.waiver is None and each.rule.id not in PASSING
            kind = asides if each.rule.id in PASSING else warnings if counts else notes
            kind.append(_word_finding(each, is_blocked=is_blocked))
            is_blocked = is_blocked or (counts and each.after is Severity.BLOCKER)
        elif each.after:
            notes.append(
                f"This eases {each.rule.id} for the move to v2 from {each.before} to {each.after}: "
                f"{each.rule.title}."
            )
        else:
            notes.append(f"This resolves {each.rule.id} for the move to v2: {each.rule.title}.")
    return tuple(warnings), tuple(notes), tuple(asides)


def _word_finding(each: _Outcome, *, is_blocked: bool) -> str:
    end = f", {PASSING[each.rule.id]}." if each.rule.id in PASSING else "."
    if each.waiver is not None:
        beginning = f"For the move to v2, waived until {each.waiver.until:%Y-%m-%d}"
    elif each.rule.id in PASSING:
        beginning = "This temporarily adds work before the move to v2"
    elif each.after is Severity.BLOCKER:
        beginning = "This adds a blocker for v2" if is_blocked else "This blocks the cluster's move to v2"
    elif each.after is Severity.ACTION:
        beginning = "This adds a required action before the move to v2"
    else:
        beginning = "New for the move to v2"
    return f"{beginning}: {each.rule.title} ({each.rule.id}){end}"


def _word_end(was: Assessment) -> str:
    """Say of a cluster that is deleted what the move loses."""
    found = ", ".join(_list_urgent(was))
    now = f" Today it {'is blocked' if was.readiness is Readiness.BLOCKED else 'needs work'}: {found}."
    return f"The cluster then no longer has to move to v2.{now if found else ''}"


def _list_urgent(was: Assessment) -> Iterator[str]:
    return (each.rule.id for each in was.findings if each.severity in _URGENT and each.waiver is None)
