"""Lines that match no command lead to what was probably meant, to nothing that is refused, and never to a
change that nobody asked for."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import handlers
from bot.commands.declaration import Arguments, Command, Registry, Task
from bot.commands.did_you_mean import Asker, unknown_command_error
from bot.commands.form_values import read_incomplete
from bot.commands.parser import parse, spell
from bot.commands.start_page import find_task, list_hints
from bot.commands.suggestions import suggest_commands
from bot.commands.word_meanings import TOPICS
from bot.domain.command_info import CommandEffect
from bot.domain.errors import BadArgument, UnknownCommand

REGISTRY = Registry.discover(handlers)
COMMANDS = list(REGISTRY)
TABLE = Path(__file__).with_name("typed_lines.txt")
"""Lines that people type, and what happens, judged by hand: `=` runs, `?` is suggested, `!` is refused.

A line that changes nothing and asks for nothing is answered with `? -`: “help” shows what there is.
"""

JUDGED = dict(each.split(" → ") for each in TABLE.read_text(encoding="utf-8").splitlines() if " → " in each)

_ACTS = """
abort accept add adjust agree alter approve assign breakglass bump cancel change configure confirm
create decline decommission decrease del delete deny destroy disable downsize drill drop edit emergency
enable enlarge erase exempt expand force grow increase kill launch lgtm major make modify move mute new
override pause postpone provision purge put rebuild reconnect recover refuse register rehearse reject
remove rename reset resize restore resume retract revert review revise rewind rm rollback rotate run
scale schedule set settle shrink snooze spin stop subscribe switch terminate turn undelete unrequest
unschedule unsubscribe unwaive update upgrade upload upsize veto waive wipe withdraw
"""
ACTS = frozenset(_ACTS.split())
"""Verbs that ask for a change, written down apart from the product's own list."""

PHRASES = (
    "roll back",
    "as it was",
    "every monday",
    "test a",
    "add ",
    "break glass",
    "new password",
    "accept a",
)


def what_happens(line):
    """Return what the bot does with a line, in one line."""
    try:
        parsed = parse(line, REGISTRY)
    except UnknownCommand as error:
        lines = (f"{each.command.removesuffix(' --form')}" for each in error.choices)
        return f"? {' | '.join(lines) or '-'}"
    except BadArgument as error:
        return f"! {error.sentence}"
    return f"= {spell(parsed.command, parsed.arguments)}"


def effects(line):
    return [each.command.effect for each in suggest_commands(line.split(), COMMANDS) if not each.is_help]


def test_lines_that_people_type_do_what_was_judged():
    assert len(JUDGED) >= 200
    assert {line: what_happens(line) for line in JUDGED} == JUDGED


def test_what_is_suggested_can_be_read():
    """It runs, or opens a form for what is missing; a change opens its form in any case."""
    buttons = {each.command for line in JUDGED for each in ask(line).choices}
    for button in buttons:
        given = read_incomplete(button, REGISTRY) or parse(button, REGISTRY)
        assert given.command.effect is CommandEffect.READ or given.flags.form

    assert len(buttons) > 100


def has_act(line):
    words = line.casefold().replace("/", " ").split()
    return not ACTS.isdisjoint(word.strip("?!.,") for word in words) or any(each in line for each in PHRASES)


def test_no_judged_line_without_a_verb_of_change_leads_to_a_change():
    mistyped = {"restor orders-prod", "cluster delte orders", "cluster maintenence orders-prod"}
    plain = [line for line in JUDGED if not has_act(line) and line not in mistyped]

    assert [line for line in plain if CommandEffect.WRITE in effects(line)] == []
    assert len(plain) > 120


NOUNS = sorted(
    {each.group for each in COMMANDS}
    | {"password", "pooler", "network", "maintenance", "replication", "clusters", "restores", "upgrades"}
)
SEEN = (
    "show",
    "list",
    "get",
    "which",
    "what",
    "is",
    "see",
    "status",
    "orders-prod",
    "bob",
    "c-7kq2mf",
    "8GB",
)
WORDS = st.sampled_from((*NOUNS, *SEEN)) | st.text("abcdefghilmnoprstu", min_size=1, max_size=7)


def is_near_an_act(word):
    """Return whether a word has as many letters of a verb that it may be a mistyped one."""
    return any(
        len(set(word) & set(act)) >= len(set(act)) - 1 for act in ACTS if abs(len(act) - len(word)) <= 2
    )


@given(st.lists(WORDS, min_size=1, max_size=5))
def test_random_words_without_a_verb_of_change_lead_to_no_change(words):
    line = " ".join(word for word in words if word in SEEN or word in NOUNS or not is_near_an_act(word))
    spelled = {" ".join(each.words) for each in COMMANDS if each.effect is CommandEffect.WRITE}
    if has_act(line) or any(each in line for each in spelled):
        return

    assert CommandEffect.WRITE not in effects(line)


@given(
    st.lists(WORDS | st.sampled_from(sorted(ACTS)), max_size=5),
    st.sampled_from(["show", "list", "which", "is"]),
)
def test_what_asks_to_see_something_is_never_answered_with_a_change(words, first):
    assert CommandEffect.WRITE not in effects(" ".join([first, *words]))
    assert CommandEffect.WRITE not in effects(f"{' '.join(words)}?")


@pytest.mark.parametrize(
    "command", [each for each in COMMANDS if len(each.words) == 2], ids=lambda each: each.name
)
def test_a_command_is_found_by_its_words_in_the_other_order(command):
    """But for a change that is named by a thing, which needs a verb."""
    said = [*(["change"] if command.words[1] in TOPICS else []), command.words[1], command.words[0]]
    found = suggest_commands(said, COMMANDS)

    assert command.name in {each.command.name for each in found}


def test_a_new_command_is_found_without_being_entered_anywhere():
    async def run(_arguments, _ctx):
        raise AssertionError("nothing runs")

    new = Command(words=("cluster", "heatmap"), summary="", details="", arguments=Arguments, run=run)

    assert suggest_commands(["heatmap", "clusters"], [*COMMANDS, new])[0].line == "cluster heatmap"
    assert find_task(new, [*COMMANDS, new]) is Task.SEE


def ask(line, refused=(), **more):
    asker = Asker(lambda command: "Roles that may: dba." * (command.name in refused), **more)
    return unknown_command_error(line.split(), REGISTRY, asker)


def test_what_is_refused_is_named_and_not_offered():
    error = ask("delete orders-prod", {"cluster delete"})

    assert error.next_step == "You may not run “cluster delete” here. Roles that may: dba."
    assert error.choices == ()


def test_nothing_that_is_refused_has_a_button():
    refused = {each.name for each in COMMANDS if not each.open_to_all}
    offered = {each.command for line in [*JUDGED][::3] for each in ask(line, refused).choices}
    is_allowed = (
        "help",
        "whoami",
        "home",
        "key",
        *(f"change {act}" for act in ("a", "b", "ca", "co", "d", "r", "se", "w")),
    )

    assert [each for each in offered if not each.startswith(is_allowed)] == []
    assert offered


def test_what_somebody_has_run_comes_first():
    assert ask("enable my orders-prod pooler").choices[0].command.startswith("cluster pooler")
    before = [each.command for each in ask("show backup of orders-prod").choices]
    after = [each.command for each in ask("show backup of orders-prod", ran={"backup show": 40}).choices]

    assert before[0] == "backup list orders-prod"
    assert after[0] == "backup show"


def test_a_line_with_a_secret_is_not_repeated():
    line = "new user app on orders-prod password=hunter2hunter2"

    assert [each.command for each in ask(line).choices] == ["user create --form"]


def test_a_change_is_asked_for_in_a_form_and_a_read_runs():
    assert [(each.label, each.command) for each in ask("delete orders-prod").choices] == [
        ("Fill in cluster delete orders-prod", "cluster delete orders-prod --form")
    ]
    assert [(each.label, each.command) for each in ask("what clusters are broken?").choices] == [
        ("Run status", "status")
    ]
    assert ask("what clusters are broken?").sentence == "I run commands and can't answer questions."


def test_every_task_has_a_headline_and_every_command_a_task():
    assert len(list_hints(COMMANDS)) == len(Task)
    assert {find_task(each, COMMANDS) for each in COMMANDS} == set(Task)
