"""The second verdict: whether a cluster's clients are off v1.

It rests on three sources: reports of `pgbot scan`, the bot's own audit log, and what v1's answers show. Each
may show a use; only all of them together, each wholly read, show that there is none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from pathlib import PurePath

from bot.domain.cluster import ClusterDatabase, DbUser
from bot.domain.phrases import format_count, join_some
from migrations.evidence_files import EvidenceFiles, EvidenceHit, ScanEvidence
from migrations.facts import ClusterFacts, MissingFact

USE_WINDOW = timedelta(days=90)
"""A use of v1 before this time says nothing about today."""

SETUP_PERIOD = timedelta(days=1)
"""Users and databases of a cluster's first day came with it, from a request that v2 has as well."""

MADE_BY_SQL = ("_unmanaged_", "_system_")
"""Ends of `createdBy` that no client of the API leaves (ionos-v1.openapi.yaml)."""

MAX_LINES = 20
"""Uses of a cluster that a text lists."""


class ClientState(StrEnum):
    STILL_ON_V1 = "still on v1"
    NOT_KNOWN = "not known"
    OFF_V1 = "off v1"


class UseSource(StrEnum):
    SCAN = "scan"
    AUDIT = "audit log"
    API = "v1's answers"


@dataclass(frozen=True, slots=True)
class ClientUse:
    """One use of v1, in a few words."""

    source: UseSource
    what: str


@dataclass(frozen=True, slots=True)
class EvidenceLack:
    """A reason why nothing can be ruled out. `places` name what it is about, for those who see the whole
    fleet: the name of a file may be that of a cluster."""

    why: str
    places: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The reason with the first of its places."""
        return f"{self.why}: {join_some(self.places)}." if self.places else f"{self.why}."


@dataclass(frozen=True, slots=True)
class ClientVerdict:
    """The verdict on one cluster's clients: the uses found, and what this cluster's evidence lacks.

    What the evidence about all clusters lacks is in the report.
    """

    state: ClientState
    uses: tuple[ClientUse, ...] = ()
    lacks: tuple[EvidenceLack, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The first uses and all lacks, a line each."""
        lines = [f"{use.source}: {use.what}" for use in self.uses[:MAX_LINES]]
        more = len(self.uses) - MAX_LINES
        lines += [f"{format_count(more, 'more use')}, in the JSON report"] if more > 0 else []
        return (*lines, *(lack.sentence for lack in self.lacks))


NOT_JUDGED = ClientVerdict(ClientState.NOT_KNOWN)


@dataclass(frozen=True, slots=True)
class CommandUse:
    """A command that v2 does not offer, as people used it here within `USE_WINDOW`; `last` is UTC."""

    command: str
    count: int
    last: datetime


@dataclass(frozen=True, slots=True)
class ClientEvidence:
    """Evidence about the clients of all clusters. `commands` are uses by a cluster's id in small letters, or
    the reason why nobody looked for them."""

    files: EvidenceFiles
    commands: Mapping[str, Sequence[CommandUse]] | MissingFact


NO_EVIDENCE = ClientEvidence(EvidenceFiles(), MissingFact("the audit log was not read"))


@dataclass
class ClientCheck:
    """The check of the clients of one fleet at a time."""

    evidence: ClientEvidence
    at: datetime
    _hits: dict[str | None, dict[EvidenceHit, str]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for scan in self._current:
            for hit in scan.hits:
                self._hits.setdefault(hit.cluster, {}).setdefault(hit, PurePath(scan.source.file).name)

    @cached_property
    def _current(self) -> tuple[ScanEvidence, ...]:
        """The reports that say something about today."""
        return tuple(each for each in self.evidence.files.scans if not each.source.why_outdated(self.at))

    @cached_property
    def lacks(self) -> tuple[EvidenceLack, ...]:
        """Reasons why nothing can be ruled out for any cluster."""
        lacks = list(self._file_lacks())
        if not self.evidence.files.scans:
            lacks.append(EvidenceLack("no pgbot scan report is listed under migration.evidence in app.yaml"))
        if isinstance(self.evidence.commands, MissingFact):
            lacks.append(EvidenceLack(self.evidence.commands.why))
        return tuple(lacks)

    @property
    def basis(self) -> str:
        """Say in a sentence how much was scanned, for people to judge; empty without a scan of today."""
        if not self._current:
            return ""
        files = format_count(sum(each.files for each in self._current), "file")
        oldest = min(each.source.at for each in self._current if each.source.at)
        scans = format_count(len(self._current), "report")
        log = "" if isinstance(self.evidence.commands, MissingFact) else ", and the audit log"
        return (
            f"Client states come from {scans} of pgbot scan, with {files} read (oldest: "
            f"{oldest:%Y-%m-%d}){log}."
        )

    def _file_lacks(self) -> Iterator[EvidenceLack]:
        files = self.evidence.files
        outdated = [(each.source, each.source.why_outdated(self.at)) for each in files.scans]
        unread = [(each.source.file, each.unread) for each in self._current if each.unread]
        unnamed = self._hits.get(None, {})
        for noun, words, places in (
            ("file", "of evidence could not be used", [str(gap) for gap in files.gaps]),
            (
                "report",
                "of pgbot scan can’t be used as current evidence",
                [f"{source.file}: {why}" for source, why in outdated if why],
            ),
            (
                "report",
                "of pgbot scan read no files",
                [each.source.file for each in self._current if not each.files],
            ),
            (
                "report",
                "of pgbot scan could not read everything",
                [f"{file}: {format_count(number, 'place')}" for file, number in unread],
            ),
            (
                "use",
                "of v1 in the scanned files can’t be matched to a cluster",
                [f"{file}: {hit.path}:{hit.line}" for hit, file in unnamed.items()],
            ),
        ):
            if places:
                yield EvidenceLack(f"{format_count(len(places), noun)} {words}", tuple(places))

    def judge(self, facts: ClusterFacts) -> ClientVerdict:
        """Return the verdict on the clients of one cluster."""
        uses = (*self._scan_uses(facts), *self._command_uses(facts), *self._api_uses(facts))
        lacks = tuple(
            EvidenceLack(f"v1's list of {kind}s could not be read: {fact.why}")
            for kind, fact in facts.accounts.items()
            if isinstance(fact, MissingFact)
        )
        if uses:
            return ClientVerdict(ClientState.STILL_ON_V1, uses, lacks)
        state = ClientState.NOT_KNOWN if lacks or self.lacks else ClientState.OFF_V1
        return ClientVerdict(state, uses, lacks)

    def _scan_uses(self, facts: ClusterFacts) -> list[ClientUse]:
        hits = self._hits.get(facts.cluster.id.casefold(), {})
        return [
            ClientUse(UseSource.SCAN, f"{hit.path}:{hit.line}, {hit.rule} ({file})")
            for hit, file in sorted(hits.items(), key=lambda item: (item[0].path, item[0].line, item[0].rule))
        ]

    def _command_uses(self, facts: ClusterFacts) -> list[ClientUse]:
        commands = self.evidence.commands
        if isinstance(commands, MissingFact):
            return []
        return [
            ClientUse(
                UseSource.AUDIT,
                f"“{use.command}” here, {format_count(use.count, 'time')}, last on {use.last:%Y-%m-%d}",
            )
            for use in commands.get(facts.cluster.id.casefold(), ())
        ]

    def _api_uses(self, facts: ClusterFacts) -> list[ClientUse]:
        return [
            ClientUse(
                UseSource.API, f"{kind} {each.name} was created through the API on {each.created_at:%Y-%m-%d}"
            )
            for kind, things in facts.accounts.items()
            if not isinstance(things, MissingFact)
            for each in sorted(things, key=lambda each: each.name)
            if self._was_made_by_client(each, facts)
        ]

    def _was_made_by_client(self, thing: DbUser | ClusterDatabase, facts: ClusterFacts) -> bool:
        made, began = thing.created_at, facts.cluster.created_at
        return (
            made is not None
            and bool(thing.created_by)
            and not str(thing.created_by).endswith(MADE_BY_SQL)
            and made > self.at - USE_WINDOW
            and (began is None or made > began + SETUP_PERIOD)
        )
