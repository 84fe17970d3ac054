"""Closed choices in every spelling: of every command, of forms and of the settings."""

import re

import pytest
from pydantic import ValidationError

import handlers
from bot.commands.declaration import Registry, field_choices
from bot.commands.parser import parse, spell_line
from bot.domain.approval_requirement import ChangeFreeze
from bot.domain.closed_choices import find_choice, find_switch
from bot.domain.errors import BadArgument
from bot.settings.sections import SlackSettings

REGISTRY = Registry.discover(handlers)

CHOICES = [
    (command, name, choice)
    for command in REGISTRY
    for name, info in command.arguments.model_fields.items()
    for choice in field_choices(info)
]


def spellings(choice):
    """Return a choice in every case and with every separator."""
    words = re.split(r"[\s_-]+", choice)
    joined = {mark.join(words) for mark in ("-", "_", " ", "")}
    return {way(each) for each in joined for way in (str, str.upper, str.lower, str.title)}


def needed_values(command):
    """Return a value for each required argument that is no closed choice."""
    fields = command.arguments.model_fields.items()
    return {
        name: (field_choices(info) or ["10" if info.annotation is int else "x"])[0]
        for name, info in fields
        if info.is_required()
    }


@pytest.mark.parametrize(("command", "name", "choice"), CHOICES, ids=lambda each: getattr(each, "name", each))
def test_every_choice_of_every_command_is_read_in_every_spelling(command, name, choice):
    for spelled in spellings(choice):
        line = spell_line(command, {**needed_values(command), name: spelled})

        assert getattr(parse(line, REGISTRY).arguments, name) == choice, line
        assert getattr(parse(line.replace('"', "").replace("'", ""), REGISTRY).arguments, name) == choice, (
            line
        )


@pytest.mark.parametrize(("command", "name", "choice"), CHOICES, ids=lambda each: getattr(each, "name", each))
def test_no_other_choice_is_mistaken_for_it(command, name, choice):
    choices = field_choices(command.arguments.model_fields[name])

    assert [find_choice(each, choices) for each in choices] == choices
    assert find_choice(f"{choice} not", choices) is None


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("cluster replication x strictly synchronous", "mode", "strictly-synchronous"),
        ("cluster replication x STRICTLY_SYNCHRONOUS", "mode", "strictly-synchronous"),
        ("cluster pooler x SESSION", "mode", "session"),
        ("cluster pooler x off", "mode", "disabled"),
        ("cluster maintenance x --day SUN --time 3:30", "day", "sunday"),
        ("cluster maintenance x --day Sunday", "day", "sunday"),
        ("cluster logging x --logs enable --metrics FALSE", "logs", "on"),
        ("cluster logging x --logs=true --metrics no", "metrics", "off"),
        ("cluster create x --storage-type ssd_premium", "storage_type", "SSD Premium"),
        ("cluster create x --storage-type SSD Premium --cores 4", "cores", 4),
        ("cluster create --storage 100 GB x", "storage", 100),
        ("cluster create x --ram 8 GB --storage 1.5 TB", "ram", 8),
        ("migration status --verdict needs work", "verdict", "needs-work"),
        ("migration status --verdict NEEDS_WORK", "verdict", "needs-work"),
        ("cluster network x --detach=enabled", "detach", True),
        ("cluster list --api V2", "api", "v2"),
    ],
)
def test_a_choice_is_read_as_people_and_other_tools_write_it(line, name, value):
    assert getattr(parse(line, REGISTRY).arguments, name) == value


@pytest.mark.parametrize(
    ("line", "step", "corrected"),
    [
        (
            "cluster pooler x sessions --dry-run",
            "Did you mean session? Choose one of disabled, transaction, session.",
            "cluster pooler x session --dry-run",
        ),
        (
            "cluster pooler x statement",
            "Choose one of disabled, transaction, session.",
            "",
        ),
        (
            'cluster resize "my db" --ram 8192 --as cli',
            "Did you mean 8 GB (8192 MB)?",
            "cluster resize 'my db' --ram 8GB --as cli",
        ),
    ],
)
def test_another_value_gets_the_choices_and_the_line_that_was_meant(line, step, corrected):
    with pytest.raises(BadArgument) as caught:
        parse(line, REGISTRY)

    assert caught.value.next_step == step
    assert caught.value.corrected == corrected
    if corrected:
        parse(corrected, REGISTRY)


def test_a_word_too_many_behind_a_choice_is_still_one_too_many():
    with pytest.raises(BadArgument, match="got too many arguments"):
        parse("cluster pooler x session now", REGISTRY)


@pytest.mark.parametrize(
    ("typed", "value"), [("Enable", True), (False, False), ("0", False), ("maybe", None)]
)
def test_a_yes_or_no_in_other_words(typed, value):
    assert find_switch(typed) is value


def test_settings_are_read_the_same_way():
    assert SlackSettings(mode="Socket").mode == "socket"
    assert ChangeFreeze(days=["Saturday", "SUN"]).days == ("sat", "sun")
    with pytest.raises(ValidationError, match="'socket' or 'http'"):
        SlackSettings(mode="sockets")
