"""One document in, its uses out, and how certain they are."""

from pathlib import Path, PurePath

from bot.domain.cluster import Gap
from migrations.scan.addresses import names_host
from migrations.scan.ambiguity import ScannedDocument
from migrations.scan.findings import Certainty, ReaderResult
from migrations.scan.readers.signatures import names_v1
from migrations.scan.scan_coverage import FileKind, ReadingWay
from migrations.scan.sdk_operations import OPERATION

_VENDOR = "ionos"
"""Every sign of v1 has the vendor's name in it, or counts only in a file that has one which does."""


def is_relevant(kind: FileKind, text: str) -> bool:
    """Return whether anything can be found in the text; parsing it is pointless otherwise."""
    return _VENDOR in text.casefold() or (kind.by_package and OPERATION.search(text) is not None)


def read_document(kind: FileKind, path: PurePath, text: str) -> tuple[ScannedDocument, Gap | None]:
    """Return the uses in a document, and why it could not be read as its kind. Never raises."""
    if kind.way is ReadingWay.NO_READER and names_v1(text):
        return ScannedDocument(Path(path), ()), unread_gap(path)
    result = kind.read(text) if is_relevant(kind, text) else ReaderResult(())
    exact = kind.way is ReadingWay.EXACT and not result.trouble
    certainty = Certainty.EXACT if exact else Certainty.PROBABLE
    document = ScannedDocument(Path(path), result.uses, certainty, names_host(text))
    return document, Gap(where=path.as_posix(), why=result.trouble) if result.trouble else None


def unread_gap(path: PurePath) -> Gap:
    """Return the gap that a file leaves which names v1 and has no reader."""
    return Gap(where=path.as_posix(), why="it names v1 and has no reader")
