"""Missing arguments of a line, complaints about a form, and the line that a form makes."""

from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

import handlers
from bot.commands.declaration import Arguments, Command, Positional, Registry
from bot.commands.form_values import check_values, read_fillable, read_incomplete
from bot.commands.parser import parse, spell_line

REGISTRY = Registry.discover(handlers)


class ProbeArguments(Arguments):
    place: Annotated[str, Positional(), Field(description="Where")]
    reason: Annotated[str, Field(description="Why")] = ""
    size: Annotated[int, Field(ge=1, le=5, description="How large")] = 1
    color: Annotated[Literal["red", "blue"] | None, Field(description="Which")] = None
    loud: Annotated[bool, Field(description="Whether loud")] = False
    many: Annotated[list[str], Field(description="Several")] = []  # noqa: RUF012 - pydantic copies it


async def run_nothing(_args, _ctx):
    """Do nothing; it is never run."""


PROBE = Command(words=("probe",), summary="Probe.", details="", arguments=ProbeArguments, run=run_nothing)
PROBES = Registry((*REGISTRY, PROBE))


@pytest.mark.parametrize("text", ["probe", "probe --loud", "probe here --form", "probe --form"])
def test_a_form_opens_where_something_is_missing_or_it_is_asked_for(text):
    assert read_incomplete(text, PROBES).command is PROBE


@pytest.mark.parametrize("text", ["probe here", "probe --size 9", "probe --sise 1", "prob", 'probe "', ""])
def test_no_form_opens_where_all_is_there_or_something_else_is_wrong(text):
    assert read_incomplete(text, PROBES) is None


def test_what_a_form_could_mend_is_known():
    assert read_fillable("probe here --size 9", PROBES).values == {"place": "here", "size": "9"}
    assert read_fillable("whoami", PROBES) is None
    assert read_fillable("nonsense", PROBES) is None
    assert read_fillable("probe --form", PROBES) is None


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({}, "place", "Required: Where."),
        ({"place": "x", "size": "9"}, "size", "It must be at most 5."),
        ({"place": "x", "color": "green"}, "color", "Choose one of red, blue."),
    ],
)
def test_each_field_has_its_own_complaint(values, field, words):
    assert check_values(PROBE, values) == {field: words}
    assert check_values(PROBE, {"place": "x"}) == {}


TEXT = st.text("".join(map(chr, range(32, 127))), min_size=1, max_size=80).map(str.strip).filter(bool)
"""Text that a form keeps as it is: no controls, no blanks at its ends, nothing that only telephones type."""


@given(place=TEXT.filter(lambda text: not text.startswith("-")), reason=TEXT, loud=st.booleans())
def test_the_line_gives_the_values_back_whatever_was_put_in(place, reason, loud):
    values = {"place": place, "reason": reason, "loud": loud, "size": "3", "many": ["a", "b"]}

    arguments = parse(spell_line(PROBE, values), PROBES).arguments

    assert (arguments.place, arguments.reason, arguments.loud) == (place, reason, loud)
    assert (arguments.size, arguments.many) == (3, ["a", "b"])


def test_a_size_that_was_meant_in_megabytes_is_asked_about_beside_its_field():
    resize = REGISTRY.get(("cluster", "resize"))

    assert check_values(resize, {"cluster": "x", "ram": "8192", "storage": "1 TB"}) == {
        "ram": "That would be 8,192 GB, and the maximum is 240 GB. Did you mean 8 GB (8192 MB)?"
    }
