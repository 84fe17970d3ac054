"""SARIF: valid, with the kinds and levels that the standard means, and waivers as suppressions."""

from dataclasses import replace

import pytest
from format_kit import full_of, report, texts
from hypothesis import given
from sarif_check import VALIDATOR, checked_run

from migrations.formats.as_sarif import as_sarif


def run(given_report=None, **options):
    return checked_run(as_sarif(given_report or report(), **options))


def by_rule(**options):
    return {result["ruleId"]: result for result in run(**options)["results"]}


@pytest.mark.parametrize(
    ("rule", "kind", "level"),
    [
        ("PGR901", "fail", "error"),
        ("PGR902", "fail", "warning"),
        ("PGR904", "informational", "none"),
        ("PGR905", "open", "none"),
        ("PGR906", "review", "none"),
    ],
)
def test_kind_and_level(rule, kind, level):
    result = by_rule()[rule]

    assert (result["kind"], result["level"]) == (kind, level)


def test_a_cluster_is_a_logical_location():
    assert by_rule()["PGR901"]["locations"] == [
        {
            "logicalLocations": [
                {
                    "name": "orders-prod",
                    "fullyQualifiedName": "shop/de/txl/46c151c7-55f8-42a4-86c3-06ad6b4b91ea",
                    "kind": "cluster",
                }
            ]
        }
    ]


def test_a_waiver_suppresses_and_every_other_result_says_that_it_is_not_suppressed():
    suppressions = {rule: result["suppressions"] for rule, result in by_rule().items()}

    assert suppressions.pop("PGR903") == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "U0ALICE, until 2026-12-23T09:00:00Z: the move is planned",
        }
    ]
    assert set(map(str, suppressions.values())) == {"[]"}


def test_a_rule_brings_its_help():
    rule = run()["tool"]["driver"]["rules"][0]

    assert rule["help"]["text"].startswith("Choose another.\n/pg cluster replication {name}\n")
    assert "Source: v2 specification" in rule["fullDescription"]["text"]


def test_a_gap_is_an_error_of_the_run_and_coverage_a_note():
    invocation = run()["invocations"][0]
    notes = [(each["level"], each["message"]["text"]) for each in invocation["toolExecutionNotifications"]]

    assert invocation["executionSuccessful"] is False
    assert notes[0] == ("error", "Not read: v2 de/fra (contract shop): it answers 503")
    assert notes[1][0] == "note"
    assert notes[1][1].startswith("1 cluster × 6 rules checked")
    assert run(report(gaps=()))["invocations"][0]["executionSuccessful"] is True


def test_the_end_of_the_run_shows_unless_it_is_to_be_reproducible():
    assert run()["invocations"][0]["endTimeUtc"] == "2026-11-23T09:00:00Z"
    assert "endTimeUtc" not in run(reproducible=True)["invocations"][0]


def test_the_message_is_words():
    assert by_rule()["PGR901"]["message"] == {"text": "orders-prod: It cannot be expressed. No value."}


@given(texts)
def test_any_text_stays_text(text):
    results = run(full_of(text))["results"]

    assert len(results) == 6
    assert all(result["message"]["text"].replace("{{", "").isprintable() for result in results)
    links = [result["message"]["text"].replace("\\]", "") for result in results]
    assert not any("](" in each for each in links)


def test_no_clusters_is_a_valid_log_too():
    assert run(replace(report(), assessments=()))["results"] == []


@pytest.mark.parametrize("level", ["error", "warning"])
def test_the_schema_refuses_a_level_on_what_is_no_failure(level):
    log = {"runs": [{"results": [by_rule()["PGR905"] | {"level": level}]}]}

    assert any(
        error.validator == "const" and error.path[-1] == "level" for error in VALIDATOR.iter_errors(log)
    )
