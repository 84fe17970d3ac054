"""The arguments of programs are declared apart from them: both know the same choices."""

import argparse

import pytest

from bot.demo.cloud import oddities
from bot.programs import completion_program, readiness_program
from bot.programs.cli import open_programs
from bot.programs.program_arguments import (
    FAIL_ON,
    FAIL_ON_CLIENTS,
    FLEETS,
    READINESS_FORMATS,
    SCAN_FORMATS,
    SHELLS,
)
from migrations.formats.readiness_formats import Format
from migrations.formats.scan_formats import ScanFormat
from migrations.rule import Severity


def test_the_closed_choices_are_those_of_the_programs():
    assert list(READINESS_FORMATS) == [each.value for each in Format]
    assert set(SCAN_FORMATS) == {each.value for each in ScanFormat}
    assert list(SHELLS) == list(completion_program.SCRIPTS)
    assert list(FAIL_ON_CLIENTS) == list(readiness_program.CLIENT_STATES)
    assert list(FLEETS) == list(oddities.FLEETS)
    assert {*FAIL_ON, "info"} == {"never", *(each.value for each in Severity)}


@pytest.mark.parametrize(
    ("line", "fleet"),
    [
        ("demo", "odd"),
        ("demo --fleet plain", "plain"),
        ("demo cloud", "odd"),
        ("demo cloud --fleet legacy", "legacy"),
        ("demo --fleet legacy cloud", "legacy"),
        ("demo --fleet legacy cloud --fleet plain", "plain"),
    ],
)
def test_the_fleet_of_the_demo_is_the_one_named_last_else_odd(line, fleet):
    assert open_programs("demo").parse_args(line.split()).fleet == fleet


@pytest.mark.parametrize("key", ["hunter2", "env:", "literal:x"])
def test_a_key_itself_is_refused_and_not_repeated(key, capsys):
    with pytest.raises(SystemExit):
        open_programs("audit").parse_args(["audit", "verify", "--key", key])

    said = capsys.readouterr().err
    assert "use env:NAME or file:PATH, never the key itself" in said
    assert "hunter2" not in said


def test_a_program_is_loaded_when_it_runs():
    args = open_programs("completion").parse_args(["completion", "fish"])

    assert isinstance(args, argparse.Namespace)
    assert args.program(args) == 0
