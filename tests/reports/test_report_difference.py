"""Two snapshots in, exact sentences out."""

import pytest

from bot.reports.snapshot import (
    MAX_SENTENCES,
    ReportSnapshot,
    SnapshotTable,
    carry_over,
    describe_differences,
    select_tables,
)

GAP = "Could not read v2 in fr/par"


def section(**rows):
    """Return rows by name, each with its cells."""
    return SnapshotTable(rows=rows, count=len(rows))


def said(before=None, now=None, caption="Clusters", **more):
    """Return the sentences of a section compared with its previous snapshot."""
    return describe_differences(
        ReportSnapshot(sections={caption: before} if before else {}),
        ReportSnapshot(sections={caption: now} if now else {}, **more),
    )


ORDERS = {"State": "AVAILABLE", "Tier": "prod"}


@pytest.mark.parametrize(
    ("before", "now", "sentences"),
    [
        (section(a=ORDERS), section(a=ORDERS), []),
        (section(a=ORDERS), section(a=ORDERS, b={}), ["New under “Clusters”: b."]),
        (section(a=ORDERS, b={}), section(a=ORDERS), ["No longer under “Clusters”: b."]),
        (None, section(a={}), ["New under “Clusters”: a."]),
        (section(a={}), None, ["No longer under “Clusters”: a."]),
        (section(a=ORDERS), section(a=ORDERS | {"State": "FAILED"}), ["a: State is FAILED, was AVAILABLE."]),
        (
            section(a=ORDERS),
            section(a={"State": "FAILED", "Owner": "ann"}),
            [
                "a: State is FAILED, was AVAILABLE, Owner is ann, was not reported, "
                "Tier is not reported, was prod."
            ],
        ),
        (
            section(),
            section(**{f"c{number}": {} for number in range(7)}),
            ["New under “Clusters”: c0, c1, c2, c3, c4 and 2 more."],
        ),
        (SnapshotTable(count=3), SnapshotTable(count=3), []),
        (SnapshotTable(count=3), SnapshotTable(count=1_200), ["Clusters: 1,200 rows, was 3."]),
        (section(a={}), SnapshotTable(count=1), []),
        (section(a={}), SnapshotTable(count=2), ["Clusters: 2 rows, was 1."]),
        (SnapshotTable(count=2), None, ["Clusters: 0 rows, was 2."]),
    ],
)
def test_a_table_says_what_is_new_what_is_gone_and_what_has_changed(before, now, sentences):
    assert said(before, now) == sentences


@pytest.mark.parametrize(
    ("before", "now", "sentences"),
    [
        ({"Ready": "3 of 9"}, {"Ready": "3 of 9"}, []),
        ({"Ready": "3 of 9"}, {"Ready": "4 of 9"}, ["Ready: 4 of 9, was 3 of 9."]),
        ({}, {"Ready": "4 of 9"}, ["Ready: 4 of 9, was not reported."]),
        ({"Ready": "3 of 9"}, {}, ["Ready: no longer reported, was 3 of 9."]),
    ],
)
def test_a_value_says_what_it_was(before, now, sentences):
    assert describe_differences(ReportSnapshot(values=before), ReportSnapshot(values=now)) == sentences


def test_warnings_come_first_then_values_then_tables():
    before = ReportSnapshot(warnings=("Old.",), values={"Ready": "3"}, sections={"Clusters": section(a={})})
    now = ReportSnapshot(warnings=("New.",), values={"Ready": "4"}, sections={"Clusters": section(b={})})

    assert describe_differences(before, now) == [
        "New warning: New.",
        "No longer a warning: Old.",
        "Ready: 4, was 3.",
        "New under “Clusters”: b.",
        "No longer under “Clusters”: a.",
    ]


def test_what_could_not_be_looked_at_is_never_called_gone():
    before = ReportSnapshot(values={"Clusters": "2"}, sections={"Clusters": section(a=ORDERS, b=ORDERS)})
    now = ReportSnapshot(
        values={"Clusters": "1"},
        sections={"Clusters": section(a=ORDERS)},
        warnings=(GAP,),
        is_partial=True,
    )

    assert describe_differences(before, now) == [
        f"New warning: {GAP}",
        "Clusters: 1 (incomplete), was 2.",
        "Not seen this time under “Clusters”: b.",
    ]


def test_a_gap_that_stays_is_said_once_and_its_end_tells_what_became_of_the_rest():
    whole = ReportSnapshot(
        values={"Clusters": "3"}, sections={"Clusters": section(a=ORDERS, b=ORDERS, c=ORDERS)}
    )
    partial = ReportSnapshot(
        values={"Clusters": "1"}, sections={"Clusters": section(a=ORDERS)}, warnings=(GAP,), is_partial=True
    )
    kept = carry_over(whole, partial)
    after = ReportSnapshot(
        values={"Clusters": "2"}, sections={"Clusters": section(a=ORDERS, b=ORDERS | {"State": "FAILED"})}
    )

    assert describe_differences(kept, partial) == []
    assert carry_over(kept, partial) == kept
    assert describe_differences(kept, after) == [
        f"No longer a warning: {GAP}",
        "Clusters: 2, was 1 (incomplete).",
        "No longer under “Clusters”: c.",
        "b: State is FAILED, was AVAILABLE.",
    ]


def test_rows_without_names_are_counted_as_far_as_they_could_be_seen():
    before = ReportSnapshot(sections={"Log": SnapshotTable(count=10)})
    now = ReportSnapshot(sections={"Log": SnapshotTable(count=4)}, is_partial=True)

    assert describe_differences(before, now) == ["Log: 4 rows (incomplete), was 10."]
    assert carry_over(ReportSnapshot(sections={"Log": section(a={})}), now) == now


def test_a_table_that_is_missing_for_a_gap_is_kept_whole():
    before = ReportSnapshot(sections={"Clusters": section(a=ORDERS)})
    now = ReportSnapshot(warnings=(GAP,), is_partial=True)

    assert describe_differences(before, now)[1:] == ["Not seen this time under “Clusters”: a."]
    assert carry_over(before, now).sections["Clusters"].rows == {"a": ORDERS}


def test_a_whole_look_is_kept_as_it_is():
    before, now = (ReportSnapshot(sections={"Clusters": section(**{name: {}})}) for name in ("a", "b"))

    assert carry_over(before, now) is now


@pytest.mark.parametrize(
    ("changes", "last"),
    [
        (MAX_SENTENCES, f"Value {MAX_SENTENCES - 1}: new, was old."),
        (MAX_SENTENCES + 1, "And 1 more change."),
        (MAX_SENTENCES + 5, "And 5 more changes."),
    ],
)
def test_more_than_a_dozen_changes_are_counted(changes, last):
    names = [f"Value {number}" for number in range(changes)]

    found = describe_differences(
        ReportSnapshot(values=dict.fromkeys(names, "old")), ReportSnapshot(values=dict.fromkeys(names, "new"))
    )

    assert found[0] == "Value 0: new, was old."
    assert found[-1] == last
    assert len(found) == min(changes, MAX_SENTENCES + 1)


def test_a_heading_of_an_earlier_release_is_not_news():
    stored = {
        "sections": {"Backups that need a look": {"rows": {"orders": {"Kept days": "7"}}, "count": 1}},
        "values": {"Cannot tell": "crm"},
    }
    now = ReportSnapshot(
        sections={"Backups that need attention": section(orders={"Retention (days)": "7"})},
        values={"Could not be read": "crm"},
    )

    assert describe_differences(ReportSnapshot.model_validate(stored), now) == []


def test_a_heading_of_an_earlier_release_still_selects_and_mutes_its_table():
    now = ReportSnapshot(sections={"Waivers about to expire": section(a={}), "Blocked": section(b={})})

    assert [*select_tables(now, ("Waivers about to lapse",), ()).sections] == ["Waivers about to expire"]
    assert [*select_tables(now, (), ("Waivers about to lapse",)).sections] == ["Blocked"]
