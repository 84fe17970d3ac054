"""Properties of every format: one order, coverage first, nothing lost, and no time in a reproducible
report."""

import random
import re
from dataclasses import replace

import pytest
from format_kit import RULES, assessment, later, report

from bot.domain.cluster import Api, Gap
from migrations.formats.contents import OutcomeKind, build_contents, build_coverage
from migrations.formats.readiness_formats import Format
from migrations.formats.readiness_formats import render_report as render_files

EVERY = pytest.mark.parametrize("output", list(Format))
WORDS = (
    "properties.synchronizationMode",
    "v1 GET /clusters",
    "the move is planned",
    "it answers 503",
    "v2 specification",
    "documented limit, inferred consequence",
    "How many days?",
    "ionosctl dbaas postgres cluster update --location de/txl",
    "CREATE ROLE app LOGIN;",
    "/pg cluster replication orders-prod",
)
A_TIME = re.compile(r"20\d\d-\d\d-\d\d[T ]\d\d:\d\d")


def render_report(*given, **options):
    """Return the only file of a report."""
    [text] = render_files(*given, **options)
    return text


def shuffled(given, chance):
    """Return the same report with everything in another order."""
    assessments = [
        replace(
            each,
            findings=tuple(chance.sample(each.findings, len(each.findings))),
            questions=tuple(chance.sample(each.questions, len(each.questions))),
        )
        for each in given.assessments
    ]
    return replace(
        given,
        assessments=tuple(chance.sample(assessments, len(assessments))),
        rules=tuple(chance.sample(given.rules, len(given.rules))),
        gaps=tuple(chance.sample(given.gaps, len(given.gaps))),
    )


MANY = report(
    *(assessment(name, id=f"id-{number}") for number, name in enumerate(("b", "A", "c", "a", "b"))),
    gaps=tuple(
        Gap(where=f"v2 {place}", why="503", api=Api.V2, region=place) for place in ("de/txl", "fr/par")
    ),
)


@EVERY
@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_answers_does_not_show(output, seed):
    assert render_report(shuffled(MANY, random.Random(seed)), output) == render_report(MANY, output)  # noqa: S311


@EVERY
def test_a_reproducible_report_has_no_time_of_reading_and_is_the_same_later(output):
    waiverless = replace(assessment(), findings=assessment().findings[:2])
    now = report(waiverless)
    then = report(replace(waiverless, read_at=later(6)), at=later(7))

    assert render_report(now, output, reproducible=True) == render_report(then, output, reproducible=True)
    assert not A_TIME.search(render_report(now, output, reproducible=True))
    assert A_TIME.search(render_report(now, output))


@EVERY
def test_every_format_has_everything_that_was_found(output):
    text = render_report(report(), output)
    text = text.replace("\\", "") if output is Format.MARKDOWN else text

    for each in RULES:
        assert each.id in text
        assert each.title in text
    # In SARIF a remedy stands once, with its rule, and names no cluster: a fleet's log would be too large.
    known = WORDS[:-3] if output is Format.SARIF else WORDS
    for words in known:
        assert words in text


@EVERY
def test_coverage_comes_before_any_cluster(output):
    text = render_report(report(), output)

    sign = "\\u00d7" if output in {Format.JSON, Format.SARIF} else "×"
    assert text.index(f"1 cluster {sign} 6 rules checked") < text.index("orders-prod")


@EVERY
def test_nothing_to_check_is_not_all_good(output):
    nothing = replace(report(gaps=()), assessments=())

    assert (
        "No v1 cluster was found, so nothing was checked. This does not mean that all is well."
        in render_report(nothing, output)
    )


def test_coverage_names_the_places_that_answered_and_those_that_did_not():
    covered = build_coverage(report())

    assert covered.unanswered == ("v2 de/fra",)
    assert covered.answered == (
        "v1", "v2 de/txl", "v2 es/vit", "v2 fr/par", "v2 gb/bhx", "v2 gb/lhr", "v2 us/ewr", "v2 us/las",
        "v2 us/mci",
    )  # fmt: skip
    assert covered.undecided == {"PGR905": 1}
    assert covered.asked == {"PGR906": 1}


def test_coverage_says_in_words_what_was_skipped():
    lines = build_coverage(report()).lines

    assert lines[0].startswith("1 cluster × 6 rules checked")
    assert lines[2:] == (
        "Did not respond completely: v2 de/fra.",
        "Not read: v2 de/fra (contract shop): it answers 503",
        "Inconclusive because data is missing: PGR905 (1).",
        "Questions for you: PGR906 (1).",
        "Not applicable: PGR907 (1).",
    )


@pytest.mark.parametrize(
    ("gap", "lost"),
    [
        (Gap(where="everything", why="-"), 10),
        (Gap(where="v2", why="-", api=Api.V2), 9),
        (Gap(where="v1", why="-", api=Api.V1), 1),
        (Gap(where="somewhere else", why="-", api=Api.V2, region="xx/yyy"), 0),
    ],
)
def test_a_gap_without_a_place_takes_all_of_them(gap, lost):
    covered = build_coverage(report(gaps=(gap,)))

    assert (len(covered.unanswered), len(covered.answered)) == (lost, 10 - lost)


def test_findings_come_by_severity_then_what_lacks_a_fact_then_what_a_person_knows():
    whole = build_contents(report())

    assert [(item.rule.id, item.kind) for item in whole.sections[0].items] == [
        ("PGR901", OutcomeKind.FINDING),
        ("PGR902", OutcomeKind.FINDING),
        ("PGR903", OutcomeKind.FINDING),
        ("PGR904", OutcomeKind.FINDING),
        ("PGR905", OutcomeKind.INCONCLUSIVE),
        ("PGR906", OutcomeKind.ASK),
    ]


def test_a_missing_fact_has_no_remedy():
    items = build_contents(report()).sections[0].items

    assert [item.rule.id for item in items if not item.remedy.text] == ["PGR905"]


def test_waived_findings_are_counted_apart():
    assert build_contents(report()).summary == (
        "Clusters: 1 blocked, 0 needs work, 0 inconclusive, 0 ready.",
        "Findings: 1 blocker, 1 action, 0 advice, 1 info; 1 waived.",
        "Clients: 1 still on v1, 0 not known, 0 off v1.",
        "Clients: 1 file of evidence could not be used: scan.json.",
    )


def test_a_name_used_twice_gives_way_to_the_id():
    both = report(assessment("orders"), assessment("orders", id="id-2"), assessment("billing", id="id-3"))
    commands = [section.items[0].remedy.command for section in build_contents(both).sections]

    assert commands[0] == "/pg cluster replication billing"
    assert commands[1:] == [
        "/pg cluster replication 46c151c7-55f8-42a4-86c3-06ad6b4b91ea",
        "/pg cluster replication id-2",
    ]
