"""Signatures of v1 in any text: addresses, names of SDKs and resources, and calls of ionosctl."""

import re

from migrations.scan.addresses import find_all_uses, has_v1_address, quoted_in_line
from migrations.scan.comments import CommentStyle, blank_comments, blank_out
from migrations.scan.findings import (
    NamedType,
    PatchRequest,
    SdkImport,
    SignOfV1,
    UseCondition,
    Uses,
    find_places,
)
from migrations.scan.readers.ionosctl import find_ionosctl_uses
from migrations.scan.readers.shell_words import ShellWord
from migrations.scan.readers.yaml_nodes import compose_json
from migrations.scan.readers.yaml_objects import find_manifests

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
_TEMPLATE_COMMENT = re.compile(
    r"\{\{-?\s?/\*(?:[^{}]|\{(?!\{-?\s?/\*))*+\}\}"
    r"|\{#(?:[^{}#]|#(?!\})|\{(?!#))*+#\}"
    r"|<%#(?:[^<>%]|%(?!>)|<(?!%#))*+%>"
)
"""Ends at the next beginning of a comment: a file of beginnings is read once, not once for each."""

_LONGEST_CALL = 400


def read_signatures(text: str, style: CommentStyle) -> Uses:
    """Yield the signatures in a text of any language, outside its comments."""
    return find_signatures(blank_comments(text, style))


def read_template(text: str) -> Uses:
    """Yield the signatures in a template of any text, outside the comments of template languages."""
    return find_signatures(_TEMPLATE_COMMENT.sub(lambda found: blank_out(found[0]), text))


def read_settings_json(text: str) -> Uses:
    """Yield the signatures in JSON, and the Kubernetes objects of a provider's types in it."""
    yield from find_signatures(text)
    objects = compose_json(text) if '"apiVersion"' in text else None
    if objects is not None:
        yield from find_manifests(objects)


def find_signatures(text: str) -> Uses:
    """Yield every signature in a text without comments."""
    yield from find_all_uses(text)
    yield from find_names(text)
    for place, _ in find_places(_PATCH, text):
        yield PatchRequest(place, when=UseCondition.IN_FILE)


def find_names(text: str) -> Uses:
    """Yield the names of SDKs and resources, and calls of ionosctl, their words written as one text or as a
    list of texts."""
    for place, found in find_places(_SDK, text):
        yield SdkImport(place, language="", name=found[0])
    for place, found in find_places(_TYPE, text):
        yield NamedType(place, values=quoted_in_line(text, found.start()), name=found["name"])
    for place, found in find_places(_PROGRAM, text):
        line = text[found.end() : found.end() + _LONGEST_CALL].partition("\n")[0]
        words = tuple(ShellWord(word, place) for word in _WORD.findall(line))
        yield from find_ionosctl_uses(ShellWord(found[0], place), words)


def names_v1(text: str) -> bool:
    """Return whether the text names v1 anywhere, comments included."""
    return has_v1_address(text) or any(isinstance(use, SignOfV1) for use in find_names(text))
