"""Patterns take time as their text grows and no more: strangers choose the text."""

import ast
import re
from fnmatch import translate

import pytest
from pattern_finder import ROOT, find_patterns
from pattern_paths import FULL, MATCH, SEARCH, find_attacks, find_pumps
from pattern_trial import PatternTrial

from bot.domain import redaction

MADE_WHILE_RUNNING = {
    "bot/domain/redaction.py": "the secrets that this process knows, escaped, one beside the other",
}
"""Files with a pattern that no constant tells, and what it is made of. Each has an example below."""


@pytest.fixture(scope="module")
def trial():
    with PatternTrial() as trial:
        yield trial


def slow_ones(trial, patterns):
    slow = []
    for place, pattern, mode in patterns:
        attacks = [*find_attacks(pattern, mode), *find_pumps(pattern, mode)]
        words = trial.find_slow(pattern, mode, attacks)
        slow += [f"{place} ({mode}): {words}"] if words else []
    return slow


def test_every_pattern_takes_time_as_its_text_grows(trial):
    found = find_patterns()
    told = [(each.place, each.value, mode) for each in found if each.value for mode in each.modes]

    assert len(told) > 150
    assert slow_ones(trial, told) == []


def test_every_pattern_is_a_constant():
    """Nobody can tell how long a pattern takes that a function makes of its arguments."""
    made = {each.place.partition(":")[0] for each in find_patterns() if each.value is None}

    assert made == MADE_WHILE_RUNNING.keys()


def test_patterns_made_while_running_take_time_as_their_text_grows(trial):
    known = redaction._pattern_of(["canary-aa", "canary-aaa", "canary with blanks"])

    assert slow_ones(trial, [("known secrets", known, SEARCH)]) == []


@pytest.mark.parametrize(
    "glob", ["*a" * 20, "*a*" * 9 + "b", "?*" * 20, "*[a-z]*[!x]*", "[" * 9, "*-prod*-*", "**" * 20]
)
def test_patterns_that_people_type_take_time_as_the_name_grows(trial, glob):
    assert slow_ones(trial, [(glob, re.compile(translate(glob)), FULL)]) == []


@pytest.mark.parametrize(
    ("pattern", "mode"),
    [
        (r"(a+)+$", SEARCH),
        (r"(?:a|a)*b", FULL),
        (r"(?:a*)*b", FULL),
        (r"(?:a?){24}b", FULL),
        (r"\s*x", SEARCH),
        (r"a+a+b", MATCH),
        (r"(?s).*-.*b", FULL),
        (r"(?:\\.|[^\s'])+$", MATCH),
        (r"“[^”]*--[^”]*”", SEARCH),
        (r"(?=\S*x)y|(?=\S*z)\S", SEARCH),
        (r"password(?:\s|--[^\n]*\n)*+'", SEARCH),
        (r"(?s)/\*.*?\*/", SEARCH),
        (r"(?i)(?:Ka|ka)*!", FULL),
    ],
)
def test_a_slow_pattern_is_found(trial, pattern, mode):
    assert slow_ones(trial, [("here", re.compile(pattern), mode)])


@pytest.mark.parametrize(
    ("pattern", "mode"),
    [
        (r"\s*x", MATCH),
        (r"\bfoo\s*x", SEARCH),
        (r"(?<!\w)\w+@", SEARCH),
        (r"[\w-]+", SEARCH),
        (r"'[^']*'", SEARCH),
        (r"(?:a|b)*c", FULL),
        (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", SEARCH),
    ],
)
def test_a_fast_pattern_is_proven(pattern, mode):
    assert find_attacks(re.compile(pattern), mode) == []


SUSPECT = re.compile(r"regex|from re\b|\bre as\b")
"""What a file must have in it to be worth parsing."""


def test_no_pattern_comes_from_elsewhere():
    """pydantic's own engine has no way back; the module `re` under another name would not be looked at."""
    wrong = []
    for room in ("bot", "handlers", "migrations"):
        for path in (ROOT / room).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            if not SUSPECT.search(text):
                continue
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.ImportFrom) and node.module in {"re", "regex"}:
                    wrong.append(f"{path.name}: from {node.module}")
                if isinstance(node, ast.alias) and (
                    node.name == "regex" or (node.name == "re" and node.asname)
                ):
                    wrong.append(f"{path.name}: {node.name} as {node.asname}")
                if isinstance(node, ast.keyword | ast.Constant) and "regex_engine" in {
                    getattr(node, "arg", ""),
                    getattr(node, "value", ""),
                }:
                    wrong.append(f"{path.name}: regex_engine")

    assert wrong == []
