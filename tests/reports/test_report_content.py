"""Snapshots of replies: names and words, without what only time has changed."""

from datetime import UTC, datetime

import pytest

from bot.domain.reply import Chart, Choice, Choices, Fields, Note, Reply, Table, Text, Warn
from bot.reports.snapshot import ReportSnapshot, SnapshotTable, select_parts, strip_times, take_snapshot

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("backup 3 hours ago", "backup …"),
        ("expires in 12 days", "expires …"),
        ("4 days more", "…"),
        ("just now", "…"),
        ("less than a minute ago", "…"),
        ("since 2026-11-23 09:00 UTC", "since …"),
        ("2026-11-23", "…"),
        ("14 clusters", "14 clusters"),
        ("version 17.2", "version 17.2"),
    ],
)
def test_ages_and_times_are_left_out_of_a_text(text, rest):
    assert strip_times(text) == rest


def test_a_table_is_kept_by_the_names_of_its_rows():
    rows = (("orders", "AVAILABLE", 3, AT, True, None), ("ledger", "BUSY", 1, AT, False, "2 days ago"))
    reply = Reply("Fleet", (Table("Clusters", ("Name", "State", "Nodes", "At", "Logs", "Age"), rows),))

    assert take_snapshot(reply) == ReportSnapshot(
        title="Fleet",
        sections={
            "Clusters": SnapshotTable(
                rows={
                    "orders": {"State": "AVAILABLE", "Nodes": "3", "Logs": "yes"},
                    "ledger": {"State": "BUSY", "Nodes": "1", "Logs": "no"},
                },
                count=2,
            )
        },
    )


@pytest.mark.parametrize(
    "rows", [(("orders", 1), ("orders", 2)), ((AT, 1), (AT, 2)), ((1, "a"), (2, "b")), ((), ())]
)
def test_rows_without_names_of_their_own_are_only_counted(rows):
    kept = take_snapshot(Reply("Log", (Table("Lines", ("A", "B"), rows),))).sections["Lines"]

    assert kept == SnapshotTable(count=2)
    assert kept.is_only_counted


def test_an_empty_table_is_not_one_that_is_only_counted():
    kept = take_snapshot(Reply("Log", (Table("Lines", ("A", "B"), ()),))).sections["Lines"]

    assert not kept.is_only_counted


def test_values_and_warnings_are_kept_without_their_times():
    reply = Reply(
        "Fleet",
        (
            Warn("Could not read v2 in fr/par"),
            Warn("3 hours ago"),
            Fields((("Clusters", 44), ("Checked", AT), ("Next", "in 5 minutes"))),
            Text("Not kept."),
        ),
    )

    assert take_snapshot(reply) == ReportSnapshot(
        title="Fleet",
        values={"Clusters": "44"},
        warnings=("Could not read v2 in fr/par", "…"),
        is_partial=True,
    )


def test_an_ordinary_warning_does_not_make_it_partial():
    assert not take_snapshot(Reply("Fleet", (Warn("2 waivers lapse"),))).is_partial


def parts(*, sections=(), muted=()):
    """Return the remaining captions and texts."""
    reply = Reply(
        "Fleet",
        (
            Text("Words"),
            Table("Failed", ("Name",), ()),
            Chart("Trend", "line", ("Mon",), (("Rows", (1.0,)),)),
            Table("Old", ("Name",), ()),
            Note("Below"),
            Choices((Choice("Open", "help"),)),
        ),
        ok=False,
    )
    found = select_parts(reply, sections, muted)
    assert not found.ok
    return [part.caption if isinstance(part, Table | Chart) else type(part).__name__ for part in found.parts]


def test_sections_choose_tables_and_charts_and_muting_takes_them_away():
    assert parts() == ["Text", "Failed", "Trend", "Old", "Note", "Choices"]
    assert parts(sections=("failed", "TREND")) == ["Text", "Failed", "Trend", "Note", "Choices"]
    assert parts(muted=("Old",)) == ["Text", "Failed", "Trend", "Note", "Choices"]
    assert parts(sections=("Failed",), muted=("failed",)) == ["Text", "Note", "Choices"]
