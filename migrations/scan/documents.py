"""One document in, its uses out, and how certain they are."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePath

from bot.domain.cluster import Gap
from migrations.scan.addresses import names_host
from migrations.scan.ambiguity import ScannedDocument
from migrations.scan.findings import Certainty, EmbeddedDocument, FilePosition, PossibleUse, ReaderResult
from migrations.scan.readers.signatures import find_signatures, names_v1
from migrations.scan.scan_coverage import FileKind, ReadingWay, find_kind
from migrations.scan.sdk_operations import OPERATION

_VENDOR = (b"ionos", b"Ionos", b"IONOS")
"""Every sign of v1 has the vendor's name in it, or counts only in a file that has one which does."""
_NAME = re.compile(r"(?<![A-Za-z])[iI]onos|Ionos|IONOS")
"""The name at a word's beginning: "visionos" does not count."""
_SERVICE = re.compile(r"(?i)postgres|pg|psql|dbaas|cluster")
"""Every sign that counts by itself has one of these as well: most files that name the vendor do not."""
_OPERATION_PARTS = (b"luster", b"sers", b"atabases")

_DEEPEST = 3
"""Documents within documents, as a playbook in a script in a notebook."""


def may_be_relevant(kind: FileKind, content: bytes) -> bool:
    """Return False for content that is not worth decoding, because `is_relevant` would say no."""
    return names_vendor(content) or (
        kind.by_package
        and any(each in content for each in _OPERATION_PARTS)
        and OPERATION.search(content.decode("latin-1")) is not None
    )


def names_vendor(content: bytes) -> bool:
    """Return whether the vendor's name is anywhere in the content, inside another word too."""
    return any(each in content for each in _VENDOR)


def is_relevant(kind: FileKind, text: str) -> bool:
    """Return whether anything can be found in the text; parsing it is pointless otherwise."""
    if _NAME.search(text) is None:
        return kind.by_package and OPERATION.search(text) is not None
    return kind.by_package or kind.by_folder or _SERVICE.search(text) is not None


def read_document(
    kind: FileKind, path: PurePath, text: str, *, is_needed: bool = False
) -> tuple[ScannedDocument, Gap | None]:
    """Return the uses in a document, and why it could not be read as its kind. Never raises.

    `is_needed` is set where another document refers to this one, whatever it names itself.
    """
    if kind.way is ReadingWay.NO_READER and names_v1(text):
        return ScannedDocument(Path(path), ()), unread_gap(path)
    result = ReaderResult(())
    if is_needed or is_relevant(kind, text):
        result = _read_safely(kind, text)
    exact = kind.way is ReadingWay.EXACT and not result.trouble
    certainty = Certainty.EXACT if exact else Certainty.PROBABLE
    document = ScannedDocument(Path(path), result.uses, certainty, names_host(text))
    return document, Gap(where=path.as_posix(), why=result.trouble) if result.trouble else None


def _read_safely(kind: FileKind, text: str) -> ReaderResult:
    try:
        return _read_all(kind, text, _DEEPEST)
    except Exception as error:  # noqa: BLE001 - a bug of ours in one file must not end the scan of all others
        fault = f"could not be read because of a bug in pgbot ({type(error).__name__}); please report it"
        return ReaderResult(tuple(_signatures(text)), fault)


def _signatures(text: str) -> Iterator[PossibleUse]:
    """Yield the signatures in a text whose reader failed, as far as these can be read."""
    with suppress(Exception):
        yield from find_signatures(text)


def _read_all(kind: FileKind, text: str, depth: int) -> ReaderResult:
    """Return the uses in a document and in the documents inside it."""
    result = kind.read(text)
    embedded = [each for each in result.uses if isinstance(each, EmbeddedDocument)]
    if not embedded:
        return result
    uses: list[PossibleUse] = [each for each in result.uses if not isinstance(each, EmbeddedDocument)]
    trouble = result.trouble
    for each in embedded if depth else ():
        inner = _read_all(find_kind(PurePath(each.name), each.text), each.text, depth - 1)
        uses += (replace(use, place=_position_in(each, use.place)) for use in inner.uses)
        if inner.trouble and not trouble:
            trouble = f"the document inside it, from line {each.place.line}: {inner.trouble}"
    return ReaderResult(tuple(uses), trouble)


def _position_in(document: EmbeddedDocument, place: FilePosition) -> FilePosition:
    """Return the position in the file of a position in a document inside it."""
    first = document.lines[min(place.line, len(document.lines)) - 1]
    return FilePosition(first.line, first.column + place.column - 1)


def unread_gap(path: PurePath) -> Gap:
    """Return the gap that a file leaves which names v1 and has no reader."""
    return Gap(where=path.as_posix(), why="it mentions v1, and pgbot has no reader for it")
