"""CSV: one row per item, and nothing that a spreadsheet would run."""

import csv
import io

import pytest
from format_kit import full_of, report, texts
from hypothesis import given

from migrations.formats.as_csv import COLUMNS, as_csv


def rows(text):
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_coverage_first_then_a_row_for_each_item():
    read = rows(as_csv(report()))

    assert [row["kind"] for row in read] == [
        *["coverage"] * 8,
        "clients",
        *["finding"] * 4,
        "inconclusive",
        "ask",
    ]
    assert read[0]["why"].startswith("1 cluster × 6 rules checked")
    assert read[8]["clients"] == "still on v1"
    assert read[8]["why"].startswith("scan: main.tf:3, PGR122 (orders.json)")
    finding = read[9]
    assert finding["cluster"] == "orders-prod"
    assert finding["severity"] == "blocker"
    assert finding["standing"] == "pending: not visible in v2"
    assert finding["evidence"].count("\n") == 1
    assert finding["sql"] == "CREATE ROLE app LOGIN;\n\\password app"
    assert finding["read_at"] == "2026-11-23T09:00:00Z"
    assert read[11]["waived"] == "U0ALICE, until 2026-12-23T09:00:00Z: the move is planned"


def test_lines_end_as_the_standard_says():
    text = as_csv(report(gaps=()))

    assert text.endswith("\r\n")
    assert text.split("\r\n")[0] == ",".join(COLUMNS)


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1+1", "@SUM(A1)", " =1+1", "＝1+1"])
def test_what_looks_like_a_formula_is_text(name):
    assert rows(as_csv(full_of(name)))[-1]["cluster"] == f"'{name}"


@given(texts)
def test_no_text_makes_another_cell_or_a_formula(text):
    read = rows(as_csv(full_of(text)))

    assert len(read) == len(rows(as_csv(full_of("tame"))))
    for row in read:
        assert set(row) == set(COLUMNS)
        for cell in row.values():
            assert cell.replace("\n", "").isprintable()
            assert not cell.lstrip().startswith(("=", "+", "-", "@"))
