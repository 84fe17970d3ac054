"""Files of evidence: what is read, what is refused with which words, and what cannot stop the reading."""

import json
import os
from datetime import timedelta

import pytest
from evidence_kit import READ_AT, changed_document, scan_document, write_scan

from migrations.evidence_files import MAX_FILE_BYTES, MAX_FILES, EvidenceHit, load_evidence

FORM = "it is not in the format that pgbot writes"
OF_ANOTHER = "it was not written by “pgbot scan --format json” or “pgbot precheck”"
BAD_HITS = (
    7,
    {},
    {"path": "a", "line": 1, "rule": "PGR122"},
    {"path": "a", "line": True, "rule": "PGR122", "cluster": None},
    {"path": 1, "line": 1, "rule": "PGR122", "cluster": None},
    {"path": "a", "line": 1, "rule": "PGR122", "cluster": ["x"]},
)
ORDERS = "46c151c7-55f8-42a4-86c3-06ad6b4b91ea"


def why(*sources):
    """Return why nothing of these was used."""
    found = load_evidence([str(each) for each in sources])
    assert not found.scans
    assert not found.prechecks
    return [gap.why for gap in found.gaps]


def test_a_report_of_the_scan_is_read_with_its_time_and_coverage(tmp_path):
    path = write_scan(
        tmp_path / "scan.json", ("main.tf", 3, ORDERS.upper()), ("a.sh", 1, None), gaps=("big",)
    )

    (scan,) = load_evidence([str(path)]).scans

    assert (scan.source.file, scan.source.at) == (str(path), READ_AT)
    assert (scan.files, scan.unread) == (3, 1)
    assert scan.hits == (EvidenceHit("main.tf", 3, "PGR122", ORDERS), EvidenceHit("a.sh", 1, "PGR122", None))


def test_a_precheck_is_kept_as_it_is(tmp_path):
    document = {"$schema": "urn:ionos-pg-chatops:precheck:1", "read_at": "2026-11-23T10:00:00+01:00", "x": 1}
    (tmp_path / "check.json").write_text(json.dumps(document))

    (found,) = load_evidence([str(tmp_path)]).prechecks

    assert found.document == document
    assert found.source.at == READ_AT


def test_additions_of_later_releases_do_no_harm(tmp_path):
    document = json.loads(scan_document(("main.tf", 3, ORDERS)))
    document["news"] = document["hits"][0]["news"] = document["coverage"]["news"] = {"a": [1]}
    (tmp_path / "scan.json").write_text(json.dumps(document))

    assert len(load_evidence([str(tmp_path)]).scans[0].hits) == 1


def test_folders_globs_and_files_are_read_once_each(tmp_path):
    for name in ("a.json", "b.json"):
        write_scan(tmp_path / name, (name, 1, None))
    (tmp_path / "notes.txt").write_text("no evidence")
    (tmp_path / "link.json").symlink_to(tmp_path / "a.json")
    (tmp_path / "copy.json").write_bytes((tmp_path / "b.json").read_bytes())
    sources = [str(tmp_path), str(tmp_path / "*.json"), str(tmp_path / "a.json")]

    found = load_evidence(sources)

    assert sorted(scan.hits[0].path for scan in found.scans) == ["a.json", "b.json"]
    assert found.gaps == ()


def test_a_name_with_brackets_is_a_file_before_it_is_a_pattern(tmp_path):
    path = write_scan(tmp_path / "scan[1].json")

    assert len(load_evidence([str(path)]).scans) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "it is not valid JSON"),
        (scan_document()[:-30], "it is not valid JSON"),
        ("[" * 200_000, "it is not valid JSON"),
        ('{"a": ' + "9" * 10_000 + "}", "it is not valid JSON"),
        ("[]", "it is JSON, but not from pgbot"),
        ("{}", OF_ANOTHER),
        (changed_document(**{"$schema": 7}), OF_ANOTHER),
        (
            changed_document(**{"$schema": "urn:ionos-pg-chatops:readiness:1"}),
            "it is from another pgbot program, not from pgbot scan or pgbot precheck",
        ),
        (
            changed_document(**{"$schema": "urn:ionos-pg-chatops:scan:0"}),
            "it was written by another release of pgbot; create it again with this one",
        ),
        (changed_document(hits=None), f"{FORM}: coverage or hits are missing"),
        (
            changed_document(coverage={"files": True, "gaps": []}),
            f"{FORM}: coverage does not say what was read",
        ),
        *((changed_document(hits=[hit]), f"{FORM}: a hit has no place, rule or cluster") for hit in BAD_HITS),
    ],
)
def test_what_is_no_evidence_is_named_with_the_reason(tmp_path, content, reason):
    (tmp_path / "x.json").write_text(content, encoding="utf-8")

    assert why(tmp_path) == [reason]


def test_bytes_that_are_no_text_are_named(tmp_path):
    (tmp_path / "x.json").write_bytes(b"\xff\xfe\x00{")

    assert why(tmp_path) == ["it is not valid JSON"]


def test_what_is_not_there_or_cannot_be_opened_is_named(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "loop.json").symlink_to("loop.json")
    (tmp_path / "empty").mkdir()
    sources = ("nowhere.json", "n*.json", "pipe.json", "loop.json", "empty", "nul\0.json")

    assert why(*(tmp_path / each for each in sources)) == [
        "it does not exist",
        "it does not exist",
        "it is not a regular file",
        "it does not exist",
        "this folder has no .json files",
        "it does not exist",
    ]


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    with (tmp_path / "large.json").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)

    assert why(tmp_path) == ["it is larger than 32 MB"]


def test_a_folder_of_thousands_is_read_up_to_the_limit(tmp_path):
    for number in range(MAX_FILES + 5):
        (tmp_path / f"{number:05}.json").write_text(str(number))

    reasons = why(tmp_path)

    assert reasons[-1] == "only the first 1,000 files are read"
    assert len(reasons) == MAX_FILES + 1


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("2026-11-23T09:00:00Z", ""),
        (None, "it has no creation time"),
        ("yesterday", "it has no creation time"),
        ("2026-11-23T09:00:00", "it has no creation time"),
        ("9999-12-31T23:59:59-14:00", "it has no creation time"),
        ("2026-10-01T09:00:00Z", "it is from 2026-10-01, more than 30 days ago"),
        ("2026-12-01T09:00:00Z", "its creation time, 2026-12-01 09:00 UTC, is in the future"),
    ],
)
def test_an_outdated_document_says_why(tmp_path, written, words):
    (tmp_path / "scan.json").write_text(changed_document(read_at=written))

    (scan,) = load_evidence([str(tmp_path)]).scans

    assert scan.source.why_outdated(READ_AT + timedelta(minutes=5)) == words
