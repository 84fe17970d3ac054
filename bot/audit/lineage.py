"""Recognition of older data: anchors that are renewed before each request, and compared at the start.

Restores carry no vendor marker, so that a request was sent is known from our own rows alone. An older copy
of them would have it sent again, unless something outside the copy knows of later rows.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from bot.audit.anchor_check import AnchorFinding, AnchorState, check_anchors
from bot.audit.anchor_job import AnchorSink
from bot.audit.lineage_store import ENGINE, AnchorFacts, DecisionCut, LineageRows
from bot.audit.log import AuditLog
from bot.audit.verified_log import lower_first
from bot.domain.errors import PgbotError
from bot.runtime.clock import Clock
from bot.runtime.logger import get_logger

log = get_logger()

RENEW_SECONDS, OUTSIDE_SECONDS = 5.0, 60.0
"""Seconds after which anchors are renewed while nothing is sent, in the engine's file and elsewhere: an older
copy may lack a decision that was taken back."""


@dataclass(slots=True)
class Lineage:
    """The anchors of one process. Without `places`, which `serve` adds, nothing is kept or compared."""

    audit: AuditLog
    rows: LineageRows
    clock: Clock
    places: tuple[AnchorSink, ...] = ()
    may_renew: Callable[[], bool] = lambda: True
    _kept: dict[str, int] = field(default_factory=dict)
    _gaps: list[str] = field(default_factory=list)
    _turns: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def compare(self, places: Sequence[AnchorSink]) -> DecisionCut | None:
        """Compare the data with the anchors of all places, which get new ones from now on.

        Data that are older than an anchor put the log in doubt. Where an anchor is gone that would have shown
        it, earlier decisions send nothing: the cut, if one is in force, is returned. Raises StoreError.
        """
        self.places = tuple(places)
        findings = await check_anchors(self.audit, places)
        for each in findings:
            if each.contradicts:
                log.error("data older than its anchor", where=each.place, why=each.words)
                self.audit.verified.put_in_doubt(lower_first(each.words), is_older=True)
        gaps = await self._find_gaps(findings)
        # While it waits for another bot's term to end, it keeps no anchors, and a gap is still the same one.
        is_new = bool(self._kept) or gaps != self._gaps
        self._gaps = gaps
        if gaps and is_new and not self.audit.verified.doubt:
            log.warning("earlier decisions send nothing", why=gaps)
            await self.rows.cut(DecisionCut(at=self.clock.now(), why=" and ".join(gaps)))
        return await self.rows.last_cut()

    async def _find_gaps(self, findings: Sequence[AnchorFinding]) -> list[str]:
        known = await self.rows.anchor_facts()
        gaps = [gap for each in findings if (gap := _describe_gap(each, known))]
        unasked = sorted(known.places - {each.place for each in findings})
        return gaps + [f"app.yaml no longer names where the anchor in {each} is" for each in unasked]

    async def keep(self) -> None:
        """Have the last row anchored in every place, on disk. Raises LogInDoubt, StoreError and SlackError:
        then no request may leave."""
        await self._keep(self.places)

    async def _keep(self, places: Iterable[AnchorSink]) -> None:
        self.audit.verified.require_trusted()
        head = await self.audit.head()
        if head is not None:
            await asyncio.gather(*(self._put(each, head[0]) for each in places))

    async def run(self) -> None:
        """Renew the anchors for ever. What fails is tried again."""
        async with asyncio.TaskGroup() as group:
            for place in self.places:
                group.create_task(self._renew_for_ever(place))

    async def _renew_for_ever(self, place: AnchorSink) -> None:
        while True:
            await self.renew(place)
            await self.clock.sleep(RENEW_SECONDS if place.name == ENGINE else OUTSIDE_SECONDS)

    async def renew(self, *places: AnchorSink) -> None:
        """Have the last row anchored, unless the log is in doubt, which its anchors show, or is that of a
        copy which runs beside its original."""
        try:
            if not self.audit.verified.doubt and self.may_renew():
                await self._keep(places or self.places)
        except PgbotError as error:
            log.warning("anchors not renewed", error=str(error))

    async def _put(self, place: AnchorSink, seq: int) -> None:
        """Anchor row `seq` or a later one; of those that wait for one place, one puts it for all."""
        async with self._turns[place.name]:
            if self._kept.get(place.name, 0) >= seq:
                return
            anchor = await self.rows.make_anchor(self.clock.now())
            if anchor is not None:
                await place.put(anchor)
                if place.name not in self._kept:
                    await self.rows.note_anchored(place.name, self.clock.now())
                self._kept[place.name] = anchor.seq


def _describe_gap(found: AnchorFinding, known: AnchorFacts) -> str:
    """Say, as a part of a sentence, why a place cannot show that the data are not older; empty where it can,
    or never could. The engine's file is there from the first start on."""
    is_expected = found.place in known.places
    if found.state is AnchorState.UNKNOWN and (is_expected or (found.place == ENGINE and known.has_changes)):
        return f"{found.place} is missing or cannot be read"
    if found.state is AnchorState.NONE and is_expected:
        return f"{found.place} has lost its anchor"
    if found.state is AnchorState.MATCHES and found.anchors[-1].seq < known.last_sent:
        return f"the anchor in {found.place} is older than the last request"
    return ""
