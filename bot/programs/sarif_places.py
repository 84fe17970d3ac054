"""The file and line of each cluster, for SARIF: the block that a scan found, else the entry of app.yaml."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.domain.cluster import Cluster
from bot.settings.model import Settings
from bot.settings.yaml_source import YamlDocument
from migrations.evidence_files import EvidenceFiles, EvidenceHit
from migrations.formats.sarif_log import SarifPlace

DECLARED = "PGR132"
"""The scan's rule about a cluster's own block, which is a better place than another use of it."""


def find_places(
    clusters: Sequence[Cluster], evidence: EvidenceFiles, settings: Settings, document: YamlDocument
) -> dict[str, SarifPlace]:
    """Return the place of each cluster by id: what scans attribute to it, else its entry under `clusters` in
    app.yaml, else its contract's. Those that none of these has are left out."""
    hits = [hit for scan in evidence.scans for hit in scan.hits if hit.cluster]
    names = Counter(each.name.casefold() for each in clusters)
    by_word: dict[str, EvidenceHit] = {}
    for hit in sorted(hits, key=lambda each: each.rule != DECLARED):
        by_word.setdefault(str(hit.cluster).casefold(), hit)
    found = {}
    for cluster in clusters:
        name = cluster.name.casefold()
        # A name that several clusters have is nobody's in particular.
        words = [cluster.id.casefold(), *([name] if names[name] == 1 else [])]
        known = min(
            (by_word[each] for each in words if each in by_word),
            key=lambda each: each.rule != DECLARED,
            default=None,
        )
        line = next(_settings_lines(cluster, settings, document), None)
        if known is not None:
            found[cluster.id] = SarifPlace(known.path, max(known.line, 1))
        elif line is not None and document.path is not None:
            found[cluster.id] = SarifPlace(name_in_repository(document.path), line)
    return found


def name_in_repository(path: Path) -> str:
    """Return a path as the repository in the working directory has it, absolute where it is outside."""
    whole, here = path.resolve(), Path.cwd()
    return whole.relative_to(here).as_posix() if whole.is_relative_to(here) else whole.as_posix()


def _settings_lines(cluster: Cluster, settings: Settings, document: YamlDocument) -> Iterator[int]:
    for number, entry in enumerate(settings.clusters):
        if entry.match.fits(cluster) and ("clusters", number) in document.lines:
            yield document.lines["clusters", number]
    for number, contract in enumerate(settings.ionos.contracts):
        if contract.name == cluster.contract and ("ionos", "contracts", number) in document.lines:
            yield document.lines["ionos", "contracts", number]
