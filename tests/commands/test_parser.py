"""Typed text, on phones and in a hurry, becomes a command or one clear sentence."""

from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

import handlers
from bot.commands.declaration import Arguments, Command, Positional, Registry
from bot.commands.parser import describe_usage, parse, spell
from bot.commands.tokenizer import LONGEST, split
from bot.domain.errors import BadArgument, InputError, UnknownCommand
from bot.domain.phrases import quote_text
from bot.domain.redaction import remember_secrets


class ProbeArguments(Arguments):
    """Arguments of every kind that a command can have."""

    cluster: Annotated[str, Positional(), Field(description="Which cluster")]
    reason: Annotated[str | None, Field(description="Why")] = None
    size: Annotated[int, Field(ge=1, le=5, description="How many")] = 1
    mode: Annotated[Literal["fast", "careful"], Field(description="How")] = "careful"
    tags: Annotated[tuple[str, ...], Field(description="Some words")] = ()
    dry_run: Annotated[bool, Field(description="Only look")] = False


async def run_never(_args, _ctx):
    raise AssertionError("parsing runs nothing")


def make_probe(*words: str) -> Command:
    return Command(words=words, summary="Probe.", details="", arguments=ProbeArguments, run=run_never)


REGISTRY = Registry((*Registry.discover(handlers), make_probe("probe"), make_probe("probe", "deep")))


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
        ("probe <b>", {"cluster": "<b>"}),
        ("probe <@U0ALICE|alice>", {"cluster": "<@U0ALICE|alice>"}),
        ("probe a&amp;b&lt;&eacute;", {"cluster": "a&amp;b&lt;&eacute;"}),
        ("probe ord\u200bers", {"cluster": "ord\u200bers"}),
        ("probe \u202eorders\u202c", {"cluster": "\u202eorders\u202c"}),
        ("pro\u200bbe orders --si\u00adze 2", {"cluster": "orders", "size": 2}),
        ("probe e\u0301", {"cluster": "e\u0301"}),
        ("probe \u00e9", {"cluster": "\u00e9"}),
        ("probe \U0001f468\u200d\U0001f469", {"cluster": "\U0001f468\u200d\U0001f469"}),
        ("probe 'no\u00a0break'\u3000--size 2", {"cluster": "no\u00a0break", "size": 2}),
        ("probe 'two\nlines'", {"cluster": "two lines"}),
        ("probe 数据库", {"cluster": "数据库"}),
        ("probe 'two words'", {"cluster": "two words"}),
        ('probe "it\'s"', {"cluster": "it's"}),
        ("probe “it’s”", {"cluster": "it’s"}),
        ("probe ‘it’s two words’", {"cluster": "it’s two words"}),
        ("probe 'it's two words'", {"cluster": "it's two words"}),
        ("probe users'", {"cluster": "users'"}),
        ("probe users’ --reason ‘the users’", {"cluster": "users’", "reason": "the users"}),
        ('probe "a`b c"', {"cluster": "a`b c"}),
        ("probe 'a`b c'", {"cluster": "a`b c"}),
        ("probe a`b", {"cluster": "a`b"}),
        ("probe `two words`", {"cluster": "two words"}),
        ("probe `it's`", {"cluster": "it's"}),
        ("probe ```orders```", {"cluster": "orders"}),
        ('probe a --reason "say “hi there” now"', {"reason": "say “hi there” now"}),
        ('probe a --reason "“hi there” now"', {"reason": "“hi there” now"}),
        ("probe a --reason 'say “hi there” now'", {"reason": "say “hi there” now"}),
        ('probe a --reason “say "hi there" now”', {"reason": 'say "hi there" now'}),
        ("probe a --reason “say “hi there” now”", {"reason": "say “hi there” now"}),
        ("probe a --reason „bad deploy“", {"reason": "bad deploy"}),
        ("probe a --reason «bad deploy»", {"reason": "bad deploy"}),
        ('probe a --reason "bad deploy” --size 2', {"reason": "bad deploy", "size": 2}),
        ('probe a --reason “bad deploy" --tags “b”', {"reason": "bad deploy", "tags": ("b",)}),
        ("probe a --reason 'bad deploy’", {"reason": "bad deploy"}),
        ('probe a --reason "a \\"b\\" c"', {"reason": 'a "b" c'}),
        ("probe two\\ words", {"cluster": "two words"}),
        ("probe 'ends in \\'", {"cluster": "ends in \\"}),
        ("probe a --reason 'fix —now'", {"reason": "fix —now"}),
        ("probe -5 --size 2", {"cluster": "-5"}),
        ("probe -orders", {"cluster": "-orders"}),
    ],
)
def test_text_as_telephones_send_it_becomes_typed_arguments(text, expected):
    arguments = parse(text, REGISTRY).arguments

    assert expected == {key: getattr(arguments, key) for key in expected}


def test_the_longest_name_that_fits_is_the_command():
    assert parse("probe deep orders", REGISTRY).command.name == "probe deep"
    assert parse("probe orders", REGISTRY).command.name == "probe"


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("", None),
        ("help", None),
        ("cluster list --help", "cluster list"),
        ("restore orders-prod --help", "restore"),
        ("restore orders-prod --to 2h help", "restore"),
        ("cluster --help", "cluster"),
        ("--help", None),
        ("nothing like it --help", "nothing like it"),
        ("cluster list -h", "cluster list"),
        ("-h restore orders-prod", "restore"),
        ("restore --HELP orders-prod", "restore"),
        ("help me", None),
        ("help me restore orders-prod", "restore"),
        ("restore help me", "restore"),
        ("Hello there!", None),
        ("?", None),
        ("probe -h --size 3", "probe"),
    ],
)
def test_help_is_a_command_and_a_flag_of_every_command(text, topic):
    parsed = parse(text, REGISTRY)

    assert ("help", topic) == (parsed.command.name, parsed.arguments.topic)


@pytest.mark.parametrize(
    ("flags", "share"),
    [("--share", True), ("--share=Yes", True), ("", False), ("--share=no", False), ("--share=0", False)],
)
def test_share_is_a_flag_of_every_command(flags, share):
    assert parse(f"whoami {flags}", REGISTRY).flags.share is share


@pytest.mark.parametrize(
    ("text", "sentence", "step"),
    [
        ("clutser list", "“clutser list” is not a command", "“cluster list”"),
        ("cluster lsit", "“cluster lsit” is not a command", "“cluster list”"),
        ("cluster", "needs one more word", "“cluster list”"),
        ("changes", "“changes” is not a command", "“change list”"),
        ("backups orders-prod", "“backups orders-prod” is not a command", "“backup list orders-prod”"),
        ("cluster lits", "“cluster lits” is not a command", "“cluster list”"),
        ("change orders", "“change orders” is not a command", "“change list”"),
        ("withdraw c-7kq2mf", "“withdraw c-7kq2mf” is not a command", "“change withdraw c-7kq2mf”"),
        ("list clusters", "“list clusters” is not a command", "“cluster list”"),
        ("restor orders-prod", "“restor orders-prod” is not a command", "“restore orders-prod”"),
        ("undo", "“undo” is not a command", "“help” shows"),
        ("xyzzy", "“xyzzy” is not a command", "“help” shows"),
        ("🔥🔥🔥", "“🔥🔥🔥” is not a command", "“help” shows"),
        ("مرحبا", "is not a command", "“help” shows"),
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
        ("probe a b", "got too many arguments, from “b” on", "Usage:"),
        ("probe a --sise 3", "no flag --sise", "--size"),
        ("probe a --size", "--size needs a value", "How many"),
        ("probe a --size --dry-run", "--size needs a value", "How many"),
        ("probe a --size many", "--size can't be “many”", "Usage:"),
        ("probe a --size 9", "--size can't be “9”: it must be at most 5", "Usage:"),
        ("probe a --size 1 --size 2", "--size is given 2 times", "once"),
        ("probe a --mode fats", "--mode can't be “fats”", "Did you mean fast?"),
        ("probe a --mode 9", "--mode can't be “9”", "Choose one of fast, careful."),
        ('probe "a', "A quotation mark was opened but not closed", "closing one"),
        ("probe 'a b", "A quotation mark was opened but not closed", "closing one"),
        ("probe foo\\", "ends with a backslash", "single quotes"),
        ("probe a -size 3", "“-size” has one dash, but flags have two", "Did you mean --size?"),
        ("probe a -Sise=3", "“-Sise=3” has one dash", "Did you mean --size?"),
        ("probe a -share", "“-share” has one dash", "Did you mean --share?"),
        (
            "probe a --share=maybe",
            "--share takes yes or no, not “maybe”",
            "--share without a value means yes",
        ),
        ("probe a --share=maybe --share", "--share takes yes or no", "--share without a value means yes"),
        ("probe a --dry-run=maybe", "--dry-run takes yes or no, not “maybe”", "--dry-run without"),
        ("cluster list --stat BUSY", "no flag --stat", "Did you mean --state?"),
        ("cluster list --teir prod", "no flag --teir", "Did you mean --tier?"),
        ("restore a --reson x", "no flag --reson", "Did you mean --reason?"),
        ("restore a --dryrun", "no flag --dryrun", "Did you mean --dry-run?"),
        ("restore a --version 15", "no flag --version", "Its flags: --reason, --to"),
        ("restore a --jsen", "no flag --jsen", "Did you mean --json?"),
        ("change cancel c-1 --bogus", "no flag --bogus", "Its flags: --reason, --help"),
        ("restore a --to 2 hours ago please", "got too many arguments", "in quotes: --to"),
        (
            "change list all --since 2 hours ago",
            "got too many arguments, from “hours” on",
            ': --since "2 hours ago".',
        ),
        ("restore a --reason bad deploy", "got too many arguments", 'in quotes: --reason "…".'),
        ("restore a b --reason deploy", "got too many arguments", "Usage: restore <cluster>"),
        ("probe a --size 3 b", "got too many arguments", "Usage:"),
    ],
)
def test_a_bad_argument_is_one_sentence_with_the_next_step(text, sentence, step):
    with pytest.raises(BadArgument) as caught:
        parse(text, REGISTRY)

    assert sentence in caught.value.sentence
    assert step in caught.value.next_step
    assert "\n" not in caught.value.sentence


@pytest.mark.parametrize(
    ("given", "to"),
    [
        ("a --to 2 hours ago", "2 hours ago"),
        ("--to 2 hours ago a", "2 hours ago"),
        ("a --to yesterday 2pm --reason x", "yesterday 2pm"),
        ("--to last monday at 9:30 pm a", "last monday at 9:30 pm"),
        ("a --to 2026-11-20 10:00", "2026-11-20 10:00"),
        ("--to 2h a", "2h"),
    ],
)
def test_a_time_of_several_words_needs_no_quotes(given, to):
    arguments = parse(f"restore {given}", REGISTRY).arguments

    assert (arguments.cluster, arguments.to) == ("a", to)


def test_three_thousand_characters_are_refused_with_the_limit():
    with pytest.raises(BadArgument, match=f"at most {LONGEST:,} characters"):
        parse("x" * 3000, REGISTRY)


def test_an_error_never_repeats_more_than_a_little_of_what_was_typed():
    with pytest.raises(UnknownCommand) as caught:
        parse("x" * LONGEST, REGISTRY)

    assert len(caught.value.sentence) < 100


JWT = "eyJ0eXAiOiJKV1QiLCJraWQiOiJhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3gifQ.eyJpc3MiOiJpb25vcyJ9.c2lnbmF0"


@pytest.mark.parametrize(
    "text",
    [
        "probe a --{}",
        "probe a --size {}",
        "probe a {}",
        "{}",
        "probe a --mode {}",
        "probe a --share={}",
        "probe a --dry-run={}",
    ],
)
@pytest.mark.parametrize(
    "secret", [JWT, "Canary-Of-A-Password-That-Is-Longer-Than-What-Is-Shown", "xoxb-Can-ary"]
)
def test_an_error_repeats_no_secret_not_even_a_part_of_it(text, secret):
    remember_secrets(["Canary-Of-A-Password-That-Is-Longer-Than-What-Is-Shown"])

    with pytest.raises(InputError) as caught:
        parse(text.format(secret), REGISTRY)

    assert secret[:12].casefold() not in str(caught.value).casefold()


class SecretArguments(Arguments):
    """Arguments with a secret."""

    password: Annotated[str, Field(min_length=12, description="What to log in with")]


def test_a_value_of_a_secret_flag_is_never_repeated():
    command = Command(words=("hand",), summary="", details="", arguments=SecretArguments, run=run_never)

    with pytest.raises(BadArgument) as caught:
        parse("hand --password canary-9", Registry((command,)))

    assert "canary-9" not in str(caught.value)
    assert "at least 12 characters" in caught.value.sentence


def test_what_is_shown_is_short():
    assert quote_text("x" * 100) == "x" * 39 + "…"


@given(st.text())
def test_any_text_is_a_command_or_one_clear_sentence(text):
    try:
        outcome = parse(text, REGISTRY)
    except InputError as error:
        outcome = error.sentence and error.next_step

    assert outcome


@pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\x9b", "\x7f", "\ud800"])
def test_a_control_character_is_refused_since_a_name_without_it_is_another(character):
    with pytest.raises(BadArgument, match=rf"contains a control character: U\+{ord(character):04X}"):
        parse(f"probe 'orders{character}'", REGISTRY)


@given(
    cluster=st.text(
        st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=20
    ).filter(lambda text: text[0] not in "-—–―"),
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

    assert expected == describe_usage(REGISTRY.get(("probe",)))
