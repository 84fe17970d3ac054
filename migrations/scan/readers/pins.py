"""Manifests and lock files that say which releases of an SDK or provider to install.

Source: the SDKs' own READMEs: ionoscloud-dbaas-postgres on PyPI, @ionos-cloud/sdk-nodejs-dbaas-postgres on
npm, com.ionoscloud.dbaaspostgres:ionos-cloud-sdk-dbaas-postgres for Maven, ionoscloud-dbaas-postgres as a
gem. None is known for NuGet and Composer.
"""

import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from packaging.utils import canonicalize_name

from migrations.scan.addresses import find_all_uses
from migrations.scan.comments import CommentStyle, blank_comments
from migrations.scan.findings import (
    START,
    FilePosition,
    Pin,
    ProviderVersion,
    Unreadable,
    Uses,
    find_places,
    offset_position,
)
from migrations.scan.readers.yaml_documents import read_yaml
from migrations.scan.sdks import PYTHON_SDK, allowed_sdk_releases, find_go_sdk, find_python_pins

_ITEM = re.compile(r"(?P<dash>\s*-\s*[\"']?(?:[\w-]+::)?)(?P<name>[\w.-]+)\s*(?P<allows>[^\s\"'#]*)")
_SPELLING = re.compile(r"(?i)\bionoscloud[-_.]+dbaas[-_.]+postgres\b")

_NPM = re.compile(
    r"(?P<name>@ionos-cloud/sdk-nodejs-dbaas-postgres)(?![\w-])"
    r"(?:[\"']?[ \t]*:[ \t]*(?:\{\s{0,30}[\"']version[\"']\s?:\s?)?[\"']?(?P<allows>[\w.^~<>=*| -]{0,60})"
    r"|@(?:npm:)?(?P<locked>[\w.^~<>=*| -]{0,60}))"
)
_MAVEN = re.compile(
    r"com\.ionoscloud\.dbaaspostgres[\s\"':,%=]{1,30}(?:name[\s\"':,=]{1,30})?"
    r"(?P<name>ionos-cloud-sdk-dbaas-postgres)(?![\w-])[\s\"':,%=]{0,30}(?:version[\s\"':=]{1,30})?"
    r"(?P<allows>[\d.]{0,40})"
)
_POM = re.compile(
    r"<artifactId>\s*(?P<name>ionos-cloud-sdk-dbaas-postgres)\s*</artifactId>"
    r"(?:\s*<version>(?P<allows>[^<]{0,60})</version>)?"
)
_MODULE = re.compile(r"[\"'](?P<name>ionos-cloud-sdk-dbaas-postgres)[\"'](?P<allows>)")
_GEM = re.compile(
    r"(?:\bgem|\badd_(?:runtime_|development_)?dependency)[\s(]+[\"'](?P<name>ionoscloud-dbaas-postgres)[\"']"
    r"(?:\s*,\s*[\"'](?P<allows>[^\"'\n]{0,60})[\"'])?"
)
_LOCKED_GEM = re.compile(
    r"^ {4}(?P<name>ionoscloud-dbaas-postgres) \((?P<allows>[^)\n]{0,60})\)", re.MULTILINE
)
_PROVIDER = re.compile(r"[\"'](?:[\w.-]+/)?ionos-cloud/ionoscloud@(?P<allows>[^\"'\n]{1,60})[\"']")
_LANGUAGES = (
    (_NPM, "javascript"),
    (_MAVEN, "java"),
    (_POM, "java"),
    (_MODULE, "java"),
    (_GEM, "ruby"),
    (_LOCKED_GEM, "ruby"),
)


def read_package_pins(text: str, style: CommentStyle = CommentStyle.NONE) -> Uses:
    """Yield the SDKs that a manifest or lock file asks for, and the addresses in it."""
    bare = blank_comments(text, style)
    named: set[int] = set()
    for pattern, language in _LANGUAGES:
        for found in pattern.finditer(bare):
            if found.start("name") not in named:
                named.add(found.start("name"))
                groups = found.groupdict()
                allows = (groups["allows"] or groups.get("locked") or "").strip()
                place = offset_position(bare, found.start("name"))
                yield Pin(place, language=language, name=found["name"], allows=allows)
    yield from find_all_uses(bare)


def read_cdktf_settings(text: str) -> Uses:
    """Yield the releases of the provider that cdktf.json allows."""
    for place, found in find_places(_PROVIDER, text):
        yield ProviderVersion(place, constraint=found["allows"])


def read_go_mod(text: str) -> Uses:
    """Yield the modules that go.mod or go.work requires."""
    for number, line in enumerate(blank_comments(text, CommentStyle.C).split("\n"), start=1):
        path = find_go_sdk(line)
        if path is not None and "=>" not in line and not line.lstrip().startswith("module"):
            version = line.strip().rpartition(" ")[2]
            yield Pin(FilePosition(number, line.index(path) + 1), language="go", name=path, allows=version)


def read_requirements(text: str) -> Uses:
    """Yield the pins of requirements.txt and its like: one a line, without options and comments."""
    for number, line in enumerate(text.split("\n"), start=1):
        requirement = re.split(r"\s#|^#|\s--|\\\s*$", line, maxsplit=1)[0]
        yield from find_python_pins(requirement, FilePosition(number, len(line) - len(line.lstrip()) + 1))


def read_conda(text: str) -> Uses:
    """Yield the pins of environment.yml, of conda's own and of pip's, besides what any YAML may hold."""
    yield from read_yaml(text)
    yield from read_requirements("\n".join(map(_plain_item, text.split("\n"))))


def _plain_item(line: str) -> str:
    """Return an item of a list as a requirement; conda's `name=1.2` allows every 1.2.x."""
    found = _ITEM.match(line)
    if found is None:
        return line
    allows = found["allows"]
    if allows.startswith("=") and not allows.startswith("=="):
        allows = f"=={allows[1:].partition('=')[0].removesuffix('.*').removesuffix('*')}.*"
    return " " * len(found["dash"]) + found["name"] + allows


def _read_tree(text: str, parse: Callable[[str], Any], language: str) -> Uses:
    try:
        tree = parse(text)
    except (ValueError, RecursionError):
        yield Unreadable(START, text=f"it is not valid {language}")
    else:
        yield from _placed(text, _in_tree(tree))


read_pipfile_lock = partial(_read_tree, parse=json.loads, language="JSON")
read_toml = partial(_read_tree, parse=tomllib.loads, language="TOML")
"""Yield the pins of Pipfile.lock; of pyproject.toml, Pipfile and lock files."""


def read_setup_cfg(text: str) -> Uses:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        yield Unreadable(START, text="it is not valid setup.cfg")
    else:
        values = (value or "" for section in parser.values() for value in section.values())
        yield from _placed(text, (line for value in values for line in value.split("\n") if line.strip()))


def _in_tree(tree: Any) -> Iterator[str]:
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


def _placed(text: str, requirements: Iterable[str]) -> Uses:
    """Yield each requirement at the position of its name, in order: the parsers do not tell lines."""
    requested = [found for found in map(_allows, requirements) if found is not None]
    places = [
        FilePosition(number, found.start() + 1)
        for number, line in enumerate(text.split("\n"), start=1)
        if (found := _SPELLING.search(line)) and not line.lstrip().startswith(("#", ";"))
    ]
    for place, allows in zip(places, requested, strict=False):
        yield Pin(place, language="python", name=PYTHON_SDK, allows=allows)


def _allows(requirement: str) -> str | None:
    """Return the releases that a requirement allows, also in the notations of Poetry and Pipenv alone."""
    plain = allowed_sdk_releases(requirement)
    if plain is not None:
        return plain
    name, _, allows = requirement.strip().partition(" ")
    return allows.strip() if allows and canonicalize_name(name) == PYTHON_SDK else None
