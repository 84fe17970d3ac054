"""The coverage of a report: every format says it first."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.cluster import Api, Gap
from migrations.identity import V2_REGIONS
from migrations.readiness import ReadinessReport

NOTHING = "No v1 cluster was found, so nothing was checked. This does not mean that all is well."
UNREAD = "Nothing could be checked: v1 did not respond completely, and may have clusters."


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """`answered` and `unanswered` are places ("v1", "v2 de/fra"); one gap is enough to be unanswered.

    `undecided`, `asked` and `not_applicable` count clusters by rule id: the rules that lack a fact, those
    that only a person can answer, and those about something that the cluster does not have.
    """

    sentence: str
    answered: tuple[str, ...]
    unanswered: tuple[str, ...]
    gaps: tuple[Gap, ...]
    undecided: tuple[tuple[str, int], ...]
    asked: tuple[tuple[str, int], ...]
    not_applicable: tuple[tuple[str, int], ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The same in words, a sentence a line, the summary first."""
        lines = [self.sentence]
        lines += [f"Responded: {', '.join(self.answered)}."] if self.answered else []
        lines += [f"Did not respond completely: {', '.join(self.unanswered)}."] if self.unanswered else []
        lines += [f"Not read: {gap}" for gap in self.gaps]
        lines += (
            [f"Inconclusive because data is missing: {_counts(self.undecided)}."] if self.undecided else []
        )
        lines += [f"Questions for you: {_counts(self.asked)}."] if self.asked else []
        lines += [f"Not applicable: {_counts(self.not_applicable)}."] if self.not_applicable else []
        return tuple(lines)


def build_coverage(report: ReadinessReport) -> Coverage:
    """Return the report's coverage. Endpoints and gaps are sorted, so that the order of answers does not
    show."""
    places = [(Api.V1, None), *((Api.V2, region) for region in sorted(V2_REGIONS))]
    silent = {place for place in places if any(_is_about(gap, *place) for gap in report.gaps)}
    questions = [question for each in report.assessments for question in each.questions]
    nothing = UNREAD if report.is_unread else NOTHING
    sentence = report.coverage if report.assessments else f"{nothing} {report.coverage}"
    return Coverage(
        sentence=sentence,
        answered=tuple(_name(*place) for place in places if place not in silent),
        unanswered=tuple(_name(*place) for place in places if place in silent),
        gaps=tuple(sorted(report.gaps, key=lambda gap: (gap.where, gap.why))),
        undecided=_by_rule(question.rule.id for question in questions if not question.ask),
        asked=_by_rule(question.rule.id for question in questions if question.ask),
        not_applicable=_by_rule(rule.id for each in report.assessments for rule in each.not_applicable),
    )


def _is_about(gap: Gap, api: Api, region: str | None) -> bool:
    return gap.api in {None, api} and (gap.region is None or gap.region == region)


def _name(api: Api, region: str | None) -> str:
    return f"{api} {region}" if region else str(api)


def _by_rule(ids: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(ids).items()))


def _counts(by_rule: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{rule} ({count})" for rule, count in by_rule)
