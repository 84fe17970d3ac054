"""Every command is a file, and every file is registered, documented and tested under the same name."""

from pathlib import Path

import pytest

import handlers
from bot.commands.declaration import Registry
from bot.commands.parser import describe_usage, parse
from bot.domain.command_info import CommandEffect

ROOT = Path(__file__).parents[1]
REGISTRY = Registry.discover(handlers)
COMMANDS = list(REGISTRY)
STEMS = sorted(path.stem for path in (ROOT / "handlers").glob("*.py") if path.stem != "__init__")


def test_every_file_is_a_command_of_the_same_words():
    assert sorted("_".join(each.words) for each in COMMANDS) == STEMS


@pytest.mark.parametrize("stem", STEMS)
def test_every_command_has_a_test_file_of_its_own(stem):
    assert (ROOT / "tests" / "handlers" / f"test_{stem}.py").exists()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: each.name)
def test_every_command_explains_itself(command):
    assert command.summary.endswith(".")
    assert len(command.summary) <= 80
    assert command.examples
    for example in command.examples:
        assert parse(example, REGISTRY).command == command


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: each.name)
def test_every_argument_is_described(command):
    described = {name: command.describe(name) for name in command.arguments.model_fields}

    assert [name for name, words in described.items() if words == "a value"] == []
    assert describe_usage(command).startswith(command.name)


def test_only_decisions_and_ones_own_key_are_written_without_a_permission():
    """Decisions are permitted by the change's own requirement, which `bot.changes.transitions` judges."""
    open_writes = [each for each in COMMANDS if each.open_to_all and each.effect is not CommandEffect.READ]

    assert {each.group for each in open_writes} == {"change", "key"}
    assert all(each.change is None for each in open_writes)


def test_every_change_says_what_it_can_lose():
    assert [each.name for each in REGISTRY if each.change and not each.change.consequences] == []
