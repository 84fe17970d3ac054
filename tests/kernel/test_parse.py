"""What people type, on telephones and in a hurry, becomes a command or one clear sentence."""

from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

import handlers
from bot.command import Arguments, Command, Positional, Registry
from bot.errors import BadArgument, InputError, UnknownCommand
from bot.parse import LONGEST, clean, parse, spell, split, usage


class ProbeArguments(Arguments):
    """Every kind of field that a command can have."""

    cluster: Annotated[str, Positional(), Field(description="Which cluster")]
    reason: Annotated[str | None, Field(description="Why")] = None
    size: Annotated[int, Field(ge=1, le=5, description="How many")] = 1
    mode: Annotated[Literal["fast", "careful"], Field(description="How")] = "careful"
    tags: Annotated[tuple[str, ...], Field(description="Some words")] = ()
    dry_run: Annotated[bool, Field(description="Only look")] = False


async def never(_args, _ctx):
    raise AssertionError("parsing runs nothing")


def probe(*words: str) -> Command:
    return Command(words=words, summary="Probe.", details="", arguments=ProbeArguments, run=never)


REGISTRY = Registry((*Registry.discover(handlers), probe("probe"), probe("probe", "deep")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("probe orders", {"cluster": "orders"}),
        ("PROBE orders", {"cluster": "orders"}),
        ("probe orders --size 3", {"size": 3}),
        ("probe orders --size=3", {"size": 3}),
        ("probe --size 3 orders", {"cluster": "orders", "size": 3}),
        ("probe orders --dry-run", {"dry_run": True}),
        ("probe orders --dry-run=false", {"dry_run": False}),
        ("probe orders --tags a --tags b,c", {"tags": ("a", "b", "c")}),
        ('probe orders --reason "bad deploy"', {"reason": "bad deploy"}),
        ("probe orders --reason “bad deploy”", {"reason": "bad deploy"}),
        ("probe orders —reason ‘bad deploy’", {"reason": "bad deploy"}),
        ("probe orders –-size 3", {"size": 3}),
        ("probe orders --reason it's", {"reason": "it's"}),
        ("probe\u00a0orders\u00a0--size\u00a02", {"cluster": "orders", "size": 2}),
        ("probe <http://orders.example|orders.example>", {"cluster": "orders.example"}),
        ("probe <http://orders.example>", {"cluster": "http://orders.example"}),
        ("probe <@U0ALICE|alice>", {"cluster": "U0ALICE"}),
        ("probe <#C0OPS|ops>", {"cluster": "C0OPS"}),
        ("probe '&lt;!channel&gt;'", {"cluster": "<!channel>"}),
        ("probe <!channel>", {"cluster": "<!channel>"}),
        ("probe a&amp;b", {"cluster": "a&b"}),
        ("probe ord\u200bers", {"cluster": "orders"}),
        ("probe \u202eorders\u202c", {"cluster": "orders"}),
        ("probe orders\x07", {"cluster": "orders"}),
        ("probe 数据库", {"cluster": "数据库"}),
        ("probe 'two words'", {"cluster": "two words"}),
    ],
)
def test_text_as_slack_and_telephones_send_it_becomes_typed_arguments(text, expected):
    arguments = parse(text, REGISTRY).arguments

    assert expected == {key: getattr(arguments, key) for key in expected}


def test_the_longest_name_that_fits_is_the_command():
    assert parse("probe deep orders", REGISTRY).command.name == "probe deep"
    assert parse("probe orders", REGISTRY).command.name == "probe"


@pytest.mark.parametrize(
    ("text", "topic"), [("", None), ("help", None), ("cluster list --help", "cluster list")]
)
def test_help_is_a_command_and_a_flag_of_every_command(text, topic):
    parsed = parse(text, REGISTRY)

    assert ("help", topic) == (parsed.command.name, parsed.arguments.topic)


def test_share_is_a_flag_of_every_command():
    assert parse("whoami --share", REGISTRY).share
    assert not parse("whoami", REGISTRY).share


@pytest.mark.parametrize(
    ("text", "sentence", "step"),
    [
        ("clutser list", "no command “clutser list”", "“cluster list”"),
        ("cluster lsit", "no command “cluster lsit”", "“cluster list”"),
        ("cluster", "needs one more word", "cluster list, cluster show"),
        ("xyzzy", "no command “xyzzy”", "“help” lists"),
        ("🔥🔥🔥", "no command “🔥🔥🔥”", "“help” lists"),
        ("مرحبا", "no command", "“help” lists"),
    ],
)
def test_an_unknown_command_is_answered_with_the_nearest_one(text, sentence, step):
    with pytest.raises(UnknownCommand) as caught:
        parse(text, REGISTRY)

    assert sentence in caught.value.sentence
    assert step in caught.value.next_step


@pytest.mark.parametrize(
    ("text", "sentence", "step"),
    [
        ("probe", "needs <cluster>: Which cluster", "Usage: probe <cluster>"),
        ("probe a b", "“b” is one word too many", "Usage:"),
        ("probe a --sise 3", "no flag --sise", "--size"),
        ("probe a --size", "--size needs a value", "How many"),
        ("probe a --size --dry-run", "--size needs a value", "How many"),
        ("probe a --size many", "--size cannot be “many”", "Usage:"),
        ("probe a --size 9", "--size cannot be “9”: input should be less than or equal to 5", "Usage:"),
        ("probe a --size 1 --size 2", "--size is given 2 times", "once"),
        ("probe a --mode fats", "--mode cannot be “fats”", "Did you mean fast?"),
        ("probe a --mode 9", "--mode cannot be “9”", "one of fast, careful"),
        ('probe "a', "A quote was opened and not closed", "closing quote"),
        ("cluster list --stat BUSY", "no flag --stat", "--state"),
    ],
)
def test_a_bad_argument_is_one_sentence_with_the_next_step(text, sentence, step):
    with pytest.raises(BadArgument) as caught:
        parse(text, REGISTRY)

    assert sentence in caught.value.sentence
    assert step in caught.value.next_step
    assert "\n" not in caught.value.sentence


def test_three_thousand_characters_are_refused_with_the_limit():
    with pytest.raises(BadArgument, match=f"3,000 characters, and a command has at most {LONGEST:,}"):
        parse("x" * 3000, REGISTRY)


def test_an_error_never_repeats_more_than_a_little_of_what_was_typed():
    with pytest.raises(UnknownCommand) as caught:
        parse("x" * LONGEST, REGISTRY)

    assert len(caught.value.sentence) < 100


@given(st.text())
def test_any_text_is_a_command_or_one_clear_sentence(text):
    try:
        outcome = parse(text, REGISTRY)
    except InputError as error:
        outcome = error.sentence and error.next_step

    assert outcome


@given(st.text(max_size=200))
def test_clean_text_holds_no_control_or_direction_characters(text):
    assert not set(clean(text)) & set("\x00\x1b\n\r\t\u200b\u202e\u2066\ufeff")


@given(
    cluster=st.text(min_size=1, max_size=20).filter(
        lambda text: clean(text) == text and text and text[0] != "-"
    ),
    size=st.integers(1, 5),
    dry_run=st.booleans(),
)
def test_a_spelled_command_is_parsed_to_the_same_arguments(cluster, size, dry_run):
    arguments = ProbeArguments(cluster=cluster, size=size, dry_run=dry_run, tags=("a", "b"))

    line = spell(REGISTRY.get(("probe",)), arguments)

    if split(line)[1:2] not in (["help"], ["deep"]):
        assert arguments == parse(line, REGISTRY).arguments


def test_usage_shows_what_is_required_and_what_is_not():
    expected = "probe <cluster> [--reason …] [--size …] [--mode …] [--tags …] [--dry-run]"

    assert expected == usage(REGISTRY.get(("probe",)))
