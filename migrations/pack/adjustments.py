"""Adjustments on the way from v1 to v2, each for the verdict of a rule: blanks, and values made to fit."""

from dataclasses import dataclass, replace

from bot.domain.cluster import Api, Cluster
from migrations.facts import ClusterFacts, FactNeed
from migrations.pack.placeholders import Blank, Placeholder, Reason, Sample
from migrations.rule import QUIET, Found, Inconclusive, Rule, Verdict

_OFFERS = frozenset({FactNeed.V2_VERSIONS, FactNeed.V2_LOCATIONS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """A value that v2 does not allow, and the one in its place, for the rules that found it."""

    what: str
    before: str
    after: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UncheckedValue:
    """A value that is kept although the rule that guards it was inconclusive."""

    what: str
    value: str
    reason: Reason


class AdjustmentLog:
    """The rules' verdicts on one cluster, and the adjustments made for them, in order.

    `basis` is the cluster that the values come from. Once that is v2's own, v2 plainly offers what it shows.
    """

    def __init__(self, facts: ClusterFacts, basis: Cluster) -> None:
        self._is_of_v2 = basis.api is Api.V2
        # The rules read v1's spelling.
        pooler = basis.pooler.lower() if self._is_of_v2 and basis.pooler else basis.pooler
        self.facts = facts
        self._judged = replace(facts, cluster=replace(basis, pooler=pooler))
        self.blanks: list[Blank] = []
        self.fitted: list[Adjustment] = []
        self.unchecked: list[UncheckedValue] = []

    def verdict(self, rule: Rule) -> Verdict:
        """Return the rule's verdict on the cluster that the values come from."""
        return QUIET if self._is_of_v2 and rule.needs & _OFFERS else rule.judge(self._judged)

    def found(self, *rules: Rule) -> tuple[Reason, ...]:
        """Return why those of the rules fire that do."""
        fired = (each for each in rules if isinstance(self.verdict(each), Found))
        return tuple(Reason(rule=each, text=each.title) for each in fired)

    def unclear(self, *rules: Rule) -> Reason | None:
        """Return why the first of the rules that is inconclusive is so."""
        for each in rules:
            verdict = self.verdict(each)
            if isinstance(verdict, Inconclusive):
                return self.inconclusive(each, verdict.why)
        return None

    def inconclusive(self, rule: Rule, why: str = "v1's response does not include it") -> Reason:
        """Return the reason of a rule that lacks a fact."""
        text = "v2 does not return it in a form that can be sent back" if self._is_of_v2 else why
        return Reason(rule=rule, text=text, is_inconclusive=True)

    def first_reason(self, *rules: Rule) -> Reason | None:
        """Return why a value cannot be kept: what a rule found, else what one lacks. None: it can."""
        return next(iter(self.found(*rules)), None) or self.unclear(*rules)

    def keep(
        self, value: Sample | None, blank: Placeholder[Sample], *rules: Rule, offers: tuple[str, ...] = ()
    ) -> Sample:
        """Return the value if every rule clears it; else leave it blank and return a sample."""
        reason = self.first_reason(*rules)
        if reason is None and value is not None:
            return value
        return self.leave(blank, reason or self.inconclusive(rules[0]), offers)

    def leave(self, blank: Placeholder[Sample], reason: Reason, offers: tuple[str, ...] = ()) -> Sample:
        """Leave a value blank. Return its sample for the time being."""
        self.blanks.append(replace(blank, reason=reason, offers=offers))
        return blank.sample
