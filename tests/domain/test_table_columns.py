"""Columns of tables: the few that a screen shows, those that a person picks, and all of them for programs."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import BadArgument
from bot.domain.reply import Column, Reply, Table, Text, wide
from bot.domain.reply_document import to_csv
from bot.domain.reply_text import render_plain, summarize
from bot.domain.table_columns import hidden_columns, pick_columns, prefer_columns, screen_table, widen

COLUMNS = (Column("Name"), Column("PostgreSQL", "version"), Column("Warning", warns=True), wide("Region"))
ROWS = (("orders", "16", None, "de/fra"), ("wiki", "15", "no backup", "de/txl"))
CALM = Table("Clusters", COLUMNS, ROWS[:1])
ODD = Table("Clusters", COLUMNS, ROWS)


def shown(part):
    return screen_table(part).labels


def only(reply):
    return reply.parts[0]


@pytest.mark.parametrize(
    ("given", "labels"),
    [
        (CALM, ("Name", "PostgreSQL")),
        (ODD, ("Name", "PostgreSQL", "Warning")),
        (only(widen(Reply("", (CALM,)))), ("Name", "PostgreSQL", "Warning", "Region")),
        (Table("T", ("A", "B"), ((1, 2),)), ("A", "B")),
        (Table("T", (wide("A"),), ((1,),)), ("A",)),
    ],
)
def test_a_screen_shows_the_narrow_columns_and_warnings_that_a_row_has(given, labels):
    assert shown(given) == labels


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        (("region", "name"), ("Region", "Name", "Warning")),
        (("postgresql",), ("PostgreSQL", "Warning")),
        (("gone-since",), ("Name", "PostgreSQL", "Warning")),
        (("warning",), ("Warning",)),
        (("all",), ("Name", "PostgreSQL", "Warning", "Region")),
        ((), ("Name", "PostgreSQL", "Warning")),
    ],
)
def test_a_remembered_choice_never_hides_a_warning(words, labels):
    assert shown(only(prefer_columns(Reply("", (ODD,)), words))) == labels


def test_a_remembered_choice_leaves_csv_whole():
    reply = prefer_columns(Reply("", (ODD,)), ("region",))

    assert header(reply) == list(ODD.labels)


def header(reply):
    return next(csv.reader(io.StringIO(to_csv(only(reply)).decode())))


def test_columns_that_are_asked_for_are_exactly_those_on_every_surface():
    picked = pick_columns(Reply("", (ODD, Text("x"))), ("region", "version"))

    assert header(picked) == ["Region", "PostgreSQL"]
    assert shown(only(picked)) == ("Region", "PostgreSQL")
    assert hidden_columns(only(picked)) == ()


def test_a_table_without_any_of_them_stays_as_it_is():
    other = Table("Owners", ("Owner",), (("bob",),))

    assert pick_columns(Reply("", (ODD, other)), ("name",)).parts[1] == other


def test_an_unknown_column_is_refused_with_those_there_are():
    with pytest.raises(BadArgument) as refused:
        pick_columns(Reply("", (ODD,)), ("name", "colour"))

    assert refused.value.sentence == "There's no column “colour” here."
    assert "name, version, warning, region" in refused.value.next_step


def test_an_answer_without_tables_takes_any_columns():
    assert pick_columns(Reply("x", (Text("y"),)), ("colour",)) == Reply("x", (Text("y"),))


def test_plain_text_names_the_columns_it_leaves_out_and_a_file_has_all():
    plain = render_plain(Reply("x", (CALM,)))

    assert "de/fra" not in plain
    assert "More columns with --wide: region" in plain
    assert "de/fra" in render_plain(Reply("x", (CALM,)), is_whole=True)
    assert "de/fra" not in summarize(Reply("x", (CALM,)))


columns = st.lists(
    st.builds(Column, st.sampled_from("ABC"), st.sampled_from(["", "k"]), st.booleans(), st.booleans()),
    max_size=5,
).map(tuple)
cells = st.sampled_from([None, 1, "x"])


@given(
    columns, st.lists(st.lists(cells, max_size=6).map(tuple), max_size=3), st.lists(st.sampled_from("abck"))
)
def test_whatever_is_declared_a_screen_shows_a_rectangle_of_it(declared, rows, words):
    reply = prefer_columns(Reply("", (Table("T", declared, tuple(rows)),)), words)
    table = screen_table(only(reply))

    assert {len(row) for row in table.rows} <= {len(table.columns)}
    assert not rows or not declared or table.columns
    assert len(table.columns) + len(hidden_columns(only(reply))) <= max(
        [len(declared), *map(len, rows)], default=0
    )
