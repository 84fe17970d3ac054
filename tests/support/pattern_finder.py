"""Every pattern of the code, found in its syntax, so that a new one is looked at without being listed."""

import ast
import importlib
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pattern_paths import FULL, MATCH, SEARCH

ROOT = Path(__file__).parents[2]
FUNCTIONS = {"compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
MODES = {"match": MATCH, "fullmatch": FULL}
NAMED = re.compile(r"^[ \t]*(\w+) = re\.compile\(", re.MULTILINE)


@dataclass(frozen=True)
class FoundPattern:
    """A pattern and where it stands. Its value is None where only running the code would tell it."""

    place: str
    value: re.Pattern | None
    modes: frozenset[str] = frozenset({SEARCH})


@cache
def find_patterns():
    """Return every pattern of bot, handlers and migrations, each with the ways in which it is used."""
    sources = [
        path for room in ("bot", "handlers", "migrations") for path in sorted((ROOT / room).rglob("*.py"))
    ]
    texts = {path: path.read_text(encoding="utf-8") for path in sources}
    names = {name for text in texts.values() for name in NAMED.findall(text)}
    # Parsing all of them takes seconds; the others neither have a pattern nor use one.
    used = re.compile(rf"\bre\.|\b(?:{'|'.join(names)})\b")
    nodes = {path: _parents(ast.parse(text)) for path, text in texts.items() if used.search(text)}
    uses = _find_uses(nodes)
    return tuple(found for path, parents in nodes.items() for found in _in_file(path, parents, uses))


def _in_file(path, parents, uses):
    name = path.relative_to(ROOT).as_posix()
    for node in parents:
        if not (isinstance(node, ast.Call) and _is_re(node.func)):
            continue
        modes = frozenset({MODES.get(node.func.attr, SEARCH)})
        if node.func.attr == "compile":
            above = parents[node]
            is_named = isinstance(above, ast.Assign) and isinstance(above.targets[0], ast.Name)
            modes = frozenset(uses[name, above.targets[0].id] if is_named else {SEARCH})
        yield FoundPattern(f"{name}:{node.lineno}", _value(node, name), modes)


def _is_re(function):
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "re"
        and function.attr in FUNCTIONS
    )


def _value(call, name):
    """Return the pattern; None where it is made of what only a running function has."""
    module = importlib.import_module(name.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    given = call.args if call.func.attr == "compile" else call.args[:1]
    flags = [each for each in call.keywords if each.arg == "flags"]
    maker = ast.Attribute(ast.Name("re", ast.Load()), "compile", ast.Load())
    expression = ast.fix_missing_locations(ast.Expression(ast.Call(maker, given, flags)))
    try:
        return eval(compile(expression, name, "eval"), {**vars(module)})  # noqa: S307 - our own constants
    except NameError:
        return None


def _find_uses(nodes):
    """Return how each name of a module is used, in it and where it is imported."""
    uses = defaultdict(set)
    for path, parents in nodes.items():
        home = path.relative_to(ROOT).as_posix()
        homes = {
            alias.asname or alias.name: f"{node.module.replace('.', '/')}.py"
            for node in parents
            if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
        }
        for node in parents:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                above = parents[node]
                mode = MODES.get(above.attr, SEARCH) if isinstance(above, ast.Attribute) else SEARCH
                uses[homes.get(node.id, home), node.id].add(mode)
    return uses


def _parents(tree):
    """Return each node of a module with the one that it is a part of."""
    return {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
