"""The scan itself: files in, hits out, in a fixed order, with everything that could not be read named."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath

from bot.domain.cluster import Gap
from migrations.rule import Basis, Remedy, Severity, discover_rules
from migrations.scan import rules
from migrations.scan.ambiguity import ScanContext, ScannedDocument
from migrations.scan.clusters import KnownCluster, match_cluster
from migrations.scan.documents import is_relevant, read_document
from migrations.scan.files import Binary, TextFile, walk_files
from migrations.scan.findings import PossibleUse
from migrations.scan.scan_rule import ScanRule


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
    cluster: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """The hits, and how much was read: no hits in no files is not "all good".

    `files` were read, `parsed` of them because they name the vendor at all, `binary` were skipped.
    """

    hits: tuple[ScanFinding, ...]
    gaps: tuple[Gap, ...]
    files: int
    parsed: int
    binary: int


def scan_paths(paths: Sequence[Path], *, known: Sequence[KnownCluster] = ()) -> ScanReport:
    """Scan files and folders. Reads files and blocks meanwhile; raises nothing on account of them."""
    documents: list[ScannedDocument] = []
    gaps: list[Gap] = []
    files = binary = 0
    for seen in walk_files(paths):
        if isinstance(seen, Gap):
            gaps.append(seen)
        elif isinstance(seen, Binary):
            binary += 1
        else:
            files += 1
            if is_relevant(seen.text):
                documents.append(_read_document(seen, gaps))
    return ScanReport(
        hits=_find_hits(documents, known), gaps=tuple(gaps), files=files, parsed=len(documents), binary=binary
    )


@cache
def scan_rules() -> tuple[ScanRule, ...]:
    """Return the rules of the scan, by id."""
    return discover_rules(rules, ScanRule)


def _read_document(file: TextFile, gaps: list[Gap]) -> ScannedDocument:
    reading = read_document(file.path, file.text)
    if reading.trouble:
        gaps.append(Gap(where=file.path.as_posix(), why=reading.trouble))
    return ScannedDocument(file.path, reading.uses)


def _find_hits(
    documents: Sequence[ScannedDocument], known: Sequence[KnownCluster]
) -> tuple[ScanFinding, ...]:
    context = ScanContext(documents)
    found = [
        hit
        for document in documents
        for use in document.uses
        if context.is_met(use, document.path)
        for hit in _match_rules(document.path, use, known)
    ]
    found.sort(key=lambda hit: (hit.path, hit.line, hit.column, hit.rule_id, hit.text, hit.cluster or ""))
    # Two readers may find the same use in one line, at different columns.
    once = {(hit.path, hit.line, hit.rule_id, hit.text): hit for hit in reversed(found)}
    return tuple(reversed(once.values()))


def _match_rules(path: PurePath, use: PossibleUse, known: Sequence[KnownCluster]) -> Iterator[ScanFinding]:
    for rule in scan_rules():
        match = rule.judge(use)
        if match is not None:
            yield ScanFinding(
                path=path.as_posix(),
                line=use.place.line,
                column=use.place.column,
                rule_id=rule.id,
                text=match.text,
                remedy=match.remedy or rule.remedy,
                severity=rule.severity,
                basis=rule.basis,
                cluster=match_cluster(use.values, known),
            )
