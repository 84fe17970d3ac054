"""The language of the product: docstrings begin as an engineer's would, no private metaphor is left, and
nothing reads as if translated."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "handlers", "migrations", "tests")
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
SOURCES = [path for path in SOURCES if not {"corpus", "judged", ".venv"} & set(path.parts)]

RIDDLES = re.compile(r"(What|Where|Whether|Who|Whom|Whose|How|Which|When|All that|Everything that)\b")
"""Beginnings that describe a thing by a clause. A function's docstring begins with a verb, any other with a
noun."""

METAPHORS = frozenset(
    {
        *("acting", "among", "arrivals", "backstage", "conductor", "courier", "deeds", "desk", "dressing"),
        *("ledger", "looking", "manner", "mishaps", "patience", "stories", "surroundings", "telling", "wish"),
    }
)
"""Words that stood for parts of the bot before they had the field's own names."""

PHRASES = re.compile(
    r"\b(anew|whoever|for want of|could not look)\b|(?<!\bthere)\sis no (?!longer\b)\w+", re.IGNORECASE
)
"""Phrases that nobody says aloud to a colleague: “again”, “people who” and “is not a” are what one says."""

READ = [
    *(path for package in PACKAGES[:3] for path in sorted((ROOT / package).rglob("*.py"))),
    *sorted((ROOT / "bot").rglob("*.sql")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted(ROOT.glob("*.md")),
    ROOT / "app.yaml",
]

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def read_module(path):
    """Return the docstrings and the names of a module."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    docs = [ast.get_docstring(node) or "" for node in nodes if isinstance(node, DOCUMENTED)]
    names = {getattr(node, field, None) for node in nodes for field in ("id", "arg", "attr", "name")}
    return docs, {path.stem, *(name for name in names if isinstance(name, str))}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_docstring_begins_with_a_riddle(package):
    found = [
        f"{path.relative_to(ROOT)}: {doc.splitlines()[0]}"
        for path in SOURCES
        if path.is_relative_to(ROOT / package)
        for doc in read_module(path)[0]
        if RIDDLES.match(doc)
    ]

    assert found == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_name_is_a_private_metaphor(package):
    found = {
        (str(path.relative_to(ROOT)), name)
        for path in SOURCES
        if path.is_relative_to(ROOT / package)
        for name in read_module(path)[1]
        # A test's name is a sentence, in which such a word has its ordinary meaning.
        if not name.startswith("test_") and not METAPHORS.isdisjoint(split_name(name))
    }

    assert found == set()


def test_nothing_reads_as_if_translated():
    found = [
        f"{path.relative_to(ROOT)}: {match[0].strip()}"
        for path in READ
        for match in PHRASES.finditer(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def split_name(name):
    """Return the words of an identifier in lower case: `run_log` and `RunLog` give run and log."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")
