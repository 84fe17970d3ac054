"""Lines that are spelled are read back as they were, whatever text is in them."""

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import handlers
from bot.commands.declaration import Registry, field_choices
from bot.commands.parser import is_list, parse, spell, spell_line
from bot.commands.tokenizer import as_read, quote_word, split

REGISTRY = Registry.discover(handlers)

AWKWARD = (
    "", " ", "-x", "--help", "help", "—reason", "it's", "'", '"', "\\", "a\\", "&amp;", "&lt", "&", "a & b",
    "<@U1>", "<a|b", "c>", "a < b", "<!here>", "`x`", "“x”", "‘x’", "x,y", "a=b", "=", "$HOME", "*", "#1",
    "e\u0301", "two\nlines", "tab\there", "\u202ex", "\u00a0", "\u037e", "\u1fef",
)  # fmt: skip
TEXT = st.one_of(
    st.sampled_from(AWKWARD),
    st.lists(st.sampled_from(AWKWARD), max_size=4).map("".join),
    # Control characters are refused: a name without them is another.
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30),
)


def draw_value(info):
    """Draw a value for a field; text as it can come out of a line."""
    kinds = get_args(info.annotation) or (info.annotation,)
    if field_choices(info):
        return st.sampled_from(field_choices(info))
    if bool in kinds:
        return st.booleans()
    if int in kinds:
        return st.integers(-1, 300)
    if is_list(info):
        return st.lists(TEXT.map(lambda text: as_read(text).replace(",", "")).filter(bool), max_size=3)
    return TEXT.map(as_read)


@pytest.mark.parametrize("command", list(REGISTRY), ids=lambda command: command.name)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_the_arguments_of_every_command_come_back_from_its_line(command, data):
    fields = command.arguments.model_fields
    chosen = {
        name: data.draw(draw_value(info), label=name)
        for name, info in fields.items()
        if info.is_required() or data.draw(st.booleans(), label=f"{name} given")
    }
    try:
        arguments = command.arguments.model_validate(chosen)
    except ValidationError:
        return

    parsed = parse(spell(command, arguments), REGISTRY)

    assert (parsed.command, parsed.arguments) == (command, arguments)


@given(st.lists(TEXT, max_size=4))
def test_every_text_is_one_word(texts):
    """A line break or a tab becomes a blank; every other code point stays."""
    assert split(" ".join(map(quote_word, texts))) == [as_read(text) for text in texts]


@pytest.mark.parametrize("text", ["orders-prod", "2026-11-20T10:00Z", "U0BOB", "a.b_c/d:e+f%g=h,i@j"])
def test_a_plain_word_stays_as_it_is(text):
    assert quote_word(text) == text


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"cluster": "a b"}, "cluster show 'a b'"),
        ({"cluster": "--share"}, "cluster show --cluster=--share"),
        ({"cluster": "help"}, "cluster show --cluster=help"),
        ({"cluster": "R&D"}, "cluster show 'R&D'"),
        ({"cluster": "a&lt;b"}, "cluster show 'a&lt;b'"),
        ({"cluster": "e\u0301"}, "cluster show 'e\u0301'"),
        ({}, "cluster show"),
    ],
)
def test_how_lines_are_spelled(values, line):
    assert spell_line(REGISTRY.get(("cluster", "show")), values) == line


def test_no_command_is_the_beginning_of_another():
    """Otherwise its arguments could be read as the rest of the longer name. A cluster called “list” is
    drilled by its id."""
    names = [each.words for each in REGISTRY]
    begun = {
        (each, other) for each in names for other in names if each != other and other[: len(each)] == each
    }

    assert begun == {(("drill",), ("drill", "list"))}
