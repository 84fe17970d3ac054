"""Replies as plain text, summary, JSON and CSV."""

import csv
import io
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from reply_strategies import replies, tables

from bot.domain import text_safety
from bot.domain.reply import (
    Choice,
    Choices,
    Code,
    Fields,
    File,
    Note,
    Reply,
    Table,
    Warn,
)
from bot.domain.reply_document import to_csv
from bot.domain.reply_text import format_cell, render_plain, summarize

AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)

CLUSTERS = Table(
    "Clusters",
    ("Name", "GB", "Created"),
    (("orders-prod", 200, AT), ("日本", 5, None)),
    "clusters",
)
REPLY = Reply(
    "2 clusters",
    (
        CLUSTERS,
        Warn("es/vit did not answer.\nIts clusters are missing."),
        Warn("gb/lhr did not answer."),
        Fields((("Name", "orders-prod"), ("Region", None))),
        Code("SELECT 1;\nSELECT 2;"),
        File("clusters.csv", b"12345"),
        Choices((Choice("Refresh", "cluster list"),)),
        Note("That is all."),
    ),
)


def test_a_reply_in_the_terminal():
    assert render_plain(REPLY) == (
        "2 clusters\n"
        "\n"
        "Clusters\n"
        "Name          GB  Created\n"
        "──────────────────────────────────────\n"
        "orders-prod  200  2026-11-20 10:00 UTC\n"
        "日本           5  –\n"
        "\n"
        "Warning: es/vit did not answer.\n"
        "         Its clusters are missing.\n"
        "Warning: gb/lhr did not answer.\n"
        "\n"
        "Name:    orders-prod\n"
        "Region:  –\n"
        "\n"
        "    SELECT 1;\n"
        "    SELECT 2;\n"
        "\n"
        "File: clusters.csv (5 bytes)\n"
        "\n"
        "Refresh: cluster list\n"
        "\n"
        "That is all.\n"
    )


def test_columns_line_up_by_what_is_seen():
    rows = (("日本語", 1), ("e\u0301e\u0301", 2), ("plain", 3))
    lines = render_plain(Reply("x", (Table("T", ("Name", "N"), rows),))).splitlines()[3:]
    ends = {text_safety.terminal_width(line) for line in lines if not line.startswith("─")}
    assert len(ends) == 1


def test_one_long_cell_does_not_push_the_other_rows_aside():
    rows = (("x" * 300, "a"), ("short", "b"))
    lines = render_plain(Reply("x", (Table("T", ("Name", "Letter"), rows),))).splitlines()
    assert len(lines[-1]) < 80
    assert lines[-2].endswith("x  a")


@given(replies)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
def test_nothing_in_a_reply_can_steer_the_terminal(reply):
    for text in (render_plain(reply), summarize(reply)):
        assert text_safety.strip_invisible(text) == text
        text.encode()


@pytest.mark.parametrize("part", [Fields((("Name", "a\nFORGED"),)), Table("T", ("Name",), (("a\nFORGED",),))])
def test_a_value_cannot_forge_a_line(part):
    lines = render_plain(
        Reply("x\nFORGED", (part, Choices((Choice("a\nFORGED", "b\r\nFORGED"),))))
    ).splitlines()
    assert not [line for line in lines if line.startswith("FORGED")]


def test_what_cannot_be_seen_is_written_out():
    assert "prod\\x1b[2J\\u202e\\U000e0001" in render_plain(Reply("prod\x1b[2J\u202e\U000e0001"))


def test_an_error_is_said_to_be_one():
    assert render_plain(Reply("No such cluster.", ok=False)) == "Error: No such cluster.\n"
    assert summarize(Reply("No such cluster.", ok=False)) == "Error: No such cluster."


def test_an_empty_table_is_said_to_be_empty():
    assert "Clusters: none" in render_plain(Reply("x", (Table("Clusters", ("Name",), ()),)))
    assert "Clusters: none" in summarize(Reply("x", (Table("Clusters", ("Name",), ()),)))


def test_a_summary_puts_warnings_before_the_rest():
    lines = summarize(REPLY).splitlines()
    assert lines[:2] == ["2 clusters", "Warning: es/vit did not answer."]
    assert "orders-prod, GB 200, Created 2026-11-20 10:00 UTC" in lines
    assert "Name: orders-prod, Region: –" in lines
    assert "Refresh" not in summarize(REPLY)


def test_a_summary_counts_the_rows_it_leaves_out():
    table = Table("Clusters", ("Name",), tuple((f"c-{n}",) for n in range(42)))
    assert summarize(Reply("x", (table,))).endswith("c-4\nand 37 more")


@given(replies)
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
def test_a_summary_keeps_to_its_limit(reply):
    assert len(summarize(reply, limit=80)) <= 80


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (None, "–"),
        ("", "–"),
        (True, "yes"),
        (0, "0"),
        (1.5, "1.5"),
        (AT, "2026-11-20 10:00 UTC"),
        (AT + timedelta(seconds=5), "2026-11-20 10:00:05 UTC"),
        (AT.astimezone(timezone(timedelta(hours=2))), "2026-11-20 10:00 UTC"),
    ],
)
def test_cells_in_words(cell, shown):
    assert format_cell(cell) == shown


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "＝1"])
def test_a_spreadsheet_runs_nothing_from_a_csv(cell):
    ((_,), (value,)) = csv.reader(io.StringIO(to_csv(Table("T", ("a",), ((cell,),))).decode()))
    assert value.startswith("'")


def test_csv_is_rfc_4180_in_utf_8():
    made = to_csv(Table("T", ("Name", "GB"), (('a,"b"\nc', -5), ("日本", None), (AT, True))))
    assert made.decode() == ('Name,GB\r\n"a,""b""\nc",-5\r\n日本,\r\n2026-11-20T10:00:00Z,true\r\n')


@given(tables)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_every_table_comes_back_from_its_csv_as_a_rectangle(table):
    rows = list(csv.reader(io.StringIO(to_csv(table).decode(), newline="")))
    assert len({len(row) for row in rows if row}) <= 1
    assert len(rows) >= len(table.rows) or not table.columns


def test_hidden_characters_are_those_that_unicode_says_are():
    """Format characters of Arabic, Syriac, Kaithi and Egyptian writing are drawn, and stay."""
    drawn = set(range(0x600, 0x606)) | {0x6DD, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    for code in range(0x110000):
        category = unicodedata.category(chr(code))
        if category in {"Cc", "Cf", "Cs", "Zl", "Zp"} and code not in drawn and chr(code) not in "\t\n":
            assert text_safety.escape_invisible(chr(code)) != chr(code), hex(code)
            assert text_safety.strip_invisible(chr(code)) in {"", "\n"}, hex(code)
        elif category[0] in "PSN" and code != 0x2800:
            assert text_safety.strip_invisible(chr(code)) == chr(code), hex(code)


def test_a_button_that_opens_a_form_in_slack_is_the_line_to_type_here():
    form = Choices(
        (
            Choice("Restore to a new cluster instead", "cluster create a --like b --form"),
            Choice("Show", "x show"),
        )
    )

    assert render_plain(Reply("t", (form,))).endswith(
        "Restore to a new cluster instead: cluster create a --like b\nShow: x show\n"
    )
