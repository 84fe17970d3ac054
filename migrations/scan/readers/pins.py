"""Files that say which releases of the Python SDK to install."""

import configparser
import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

from packaging.utils import canonicalize_name

from migrations.scan.findings import FilePosition, Pin, PossibleUse, ReaderResult
from migrations.scan.readers.yaml_documents import read_yaml
from migrations.scan.sdk_releases import PYTHON_SDK, allowed_sdk_releases

_ITEM = re.compile(r"(?P<dash>\s*-\s*[\"']?(?:[\w-]+::)?)(?P<name>[\w.-]+)\s*(?P<allows>[^\s\"'#]*)")
_SPELLING = re.compile(r"(?i)\bionoscloud[-_.]+dbaas[-_.]+postgres\b")


def read_requirements(text: str) -> ReaderResult:
    """Return the pins of requirements.txt and its like: one requirement a line, without options and
    comments."""
    return ReaderResult(tuple(_lines(text)))


def read_conda(text: str) -> ReaderResult:
    """Return the pins of environment.yml, of conda's own and of pip's, besides what any YAML may hold."""
    plain = "\n".join(map(_plain_item, text.split("\n")))
    result = read_yaml(text)
    return ReaderResult((*result.uses, *_lines(plain)), result.trouble)


def _plain_item(line: str) -> str:
    """Return an item of a list as a requirement; conda's `name=1.2` allows every 1.2.x."""
    found = _ITEM.match(line)
    if found is None:
        return line
    allows = found["allows"]
    if allows.startswith("=") and not allows.startswith("=="):
        allows = f"=={allows[1:].partition('=')[0].removesuffix('.*').removesuffix('*')}.*"
    return " " * len(found["dash"]) + found["name"] + allows


def read_pipfile_lock(text: str) -> ReaderResult:
    """Return the pins of Pipfile.lock."""
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        return ReaderResult((), "it is not valid JSON")
    return ReaderResult(tuple(_placed(text, _in_toml(tree))))


def read_toml(text: str) -> ReaderResult:
    """Return the pins of pyproject.toml, Pipfile and lock files."""
    try:
        tree = tomllib.loads(text)
    except (ValueError, RecursionError):
        return ReaderResult((), "it is not valid TOML")
    return ReaderResult(tuple(_placed(text, _in_toml(tree))))


def read_setup_cfg(text: str) -> ReaderResult:
    """Return the pins of setup.cfg."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return ReaderResult((), "it is not valid setup.cfg")
    lines = (
        line
        for section in parser.values()
        for value in section.values()
        for line in (value or "").split("\n")
    )
    return ReaderResult(tuple(_placed(text, (line for line in lines if line.strip()))))


def _lines(text: str) -> Iterator[PossibleUse]:
    for number, line in enumerate(text.split("\n"), start=1):
        requirement = re.split(r"\s#|^#|\s--|\\\s*$", line, maxsplit=1)[0]
        allows = allowed_sdk_releases(requirement)
        if allows is not None:
            column = len(line) - len(line.lstrip()) + 1
            yield Pin(place=FilePosition(number, column), language="python", name=PYTHON_SDK, allows=allows)


def _in_toml(tree: Any) -> Iterator[str]:
    """Yield every requirement in a tree, written as `name specifier`."""
    pending: list[tuple[str, Any]] = [("", tree)]
    while pending:
        key, node = pending.pop()
        if isinstance(node, dict):
            yield from _in_table(key, node)
            pending += reversed(node.items())
        elif isinstance(node, list):
            pending += (("", each) for each in reversed(node))
        elif isinstance(node, str) and canonicalize_name(key) == PYTHON_SDK:
            yield f"{key} {node}"
        elif isinstance(node, str) and not key:
            yield node


def _in_table(key: str, table: dict[str, Any]) -> Iterator[str]:
    """Yield `name = {version = "…"}` of Poetry, and `[[package]]` of lock files."""
    version, name = table.get("version"), table.get("name", key)
    if not isinstance(name, str) or canonicalize_name(name) != PYTHON_SDK:
        return
    if isinstance(version, str):
        yield f"{name} {version}"
    elif isinstance(table.get("git"), str):
        release = str(table.get("tag", table.get("rev", ""))).removeprefix("v")
        yield f"{name} {release if release[:1].isdigit() and '.' in release else '*'}"


def _placed(text: str, requirements: Iterator[str]) -> Iterator[PossibleUse]:
    """Yield each requirement at the position of its name, in order: the parsers do not tell lines."""
    requested = [found for found in map(_allows, requirements) if found is not None]
    places = [
        FilePosition(number, found.start() + 1)
        for number, line in enumerate(text.split("\n"), start=1)
        if (found := _SPELLING.search(line)) and not line.lstrip().startswith(("#", ";"))
    ]
    for place, allows in zip(places, requested, strict=False):
        yield Pin(place=place, language="python", name=PYTHON_SDK, allows=allows)


def _allows(requirement: str) -> str | None:
    """Return the releases that a requirement allows, also in the notations that only Poetry and Pipenv
    know."""
    plain = allowed_sdk_releases(requirement)
    if plain is not None:
        return plain
    name, _, allows = requirement.strip().partition(" ")
    return allows.strip() if allows and canonicalize_name(name) == PYTHON_SDK else None
