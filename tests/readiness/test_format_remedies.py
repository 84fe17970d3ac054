"""Lines to copy: with the cluster's own values, and safe under any cluster name."""

import shlex
from dataclasses import replace

import pytest
from format_kit import HARM, texts
from hypothesis import given
from rule_kit import READY

from migrations.formats.contents import fill_remedy
from migrations.rule import Remedy

LINES = Remedy(
    text="Do it.",
    command="/pg cluster show {name}",
    ionosctl="ionosctl get --cluster-id {id} --location {region}",
    sql="SELECT '{name}';",
)


def test_values_take_the_places_that_are_kept_for_them():
    done = fill_remedy(LINES, READY)

    assert done.command == "/pg cluster show orders-prod"
    assert done.ionosctl == f"ionosctl get --cluster-id {READY.id} --location de/txl"
    assert done.sql == "SELECT 'orders-prod';"
    assert done.text == LINES.text


@pytest.mark.parametrize("name", ["orders prod", "it's", "a;b", "$(id)", "`id`", "a&b|c>d", "{id}", "日本"])
def test_a_shell_reads_the_name_as_one_word(name):
    done = fill_remedy(LINES, replace(READY, name=name))

    assert shlex.split(done.command)[3] == name


@pytest.mark.parametrize("name", ["", "-rf", "--help", "a\nb", "\x1b[2J", "\u202eevil"])
def test_a_name_that_cannot_be_typed_gives_way_to_the_id(name):
    assert fill_remedy(LINES, replace(READY, name=name)).command == f"/pg cluster show {READY.id}"


def test_by_id_the_name_is_not_used():
    assert fill_remedy(LINES, READY, by_id=True).command == f"/pg cluster show {READY.id}"


def test_a_quote_does_not_end_a_literal_of_sql():
    assert fill_remedy(LINES, replace(READY, name="it's")).sql == "SELECT 'it''s';"


@given(name=texts, id=texts, region=texts)
def test_no_value_makes_another_word_or_another_line(name, id, region):  # noqa: A002
    done = fill_remedy(LINES, replace(READY, name=name, id=id, region=region))

    assert len(shlex.split(done.command)) == 4
    assert len(shlex.split(done.ionosctl)) == 6
    assert all(line.isprintable() for line in (done.command, done.ionosctl, done.sql))
    assert done.sql.count("'") % 2 == 0


def test_the_harm_is_harm():
    """The list would be of no use if a format were tried with tame text only."""
    assert any(not text.isprintable() for text in HARM)
    assert any(text.startswith("=") for text in HARM)
    assert any("</script>" in text for text in HARM)
