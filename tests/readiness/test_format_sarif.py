"""SARIF: valid, with the kinds and levels that the standard means, and waivers as suppressions."""

import gzip
import json
import random
from dataclasses import replace

import pytest
from format_kit import full_of, report, texts
from hypothesis import given
from sarif_check import VALIDATOR, checked_run

from migrations.formats.as_sarif import SarifPlace, SarifRun, as_sarif, render_sarif_logs


def run(given_report=None, **options):
    [text] = as_sarif(given_report or report(), **options)
    return checked_run(text)


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


CLUSTER = "46c151c7-55f8-42a4-86c3-06ad6b4b91ea"


def test_a_cluster_is_a_logical_location_in_a_file():
    [location] = by_rule()["PGR901"]["locations"]

    assert location["logicalLocations"] == [
        {"name": "orders-prod", "fullyQualifiedName": f"shop/de/txl/{CLUSTER}", "kind": "cluster"}
    ]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "readiness.sarif"},
        "region": {"startLine": 1},
    }


def test_the_file_is_the_one_that_is_known_for_the_cluster():
    places = {CLUSTER: SarifPlace("infra/my db.tf", 12)}
    found = {str(each["locations"][0]["physicalLocation"]) for each in run(places=places)["results"]}

    assert found == {str({"artifactLocation": {"uri": "infra/my%20db.tf"}, "region": {"startLine": 12}})}


def test_fingerprints_are_the_same_whatever_else_has_changed():
    moved = run(report(gaps=()), places={CLUSTER: SarifPlace("app.yaml", 99)})["results"]

    assert [each["partialFingerprints"] for each in moved] == [
        each["partialFingerprints"] for each in run()["results"]
    ]
    assert len({str(each["partialFingerprints"]) for each in moved}) == len(moved)


def of_many(results):
    """Return a run of a tool with many results, every third a failure."""
    levels = [("fail", "error"), ("open", "none"), ("informational", "none")]
    made = [
        {"kind": levels[n % 3][0], "level": levels[n % 3][1], "partialFingerprints": {"n": str(n)}}
        for n in range(results)
    ]
    return SarifRun(tool="pgbot readiness", rules=(), results=made, gaps=())


@pytest.mark.parametrize(("results", "sizes"), [(0, [0]), (25_000, [25_000]), (40_500, [25_000, 15_500])])
def test_more_results_than_code_scanning_takes_are_several_logs(results, sizes):
    runs = [json.loads(each)["runs"][0] for each in render_sarif_logs(of_many(results))]
    seen = {each["partialFingerprints"]["n"] for one in runs for each in one["results"]}

    assert [len(each["results"]) for each in runs] == sizes
    assert len(seen) == results
    ids = [each.get("automationDetails", {}).get("id") for each in runs]
    assert len(set(ids)) == len(ids)
    failures = [sum(each["kind"] == "fail" for each in one["results"]) for one in runs]
    assert len(sizes) == 1 or failures == [13_500, 0]


def test_a_log_that_is_too_large_when_packed_is_split_too():
    noise = random.Random(7)  # noqa: S311
    made = [{"level": "none", "message": {"text": noise.randbytes(3_000_000).hex()}} for _ in range(5)]
    logs = render_sarif_logs(SarifRun(tool="pgbot scan", rules=(), results=made, gaps=()))

    assert len(logs) == 3
    assert all(len(gzip.compress(each.encode(), 1)) <= 10_000_000 for each in logs)


def test_a_fleet_of_1500_clusters_is_small():
    given, clusters = report(), 1500
    [one] = given.assessments
    many = tuple(replace(one, cluster=replace(one.cluster, id=f"id-{n}")) for n in range(clusters))
    logs = as_sarif(replace(given, assessments=many))

    assert sum(map(len, logs)) < clusters * 6 * 900
    for each in logs:
        checked_run(each)


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
        error.schema_path[-1] == "const" and error.instance_path[-1] == "level"
        for error in VALIDATOR.iter_errors(log)
    )
