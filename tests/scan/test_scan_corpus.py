"""Precision and recall on a seeded corpus of uses of v1 and lookalikes."""

import json
import sys
from pathlib import Path

import pytest

from migrations.scan.scan import KnownCluster, scan_paths

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
EXPECTED = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
KNOWN = tuple(KnownCluster(**each) for each in EXPECTED["known"])

Key = tuple[str, int, str]


@pytest.fixture(scope="module")
def report():
    return scan_paths([CORPUS], known=KNOWN)


def key(hit) -> Key:
    return (Path(hit.path).relative_to(CORPUS).as_posix(), hit.line, hit.rule_id)


def expected() -> dict[Key, str | None]:
    return {(each["path"], each["line"], each["rule"]): each["cluster"] for each in EXPECTED["hits"]}


def test_precision_and_recall(report, capsys):
    found = {key(hit) for hit in report.hits}
    known = expected().keys()
    right = found & known
    precision, recall = len(right) / len(found), len(right) / len(known)
    with capsys.disabled():
        sys.stdout.write(
            f"\nscan of {report.files} files: {len(found)} hits, {len(known)} expected,"
            f" {len(EXPECTED['decoys'])} decoys; precision {precision:.3f}, recall {recall:.3f}\n"
        )

    assert (sorted(found - known), sorted(known - found)) == ([], [])
    assert precision >= 0.95
    assert recall >= 0.95


def test_a_decoy_is_no_hit(report):
    hit_lines = {key(hit)[:2] for hit in report.hits}
    fallen_for = [each for each in EXPECTED["decoys"] if (each["path"], each["line"]) in hit_lines]

    assert fallen_for == []


def test_a_hit_names_its_cluster_where_that_can_be_told(report):
    """If several hits of a rule share a line, all of them must agree."""
    told = {(key(hit), hit.cluster) for hit in report.hits}

    assert told == set(expected().items())


def test_the_corpus_is_large_enough_to_mean_something(report):
    assert report.files >= 25
    assert len(expected()) >= 60
    assert len(EXPECTED["decoys"]) >= 20
    assert {rule for _, _, rule in expected()} == {f"PGR{number}" for number in range(120, 135)}
    assert report.gaps == ()


def test_no_secret_of_a_scanned_file_reaches_the_report(report):
    """The corpus holds canaries wherever passwords stand."""
    files = [path for path in CORPUS.rglob("*") if path.is_file()]
    canaries = sum(path.read_text(encoding="utf-8").count("Canary-Password") for path in files)

    assert canaries >= 9
    assert "Canary" not in repr(report)
    assert "Y2FuYXJ5" not in repr(report)


def test_the_same_tree_gives_the_same_report(report):
    assert scan_paths([CORPUS], known=KNOWN) == report
    assert list(report.hits) == sorted(report.hits, key=lambda hit: (hit.path, hit.line, hit.column))
