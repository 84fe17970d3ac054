"""Two snapshots in, exact sentences out."""

import pytest

from bot.reports.diff import MOST, carried, differences
from bot.reports.snapshot import Content, Section

GAP = "Could not look at v2 in fr/par"


def section(**rows):
    """Rows by name, each with its cells."""
    return Section(rows=rows, count=len(rows))


def said(before=None, now=None, caption="Clusters", **more):
    """What a section says of itself, held against what it said before."""
    return differences(
        Content(sections={caption: before} if before else {}),
        Content(sections={caption: now} if now else {}, **more),
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
            ["a: State is FAILED, was AVAILABLE, Owner is ann, was not said, Tier is not said, was prod."],
        ),
        (
            section(),
            section(**{f"c{number}": {} for number in range(7)}),
            ["New under “Clusters”: c0, c1, c2, c3, c4 and 2 more."],
        ),
        (Section(count=3), Section(count=3), []),
        (Section(count=3), Section(count=1_200), ["Clusters: 1,200 rows, was 3."]),
        (section(a={}), Section(count=1), []),
        (section(a={}), Section(count=2), ["Clusters: 2 rows, was 1."]),
        (Section(count=2), None, ["Clusters: 0 rows, was 2."]),
    ],
)
def test_a_table_says_what_is_new_what_is_gone_and_what_has_changed(before, now, sentences):
    assert said(before, now) == sentences


@pytest.mark.parametrize(
    ("before", "now", "sentences"),
    [
        ({"Ready": "3 of 9"}, {"Ready": "3 of 9"}, []),
        ({"Ready": "3 of 9"}, {"Ready": "4 of 9"}, ["Ready: 4 of 9, was 3 of 9."]),
        ({}, {"Ready": "4 of 9"}, ["Ready: 4 of 9, was not said."]),
        ({"Ready": "3 of 9"}, {}, ["Ready: no longer said, was 3 of 9."]),
    ],
)
def test_a_value_says_what_it_was(before, now, sentences):
    assert differences(Content(values=before), Content(values=now)) == sentences


def test_warnings_come_first_then_values_then_tables():
    before = Content(warnings=("Old.",), values={"Ready": "3"}, sections={"Clusters": section(a={})})
    now = Content(warnings=("New.",), values={"Ready": "4"}, sections={"Clusters": section(b={})})

    assert differences(before, now) == [
        "New warning: New.",
        "No longer warned of: Old.",
        "Ready: 4, was 3.",
        "New under “Clusters”: b.",
        "No longer under “Clusters”: a.",
    ]


def test_what_could_not_be_looked_at_is_never_called_gone():
    before = Content(values={"Clusters": "2"}, sections={"Clusters": section(a=ORDERS, b=ORDERS)})
    now = Content(
        values={"Clusters": "1"},
        sections={"Clusters": section(a=ORDERS)},
        warnings=(GAP,),
        is_partial=True,
    )

    assert differences(before, now) == [
        f"New warning: {GAP}",
        "Clusters: 1 as far as could be seen, was 2.",
        "Not seen this time under “Clusters”: b.",
    ]


def test_a_gap_that_stays_is_said_once_and_its_end_tells_what_became_of_the_rest():
    whole = Content(values={"Clusters": "3"}, sections={"Clusters": section(a=ORDERS, b=ORDERS, c=ORDERS)})
    partial = Content(
        values={"Clusters": "1"}, sections={"Clusters": section(a=ORDERS)}, warnings=(GAP,), is_partial=True
    )
    kept = carried(whole, partial)
    after = Content(
        values={"Clusters": "2"}, sections={"Clusters": section(a=ORDERS, b=ORDERS | {"State": "FAILED"})}
    )

    assert differences(kept, partial) == []
    assert carried(kept, partial) == kept
    assert differences(kept, after) == [
        f"No longer warned of: {GAP}",
        "Clusters: 2, was 1 as far as could be seen.",
        "No longer under “Clusters”: c.",
        "b: State is FAILED, was AVAILABLE.",
    ]


def test_rows_without_names_are_counted_as_far_as_they_could_be_seen():
    before = Content(sections={"Log": Section(count=10)})
    now = Content(sections={"Log": Section(count=4)}, is_partial=True)

    assert differences(before, now) == ["Log: 4 rows as far as could be seen, was 10."]
    assert carried(Content(sections={"Log": section(a={})}), now) == now


def test_a_table_that_is_missing_for_a_gap_is_kept_whole():
    before = Content(sections={"Clusters": section(a=ORDERS)})
    now = Content(warnings=(GAP,), is_partial=True)

    assert differences(before, now)[1:] == ["Not seen this time under “Clusters”: a."]
    assert carried(before, now).sections["Clusters"].rows == {"a": ORDERS}


def test_a_whole_look_is_kept_as_it_is():
    before, now = (Content(sections={"Clusters": section(**{name: {}})}) for name in ("a", "b"))

    assert carried(before, now) is now


@pytest.mark.parametrize(
    ("changes", "last"),
    [
        (MOST, f"Value {MOST - 1}: new, was old."),
        (MOST + 1, "And 1 more change."),
        (MOST + 5, "And 5 more changes."),
    ],
)
def test_more_than_a_dozen_changes_are_counted(changes, last):
    names = [f"Value {number}" for number in range(changes)]

    found = differences(
        Content(values=dict.fromkeys(names, "old")), Content(values=dict.fromkeys(names, "new"))
    )

    assert found[0] == "Value 0: new, was old."
    assert found[-1] == last
    assert len(found) == min(changes, MOST + 1)
