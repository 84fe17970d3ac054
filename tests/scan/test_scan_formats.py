"""The report of the scan: valid, the same each time, and safe whatever a file is called."""

import json
import os
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from format_kit import texts
from hypothesis import given
from jsonschema import Draft202012Validator
from sarif_check import checked_run
from scan_kit import ID, V1, scan_text

import migrations.formats
from bot.domain.cluster import Gap
from migrations.formats.scan_formats import NOTHING, ScanFormat
from migrations.formats.scan_formats import render_scan as render_files
from migrations.rule import Basis, Remedy, Severity
from migrations.scan.findings import Certainty
from migrations.scan.scan import ScanFinding, ScanReport, scan_paths
from migrations.scan.scan_coverage import FILE_KINDS, ReadingWay

VALIDATOR = Draft202012Validator(
    json.loads(Path(migrations.formats.__file__).with_name("scan.schema.json").read_text(encoding="utf-8"))
)
SCRIPT = f"curl -X PATCH {V1}/clusters/{ID}\n"
CORPUS = Path(__file__).parent / "corpus"


def render_scan(*given):
    """Return the only file of a report."""
    [text] = render_files(*given)
    return text


def as_json(report):
    text = render_scan(report, ScanFormat.JSON)
    assert text.isascii()
    VALIDATOR.validate(json.loads(text))
    return json.loads(text)


def as_sarif(report):
    return checked_run(render_scan(report, ScanFormat.SARIF))


def made_of(text):
    """Return a report with `text` wherever text from outside can."""
    hit = ScanFinding(
        path=text.encode(errors="replace").decode()
        or "x",  # a path is made of bytes: no lone surrogate of its own
        line=1,
        column=1,
        rule_id="PGR122",
        text=text,
        remedy=Remedy(text="Do this.", command="/pg cluster show {name}"),
        severity=Severity.ACTION,
        basis=Basis.DOCUMENTED,
        certainty=Certainty.PROBABLE,
        cluster=text,
    )
    gap = Gap(where=text, why=text or "it cannot be read")
    return ScanReport(
        hits=(hit,),
        gaps=(gap,),
        files=1,
        parsed=1,
        binary=0,
        ways=dict.fromkeys(ReadingWay, 0),
        ecosystems={},
    )


@pytest.fixture
def patched(tmp_path, monkeypatch):
    """Scan a script that patches a cluster of v1, below the working directory."""
    monkeypatch.chdir(tmp_path)
    return scan_text(Path("deploy"), "change it.sh", SCRIPT)


def test_text_has_coverage_first_and_then_place_rule_and_remedy(patched):
    lines = render_scan(patched, ScanFormat.TEXT).split("\n")

    assert lines[0] == ("1 file read; IONOS found in 1; 0 binary files skipped; everything could be read.")
    start = next(number for number, line in enumerate(lines) if "PGR122" in line)
    assert lines[start].startswith("deploy/change it.sh:1:")
    assert f"      cluster: {ID}" in lines[start : start + 8]
    assert any(line.startswith("      basis: documented; source: ") for line in lines[start : start + 8])
    assert any(line.startswith("      do: ") for line in lines[start : start + 8])


def test_coverage_and_certainty_are_in_every_format(tmp_path):
    scan_text(tmp_path, "a.sh", SCRIPT)
    scan_text(tmp_path, "a.unheard-of", f"call {V1}/clusters\n")
    report = scan_text(tmp_path, "README.md", f"See {V1}.\n")
    lines = render_scan(report, ScanFormat.TEXT).split("\n")
    read = as_json(report)

    assert lines[1:4] == [
        "Parsed: 1 file (Shell 1).",
        "Matched by signature only, so hits are probable: 1 file (Any other text 1).",
        "Not scanned, because an example in prose is not a use: 1 file (Prose and records 1);"
        " 1 of them mentions v1.",
    ]
    assert {line for line in lines if "certainty:" in line} == {
        "      certainty: exact",
        "      certainty: probable",
    }
    assert read["coverage"]["ways"] == {"exact": 1, "signature": 1, "prose": 1, "no reader": 0}
    assert {Path(each["path"]).name: each["certainty"] for each in read["hits"]} == {
        "a.sh": "exact",
        "a.unheard-of": "probable",
    }
    assert lines[1] in json.dumps(as_sarif(report))


def test_json_declares_every_glob_of_the_table(patched):
    told = [
        glob
        for row in as_json(patched)["coverage"]["ecosystems"]
        for globs in row["globs"].values()
        for glob in globs
    ]

    assert sorted(told) == sorted(glob for kind in FILE_KINDS for glob in kind.globs)


def test_json_says_the_same(patched):
    read = as_json(patched)

    assert read["coverage"]["files"] == 1
    hit = next(each for each in read["hits"] if each["rule"] == "PGR122")
    assert (hit["path"], hit["line"], hit["cluster"]) == ("deploy/change it.sh", 1, ID)
    assert sum(read["severities"].values()) == len(read["hits"])


def test_sarif_has_a_physical_location(patched):
    run = as_sarif(patched)

    result = next(each for each in run["results"] if each["ruleId"] == "PGR122")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "deploy/change%20it.sh"
    assert place["region"]["startLine"] == 1
    assert result["locations"][0]["logicalLocations"] == [{"name": ID, "kind": "cluster"}]
    assert (result["kind"], result["level"]) == ("fail", "warning")
    assert run["invocations"][0]["executionSuccessful"] is True


@pytest.mark.parametrize("output", list(ScanFormat))
def test_the_whole_corpus_is_the_same_each_time(output):
    assert render_scan(scan_paths([CORPUS]), output) == render_scan(scan_paths([CORPUS]), output)


def test_the_whole_corpus_is_valid():
    report = scan_paths([CORPUS])

    assert len(as_json(report)["hits"]) == len(as_sarif(report)["results"]) == len(report.hits) > 100


@pytest.mark.parametrize("output", list(ScanFormat))
def test_nothing_to_scan_is_not_all_good(tmp_path, output):
    assert NOTHING in render_scan(scan_paths([tmp_path]), output)


def test_what_could_not_be_read_is_named(tmp_path):
    report = scan_paths([tmp_path / "nowhere"])

    assert "Not read: " in render_scan(report, ScanFormat.TEXT)
    assert as_json(report)["coverage"]["gaps"][0]["why"] == "it does not exist"
    assert as_sarif(report)["invocations"][0]["executionSuccessful"] is False


def test_a_file_name_that_is_no_utf8_keeps_its_bytes(tmp_path):
    name = b"caf\xe9.sh"
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text(SCRIPT)
    uri = as_sarif(scan_paths([tmp_path]))["results"][0]["locations"][0]["physicalLocation"][
        "artifactLocation"
    ]

    assert uri["uri"].startswith("file:///")
    assert unquote_to_bytes(uri["uri"]).endswith(b"/" + name)


def test_a_cluster_that_is_not_known_has_its_place_kept():
    report = made_of("")

    assert as_json(report)["hits"][0]["remedy"]["command"] == "/pg cluster show CLUSTER"


@given(texts)
def test_any_text_breaks_no_format(text):
    report = made_of(text)
    shown = render_scan(report, ScanFormat.TEXT)

    assert all(line.isprintable() for line in shown.split("\n"))
    assert as_json(report)["hits"][0]["found"] == text
    assert len(as_sarif(report)["results"]) == 1


def test_fingerprints_stay_when_lines_above_come_and_go(tmp_path):
    file = tmp_path / "ci.sh"
    line = "curl https://api.ionos.com/databases/postgresql/clusters\n"
    file.write_text(line * 2)
    before = as_sarif(scan_paths([tmp_path]))["results"]
    file.write_text("# a comment\n\n" + line * 2)
    after = as_sarif(scan_paths([tmp_path]))["results"]
    prints = [each["partialFingerprints"]["primaryLocationLineHash"] for each in before]

    assert prints == [each["partialFingerprints"]["primaryLocationLineHash"] for each in after]
    assert len(set(prints)) == len(prints) >= 2
