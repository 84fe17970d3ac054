"""Evidence from files: documents by `pgbot scan --format json` and `pgbot precheck`, read within limits.

Whatever a file holds, reading it raises nothing and takes bounded time and memory. A file that cannot be
used is a gap with the reason, so that no answer leaves it out silently.
"""

import glob
import heapq
import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from bot.domain.cluster import Gap

MAX_AGE = timedelta(days=30)
"""From this age on a document says nothing about today."""

CLOCK_TOLERANCE = timedelta(hours=1)
"""A document may be so far ahead: the machine that wrote it has a clock of its own."""

MAX_FILES = 1_000
MAX_FILE_BYTES = 32 * 1024**2
MAX_TOTAL_BYTES = 128 * 1024**2

URN = "urn:ionos-pg-chatops:"
READ_VERSIONS = {"scan": 1, "precheck": 1}
"""Kinds of documents that are evidence, with the newest version of each that can be read."""

_WRONG_FORM = "it is not in the format that pgbot writes: {}"


@dataclass(frozen=True, slots=True)
class EvidenceSource:
    """A document's file, as it was found, and its own time in UTC; None where it does not say."""

    file: str
    at: datetime | None

    def why_outdated(self, now: datetime) -> str:
        """Say why the document says nothing about today; empty where it does."""
        if self.at is None:
            return "it has no creation time"
        if self.at > now + CLOCK_TOLERANCE:
            return f"its creation time, {self.at:%Y-%m-%d %H:%M} UTC, is in the future"
        if now - self.at > MAX_AGE:
            return f"it is from {self.at:%Y-%m-%d}, more than {MAX_AGE.days} days ago"
        return ""


@dataclass(frozen=True, slots=True)
class EvidenceHit:
    """One use of v1 in a scanned file. `cluster` is an id in small letters, None where it names none."""

    path: str
    line: int
    rule: str
    cluster: str | None


@dataclass(frozen=True, slots=True)
class ScanEvidence:
    """A scan's report: its hits, how many files it read, and how many places it could not read."""

    source: EvidenceSource
    hits: tuple[EvidenceHit, ...]
    files: int
    unread: int


@dataclass(frozen=True, slots=True)
class PrecheckEvidence:
    """A precheck's document; only its kind and time are checked here."""

    source: EvidenceSource
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFiles:
    """The documents found. `gaps` are the files that could not be used."""

    scans: tuple[ScanEvidence, ...] = ()
    prechecks: tuple[PrecheckEvidence, ...] = ()
    gaps: tuple[Gap, ...] = ()


class _Unusable(Exception):
    """A file that can’t be used as evidence; the message says why."""


def load_evidence(sources: Sequence[str]) -> EvidenceFiles:
    """Read files, the *.json files of folders (not of folders in them), and globs. Blocks; raises nothing.

    A document that is there twice counts once.
    """
    reading = _Reading()
    for path in _find_files(sources, reading.gaps):
        try:
            reading.add(path)
        except _Unusable as trouble:
            reading.gaps.append(Gap(where=str(path), why=str(trouble)))
    return EvidenceFiles(
        scans=tuple(reading.scans), prechecks=tuple(reading.prechecks), gaps=tuple(reading.gaps)
    )


def _find_files(sources: Sequence[str], gaps: list[Gap]) -> Iterator[Path]:
    """Yield each file once, at most MAX_FILES."""
    found: set[str] = set()
    for source in sources:
        paths = _expand_source(source, gaps)
        if not paths and not any(gap.where == source for gap in gaps):
            gaps.append(Gap(where=source, why="it does not exist"))
        for path in paths:
            real = os.path.realpath(path)
            if real not in found and len(found) >= MAX_FILES:
                gaps.append(Gap(where=source, why=f"only the first {MAX_FILES:,} files are read"))
                break
            if real not in found:
                found.add(real)
                yield path


def _expand_source(source: str, gaps: list[Gap]) -> list[Path]:
    """Return the files of one entry in order, one more than the most at most."""
    try:
        path = Path(source)
        if path.is_dir():
            with os.scandir(path) as entries:
                names = heapq.nsmallest(MAX_FILES + 1, (e.name for e in entries if e.name.endswith(".json")))
            if not names:
                gaps.append(Gap(where=source, why="this folder has no .json files"))
            return [path / name for name in names]
        if path.exists() or not glob.has_magic(source):
            return [path] if path.exists() else []
        # Not Path.glob: it wants the folder apart from the pattern, and goes down through "**".
        found = glob.iglob(source)  # noqa: PTH207
        return [Path(name) for name in sorted(islice(found, MAX_FILES + 1))]
    except (OSError, ValueError) as trouble:
        gaps.append(Gap(where=source, why=_describe_trouble(trouble)))
        return []


@dataclass
class _Reading:
    """Documents read so far, and what they take."""

    scans: list[ScanEvidence] = field(default_factory=list)
    prechecks: list[PrecheckEvidence] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    _digests: set[bytes] = field(default_factory=set)
    _bytes: int = 0

    def add(self, path: Path) -> None:
        """Read one file. Raises _Unusable."""
        content = _read_file(path)
        digest = sha256(content).digest()
        if digest in self._digests:
            return
        self._digests.add(digest)
        self._bytes += len(content)
        if self._bytes > MAX_TOTAL_BYTES:
            raise _Unusable(f"all files together exceed {MAX_TOTAL_BYTES // 1024**2} MB")
        document = _parse_document(content)
        source = EvidenceSource(str(path), _read_time(document.get("read_at")))
        if _require_kind(document) == "scan":
            self.scans.append(_read_scan(document, source))
        else:
            self.prechecks.append(PrecheckEvidence(source, document))


def _read_file(path: Path) -> bytes:
    """Return a regular file's content. A pipe or a device would be waited for, or would never end."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _Unusable("it is not a regular file")
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as trouble:
        raise _Unusable(_describe_trouble(trouble)) from None
    if len(content) > MAX_FILE_BYTES:
        raise _Unusable(f"it is larger than {MAX_FILE_BYTES // 1024**2} MB")
    return content


def _parse_document(content: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        # Not the parser's own message: it may quote the file.
        raise _Unusable("it is not valid JSON") from None
    if not isinstance(document, dict):
        raise _Unusable("it is JSON, but not from pgbot")
    return document


def _require_kind(document: Mapping[str, Any]) -> str:
    """Return the kind of a document that can be read. Raises _Unusable."""
    schema = document.get("$schema")
    kind, _, version = schema.removeprefix(URN).partition(":") if isinstance(schema, str) else ("", "", "")
    if not isinstance(schema, str) or not schema.startswith(URN):
        raise _Unusable("it was not written by “pgbot scan --format json” or “pgbot precheck”")
    if kind not in READ_VERSIONS:
        raise _Unusable("it is from another pgbot program, not from pgbot scan or pgbot precheck")
    if version != str(READ_VERSIONS[kind]):
        raise _Unusable("it was written by another release of pgbot; create it again with this one")
    return kind


def _read_time(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        return at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _read_scan(document: Mapping[str, Any], source: EvidenceSource) -> ScanEvidence:
    coverage, hits = document.get("coverage"), document.get("hits")
    if not isinstance(coverage, dict) or not isinstance(hits, list):
        raise _Unusable(_WRONG_FORM.format("coverage or hits are missing"))
    files, gaps = _read_number(coverage.get("files")), coverage.get("gaps")
    if files is None or not isinstance(gaps, list):
        raise _Unusable(_WRONG_FORM.format("coverage does not say what was read"))
    return ScanEvidence(source, tuple(map(_read_hit, hits)), files, len(gaps))


def _read_hit(hit: object) -> EvidenceHit:
    values = hit if isinstance(hit, dict) else {}
    path, rule, cluster = (values.get(key, "") for key in ("path", "rule", "cluster"))
    line = _read_number(values.get("line"))
    named = cluster is None or (isinstance(cluster, str) and cluster != "")
    if not isinstance(path, str) or not isinstance(rule, str) or line is None or not named:
        raise _Unusable(_WRONG_FORM.format("a hit has no place, rule or cluster"))
    return EvidenceHit(path, line, rule, None if cluster is None else cluster.strip().casefold())


def _read_number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _describe_trouble(trouble: OSError | ValueError) -> str:
    words = trouble.strerror if isinstance(trouble, OSError) else None
    return (words or "it cannot be read").casefold()
