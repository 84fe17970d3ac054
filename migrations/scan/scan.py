"""The scan itself: files in, hits out, in a fixed order, with everything that could not be read named."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.domain.cluster import Gap
from migrations.rule import Basis, Remedy, Severity, discover_rules
from migrations.scan import rules
from migrations.scan.ambiguity import ScanContext, ScannedDocument
from migrations.scan.clusters import KnownCluster, match_cluster
from migrations.scan.documents import is_relevant, may_be_relevant, names_vendor, read_document, unread_gap
from migrations.scan.files import Binary, TextFile, walk_files
from migrations.scan.findings import Certainty, PossibleUse
from migrations.scan.readers.signatures import names_v1
from migrations.scan.scan_coverage import TERRAFORM, ReadingWay, find_kind
from migrations.scan.scan_rule import ScanRule
from migrations.scan.terraform_modules import UnnamedConfigurations


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


PROGRESS_EVERY = 500
"""Files after which progress is told: a second at most, even where each is long."""


class _Scan:
    """One scan: its counts, and what the documents held, never their texts."""

    def __init__(self) -> None:
        self._documents: list[ScannedDocument] = []
        self._gaps: list[Gap] = []
        self._ways: Counter[ReadingWay] = Counter()
        self._ecosystems: Counter[str] = Counter()
        self._unnamed = UnnamedConfigurations()
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
                is_gap = names_vendor(seen.content) and names_v1(seen.text)
                self._gaps += [unread_gap(seen.path)] if is_gap else []
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
        text = file.text if may_be_relevant(kind, file.content) else ""
        if not is_relevant(kind, text):
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
    """Return the rules of the scan, by id."""
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
