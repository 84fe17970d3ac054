"""The scan itself: files in, hits out, in a fixed order, with everything that could not be read named."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from os.path import normpath
from pathlib import Path, PurePath

from bot.domain.cluster import Gap
from migrations.rule import Basis, Remedy, Severity, discover_rules
from migrations.scan import rules
from migrations.scan.addresses import names_host
from migrations.scan.ambiguity import MODULES_DEEP, ScanContext, ScannedDocument
from migrations.scan.files import Binary, TextFile, walk_files
from migrations.scan.findings import (
    Certainty,
    EmbeddedDocument,
    FilePosition,
    KnownCluster,
    PossibleUse,
    SizeVariable,
    TerraformBlock,
    Unreadable,
    match_cluster,
)
from migrations.scan.readers.signatures import find_signatures, names_v1
from migrations.scan.scan_coverage import TERRAFORM, FileKind, ReadingWay, find_kind
from migrations.scan.scan_rule import ScanRule
from migrations.scan.sdks import OPERATION

PROGRESS_EVERY = 500
"""Files after which progress is told: a second at most, even where each is long."""

_VENDOR = (b"ionos", b"Ionos", b"IONOS")
"""Every sign of v1 has the vendor's name in it, or counts only in a file that has one which does."""
_NAME = re.compile(r"(?<![A-Za-z])[iI]onos|Ionos|IONOS")
"""The name at a word's beginning: "visionos" does not count."""
_SERVICE = re.compile(r"(?i)postgres|pg|psql|dbaas|cluster")
"""Every sign that counts by itself has one of these as well: most files that name the vendor do not."""
_OPERATION_PARTS = (b"luster", b"sers", b"atabases")
_SOURCE = re.compile(r"\bsource\"?\s{0,40}[=:]\s{0,40}\"(?P<path>\.[^\"\n]{0,200})\"")

_DEEPEST = 3
"""Documents within documents, as a playbook in a script in a notebook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFinding:
    """One use of v1. `path` is as walked, with `/`; line and column count from 1.

    `text` is what was recognised, in our own words where a secret may stand there: never the line itself.
    `cluster` is the id of the known cluster that it is about, where its id or name stands there.
    """

    path: str
    line: int
    column: int
    rule_id: str
    text: str
    remedy: Remedy
    severity: Severity
    basis: Basis
    certainty: Certainty
    cluster: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """The hits, and how much was read: no hits in no files is not "all good".

    `files` are texts, `parsed` of them name the vendor and were looked through; `ways` counts the texts by
    the way in which they are read, `prose_naming_v1` those not looked at that name v1; `binary` are no texts.
    """

    hits: tuple[ScanFinding, ...]
    gaps: tuple[Gap, ...]
    files: int
    parsed: int
    binary: int
    ways: Mapping[ReadingWay, int]
    ecosystems: Mapping[str, int]
    prose_naming_v1: int = 0


def scan_paths(
    paths: Sequence[Path],
    *,
    known: Sequence[KnownCluster] = (),
    progress: Callable[[str], object] = lambda _words: None,
) -> ScanReport:
    """Scan files and folders, and say how many were seen every so often.

    Reads files and blocks meanwhile; raises nothing on account of them.
    """
    return _Scan().run(paths, known, progress)


class _Scan:
    """One scan: its counts, and what the documents held, never their texts."""

    def __init__(self) -> None:
        self._documents: list[ScannedDocument] = []
        self._gaps: list[Gap] = []
        self._ways: Counter[ReadingWay] = Counter()
        self._ecosystems: Counter[str] = Counter()
        self._unnamed = _UnnamedConfigurations()
        self._parsed = self._binary = self._prose = 0

    def run(
        self, paths: Sequence[Path], known: Sequence[KnownCluster], progress: Callable[[str], object]
    ) -> ScanReport:
        for number, seen in enumerate(walk_files(paths), 1):
            if number % PROGRESS_EVERY == 0:
                progress(f"Scanned {number:,} files")
            if isinstance(seen, Gap):
                self._gaps.append(seen)
            elif isinstance(seen, Binary):
                self._binary += 1
                is_gap = _names_vendor(seen.content) and names_v1(seen.text)
                self._gaps += [_unread_gap(seen.path)] if is_gap else []
            else:
                self._read(seen)
        needed = list(self._unnamed.read_needed(self._documents))
        self._documents += needed
        self._parsed += len(needed)
        return ScanReport(
            hits=_find_hits(self._documents, known),
            gaps=tuple(self._gaps),
            files=self._ways.total(),
            parsed=self._parsed,
            binary=self._binary,
            ways={way: self._ways[way] for way in ReadingWay},
            ecosystems=dict(sorted(self._ecosystems.items())),
            prose_naming_v1=self._prose,
        )

    def _read(self, file: TextFile) -> None:
        kind = find_kind(file.path, file.first_line)
        self._ways[kind.way] += 1
        self._ecosystems[kind.ecosystem] += 1
        text = file.text if _may_be_relevant(kind, file.content) else ""
        if not _is_relevant(kind, text):
            if kind.ecosystem == TERRAFORM:
                self._unnamed.add(file.path)
            return
        if kind.way is ReadingWay.PROSE:
            self._prose += names_v1(text)
            return
        self._parsed += 1
        document, gap = read_document(kind, file.path, text)
        self._documents.append(document)
        self._gaps += [gap] if gap else []


@cache
def scan_rules() -> tuple[ScanRule, ...]:
    return discover_rules(rules, ScanRule)


def _find_hits(
    documents: Sequence[ScannedDocument], known: Sequence[KnownCluster]
) -> tuple[ScanFinding, ...]:
    context = ScanContext(documents)
    found = [
        hit
        for document in documents
        for use in document.uses
        if context.is_met(use, document.path)
        for hit in _match_rules(document, use, known)
    ]
    found.sort(key=lambda hit: (hit.path, hit.line, hit.column, hit.rule_id, hit.text, hit.cluster or ""))
    # Two readers may find the same use in one line, at different columns.
    once = {(hit.path, hit.line, hit.rule_id, hit.text): hit for hit in reversed(found)}
    return tuple(reversed(once.values()))


def _match_rules(
    document: ScannedDocument, use: PossibleUse, known: Sequence[KnownCluster]
) -> Iterator[ScanFinding]:
    for rule in scan_rules():
        match = rule.judge(use)
        if match is not None:
            yield ScanFinding(
                path=document.path.as_posix(),
                line=use.place.line,
                column=use.place.column,
                rule_id=rule.id,
                text=match.text,
                remedy=match.remedy or rule.remedy,
                severity=rule.severity,
                basis=rule.basis,
                certainty=document.certainty,
                cluster=match_cluster(use.values, known),
            )


def _may_be_relevant(kind: FileKind, content: bytes) -> bool:
    """Return False for content that is not worth decoding, because `_is_relevant` would say no."""
    return _names_vendor(content) or (
        kind.by_package
        and any(each in content for each in _OPERATION_PARTS)
        and OPERATION.search(content.decode("latin-1")) is not None
    )


def _names_vendor(content: bytes) -> bool:
    return any(each in content for each in _VENDOR)


def _is_relevant(kind: FileKind, text: str) -> bool:
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
        return ScannedDocument(Path(path), ()), _unread_gap(path)
    uses: list[PossibleUse] = []
    trouble = ""
    if is_needed or _is_relevant(kind, text):
        uses, trouble = _read_safely(kind, text)
    exact = kind.way is ReadingWay.EXACT and not trouble
    certainty = Certainty.EXACT if exact else Certainty.PROBABLE
    document = ScannedDocument(Path(path), tuple(uses), certainty, names_host(text))
    return document, Gap(where=path.as_posix(), why=trouble) if trouble else None


def _read_safely(kind: FileKind, text: str) -> tuple[list[PossibleUse], str]:
    try:
        return _read_all(kind, text, _DEEPEST)
    except Exception as error:  # noqa: BLE001 - a bug of ours in one file must not end the scan of all others
        fault = f"could not be read because of a bug in pgbot ({type(error).__name__}); please report it"
    uses: list[PossibleUse] = []
    with suppress(Exception):
        uses.extend(find_signatures(text))
    return uses, fault


def _read_all(kind: FileKind, text: str, depth: int) -> tuple[list[PossibleUse], str]:
    """Return the uses in a document and in the documents inside it, and why something could not be read."""
    uses: list[PossibleUse] = []
    inside: list[EmbeddedDocument] = []
    trouble = ""
    for found in kind.read(text):
        if isinstance(found, EmbeddedDocument):
            inside.append(found)
        elif isinstance(found, Unreadable):
            trouble = found.text
        else:
            uses.append(found)
    for each in inside if depth else ():
        inner, why = _read_all(find_kind(PurePath(each.name), each.text), each.text, depth - 1)
        uses += (replace(use, place=_position_in(each, use.place)) for use in inner)
        if why and not trouble:
            trouble = f"the document inside it, from line {each.place.line}: {why}"
    return uses, trouble


def _position_in(document: EmbeddedDocument, place: FilePosition) -> FilePosition:
    """Return the position in the file of a position in a document inside it."""
    first = document.lines[min(place.line, len(document.lines)) - 1]
    return FilePosition(first.line, first.column + place.column - 1)


def _unread_gap(path: PurePath) -> Gap:
    return Gap(where=path.as_posix(), why="it mentions v1, and pgbot has no reader for it")


class _UnnamedConfigurations:
    """Terraform's files without the vendor's name that may yet hold sizes of a v1 resource: read only where a
    module of v1 needs them."""

    def __init__(self) -> None:
        self._paths: dict[str, list[Path]] = defaultdict(list)

    def add(self, path: Path) -> None:
        self._paths[normpath(path.parent)].append(path)

    def read_needed(self, documents: Iterable[ScannedDocument]) -> Iterator[ScannedDocument]:
        """Yield the files beside a resource of v1 that takes a size from a variable, and those that call its
        module, and the callers of these."""
        modules: set[str] = set()
        pending: set[str] = set()
        for document in documents:
            folder = normpath(document.path.parent)
            if any(isinstance(use, SizeVariable) and not use.module for use in document.uses):
                pending |= {folder, *_folders_below(folder, self._paths)}
            if any(isinstance(use, TerraformBlock) and not use.in_state for use in document.uses):
                modules.add(folder)
        done: set[Path] = set()
        for _ in range(MODULES_DEEP if modules else 0):
            called = set(self._callers(modules)) - done
            beside = {path for folder in pending for path in self._paths.get(folder, ())} - done
            for path in sorted(beside | called):
                for file in _texts(path):
                    kind = find_kind(path, file.first_line)
                    yield read_document(kind, path, file.text, is_needed=True)[0]
            done |= beside | called
            modules = pending = {normpath(path.parent) for path in called}
            if not called:
                return

    def _callers(self, modules: set[str]) -> Iterator[Path]:
        # Whether a path may lead to a folder of these names is quicker told than whether it does.
        names = {*(Path(each).name for each in modules), ".", ".."}
        for folder, paths in self._paths.items():
            for path in paths:
                if path.name.endswith((".tfvars", ".tfvars.json")):
                    continue
                found = {each["path"] for file in _texts(path) for each in _SOURCE.finditer(file.text)}
                sources = (each for each in found if each.rstrip("/").rpartition("/")[2] in names)
                if any(normpath(Path(folder) / each) in modules for each in sources):
                    yield path


def _texts(path: Path) -> Iterator[TextFile]:
    return (each for each in walk_files([path]) if isinstance(each, TextFile))


def _folders_below(folder: str, known: Iterable[str]) -> Iterator[str]:
    """Yield the folders of values, `envs/prod.tfvars`, up to two below the configuration."""
    for each in known:
        if folder in {str(Path(each).parent), str(Path(each).parent.parent)}:
            yield each
