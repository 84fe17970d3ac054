"""`--jq`: a filter of the caller's own, on the JSON of an answer."""

import json

import pytest

from bot.domain.errors import BadArgument
from bot.programs.terminal_client import run_filter

TEXT = json.dumps({"clusters": [{"name": "a\x1b[31m", "ram_mb": 1024}, {"name": "b", "ram_mb": None}]})


@pytest.mark.parametrize(
    ("program", "lines"),
    [
        (".clusters[].name", ["a\\x1b[31m", "b"]),
        (".clusters[] | [.name, .ram_mb] | @tsv", ["a\\x1b[31m\t1024", "b\t"]),
        (".clusters[1]", ['{"name": "b", "ram_mb": null}']),
        (".clusters | length", ["2"]),
        (".clusters[] | select(.ram_mb == 1)", []),
    ],
)
def test_each_result_is_a_line(program, lines):
    assert run_filter(program, TEXT) == lines


@pytest.mark.parametrize("program", [".clusters[", ".clusters.name", "nothing(", ""])
def test_a_filter_that_cannot_be_run_is_refused_in_one_sentence(program):
    with pytest.raises(BadArgument, match=r"^--jq can't be run: .*[^:. ]\. See"):
        run_filter(program, TEXT)
