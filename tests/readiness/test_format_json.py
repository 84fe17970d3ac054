"""JSON: as its schema says, whole, and ASCII."""

import json
from pathlib import Path

import pytest
from format_kit import assessment, full_of, report, texts
from hypothesis import given
from jsonschema import Draft202012Validator

import migrations.formats
from migrations.formats.readiness_records import SCHEMA, as_json

SCHEMA_FILE = Path(migrations.formats.__file__).with_name("readiness.schema.json")
VALIDATOR = Draft202012Validator(
    json.loads(SCHEMA_FILE.read_text(encoding="utf-8")), format_checker=Draft202012Validator.FORMAT_CHECKER
)


def document(given_report, **options):
    """Return the report read back, after checking it against the schema."""
    text = as_json(given_report, **options)
    assert text.isascii()
    read = json.loads(text)
    VALIDATOR.validate(read)
    return read


def test_the_schema_is_one_and_says_which():
    Draft202012Validator.check_schema(VALIDATOR.schema)
    assert VALIDATOR.schema["$id"] == SCHEMA == document(report())["$schema"]


def test_a_finding_says_everything():
    finding = document(report())["clusters"][0]["findings"][0]

    assert finding == {
        "rule": "PGR901",
        "title": "It cannot be expressed",
        "severity": "blocker",
        "basis": "documented",
        "source": "v2 specification, properties",
        "why": "No value.",
        "remedy": {
            "text": "Choose another.",
            "command": "/pg cluster replication orders-prod",
            "ionosctl": "ionosctl dbaas postgres cluster update --location de/txl "
            "--cluster-id 46c151c7-55f8-42a4-86c3-06ad6b4b91ea",
            "sql": "CREATE ROLE app LOGIN;\n\\password app",
        },
        "evidence": 2
        * [
            {
                "field": "properties.synchronizationMode",
                "value": "SYNCHRONOUS",
                "call": "v1 GET /clusters",
                "read_at": "2026-11-23T09:00:00Z",
            }
        ],
        "waiver": None,
    }


def test_the_report_counts_and_names_what_it_did_not_see():
    read = document(report())

    assert read["coverage"]["unanswered"] == ["v2 de/fra"]
    assert read["coverage"]["gaps"][0]["region"] == "de/fra"
    assert read["coverage"]["undecided"] == {"PGR905": 1}
    assert read["verdicts"] == {"blocked": 1, "needs work": 0, "inconclusive": 0, "ready": 0}
    assert read["severities"] == {"blocker": 1, "action": 1, "advice": 0, "info": 1}
    assert read["waived"] == 1
    assert read["clusters"][0]["findings"][2]["waiver"] == {
        "owner": "U0ALICE",
        "until": "2026-12-23T09:00:00Z",
        "reason": "the move is planned",
    }
    assert [each["ask"] for each in read["clusters"][0]["questions"]] == ["", "How many days?"]


def test_a_reproducible_document_is_valid_without_times():
    read = document(report(), reproducible=True)

    assert "read_at" not in read
    assert "read_at" not in read["clusters"][0]["findings"][0]["evidence"][0]


@pytest.mark.parametrize("spoil", ["verdict", "findings", "owner"])
def test_the_schema_refuses_what_lacks_something(spoil):
    read = document(report())
    del read["clusters"][0][spoil]

    assert not VALIDATOR.is_valid(read)


@given(texts)
def test_any_text_comes_back_as_it_was(text):
    cluster = document(full_of(text))["clusters"][0]

    assert (cluster["name"], cluster["region"], cluster["contract"]) == (text, text, text)
    assert cluster["findings"][0]["evidence"][0]["value"] == (text or "SYNCHRONOUS")


def test_two_clusters_are_two():
    read = document(report(assessment("b"), assessment("a", id="id-2")))

    assert [each["name"] for each in read["clusters"]] == ["a", "b"]
