"""`pgbot completion`: the words of the Tab key, and that bash takes them."""

import sys

import pytest
from forked_programs import ROOT
from programs_site import run

from bot.programs.cli import PROGRAMS
from bot.programs.completion_program import NAMES, complete_words, remember_names

CLUSTERS = ("orders-prod", "billing-prod")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ([], sorted(PROGRAMS)),
        (["re"], ["readiness", "recover"]),
        (["--config", ""], []),
        (["--config", "app.yaml", "mani"], ["manifest"]),
        (["completion", "z"], ["zsh"]),
        (["run", "migration", "wa"], ["waive", "watch"]),
        (["run", "cluster", "show", ""], sorted(CLUSTERS)),
        (["run", "cluster", "show", "ord"], ["orders-prod"]),
        (["run", "--json", "cluster", "sh"], ["show"]),
        (["run", "drill", ""], ["billing-prod", "list", "orders-prod"]),
        (["run", "nonsense", ""], []),
        (["scan", ""], []),
    ],
)
def test_the_words_that_can_come(typed, found):
    assert complete_words(typed, PROGRAMS, CLUSTERS) == found


def test_names_are_kept_over_a_listing_with_gaps_and_only_plain_ones(tmp_path):
    remember_names(tmp_path, ["orders", "x;reboot", "$(id)", "two words"], is_complete=True)
    remember_names(tmp_path, ["billing"], is_complete=False)
    assert (tmp_path / NAMES).read_text() == "billing\norders\n"

    remember_names(tmp_path, ["billing"], is_complete=True)
    assert (tmp_path / NAMES).read_text() == "billing\n"
    assert (tmp_path / NAMES).stat().st_mode & 0o777 == 0o600


@pytest.mark.anyio
async def test_bash_completes_the_name_of_a_cluster(tmp_path):
    (tmp_path / NAMES).write_text("orders-prod\n$(touch owned)\n")
    program = tmp_path / "pgbot"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m bot.programs.cli "$@"\n')
    program.chmod(0o755)
    line = (
        f'PATH={tmp_path}:$PATH; eval "$(pgbot completion bash)"; COMP_WORDS=(pgbot run cluster show "");'
        ' COMP_CWORD=4; _pgbot; printf "%s\n" "${COMPREPLY[@]}"'
    )

    ended = await run("-c", line, program=("bash",), env={"PGBOT_DATA": str(tmp_path)}, cwd=tmp_path)

    assert (ended.code, ended.out, ended.err) == (0, "orders-prod\n", "")
    assert not (tmp_path / "owned").exists()
