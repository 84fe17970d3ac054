"""Signatures of v1 in any text: addresses, names of SDKs and resources, and calls of ionosctl."""

import re
from collections.abc import Iterator

from migrations.scan.addresses import find_all_uses, has_v1_address, offset_position, quoted_in_line
from migrations.scan.comments import CommentStyle, blank_comments
from migrations.scan.findings import (
    FilePosition,
    NamedType,
    PossibleUse,
    ReaderResult,
    Request,
    SdkImport,
    UseCondition,
)
from migrations.scan.readers.crossplane import find_manifests
from migrations.scan.readers.ionosctl import find_ionosctl_uses
from migrations.scan.readers.json_nodes import compose_json
from migrations.scan.readers.shell_words import ShellWord

_START = FilePosition(1, 1)
_SDK = re.compile(
    r"(?<![\w.-])(?:ionoscloud[-_.]dbaas[-_.]postgres|com\.ionoscloud\.dbaaspostgres"
    r"|@?ionos-cloud/sdk-(?:go|java|nodejs|python|ruby)-dbaas-postgres"
    r"|ionos-cloud/sdk-go-bundle/products/dbaas/psql(?!/v[3-9]))(?![\w-]*v2)(?![A-Za-z0-9])"
)
_TYPE = re.compile(
    r"(?<![\w-])(?P<name>ionoscloud_pg_(?:clusters?|users?|databases?|backups|versions))(?!\w)"
    r"(?=\.\w|[\"'`])"
)
"""A type that is addressed or quoted; between other words it is prose."""

_PROGRAM = re.compile(r"(?<![\w.-])(?:ionosctl|knife)(?![\w-])")
_WORD = re.compile(r"[^\s\"'`,()\[\];|&]{1,200}")
_PATCH = re.compile(r"[\"']PATCH[\"']|\bPATCH\b(?=[\s,()])|\.patch\(|HttpMethod\.Patch\b")
_TEMPLATE_COMMENT = re.compile(r"\{\{-?\s?/\*[^}]{0,2000}\}\}|\{#[^}]{0,2000}#\}|<%#[^>]{0,2000}%>")
_LONGEST_CALL = 400


def read_signatures(text: str, style: CommentStyle) -> ReaderResult:
    """Return the signatures in a text of any language, outside its comments."""
    return ReaderResult(tuple(find_signatures(blank_comments(text, style))))


def read_template(text: str) -> ReaderResult:
    """Return the signatures in a template of any text, outside the comments of template languages."""
    return ReaderResult(tuple(find_signatures(_TEMPLATE_COMMENT.sub(_blank, text))))


def read_settings_json(text: str) -> ReaderResult:
    """Return the signatures in JSON, and the Kubernetes objects of a provider's types in it."""
    objects = compose_json(text) if '"apiVersion"' in text else None
    found = [] if objects is None else find_manifests(objects)
    return ReaderResult((*find_signatures(text), *found))


def _blank(found: re.Match[str]) -> str:
    return "".join("\n" if each == "\n" else " " for each in found[0])


def find_signatures(text: str) -> Iterator[PossibleUse]:
    """Yield every signature in a text without comments."""
    yield from find_all_uses(text, _START)
    yield from find_names(text)
    for found in _PATCH.finditer(text):
        place = offset_position(_START, text, found.start())
        yield Request(place=place, method="PATCH", when=UseCondition.IN_FILE)


def find_names(text: str) -> Iterator[PossibleUse]:
    """Yield the names of SDKs and resources, and calls of ionosctl."""
    for found in _SDK.finditer(text):
        yield SdkImport(place=offset_position(_START, text, found.start()), language="", name=found[0])
    for found in _TYPE.finditer(text):
        yield NamedType(
            place=offset_position(_START, text, found.start()),
            values=quoted_in_line(text, found.start()),
            name=found["name"],
        )
    for found in _PROGRAM.finditer(text):
        yield from _command(text, found)


def names_v1(text: str) -> bool:
    """Return whether the text names v1 anywhere, comments included."""
    return has_v1_address(text) or any(use.proves_v1 for use in find_names(text))


def _command(text: str, found: re.Match[str]) -> Iterator[PossibleUse]:
    """Yield the call of ionosctl, its words written as one text or as a list of texts."""
    end = text.find("\n", found.end(), found.end() + _LONGEST_CALL)
    line = text[found.end() : end if end >= 0 else found.end() + _LONGEST_CALL]
    place = offset_position(_START, text, found.start())
    words = tuple(ShellWord(word, place) for word in _WORD.findall(line))
    yield from find_ionosctl_uses(ShellWord(found[0], place), words)
