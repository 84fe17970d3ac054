"""Comparison of the audit log with the anchors that were kept of it, read back from where they are."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.audit.anchor import Anchor, anchors_in_force
from bot.audit.anchor_job import AnchorSink
from bot.audit.query import AuditReader
from bot.domain.errors import PgbotError

SECONDS = 10
"""Time limit for reading the anchors of one place, by the machine's clock: the place is not ours."""


class AnchorState(StrEnum):
    """Relation of the log to the anchors of one place."""

    MATCHES = "matches"
    NONE = "none yet"
    UNKNOWN = "unknown"
    OLDER = "older"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorFinding:
    """One place, what its anchors say of the log, and the sentence about it. `anchors` are those in force."""

    place: str
    state: AnchorState
    words: str
    anchors: tuple[Anchor, ...] = ()

    @property
    def contradicts(self) -> bool:
        """Return whether the log is older than its anchors, or another one."""
        return self.state in {AnchorState.OLDER, AnchorState.OTHER}


async def check_anchors(audit: AuditReader, sinks: Sequence[AnchorSink]) -> list[AnchorFinding]:
    """Compare the log with the anchors of every place. Raises StoreError when the log cannot be read."""
    return [await _compare(audit, each) for each in await read_anchors(sinks)]


async def read_anchors(sinks: Sequence[AnchorSink]) -> list[AnchorFinding]:
    """Return the anchors of every place, not compared yet; those that cannot be read are UNKNOWN."""
    return list(await asyncio.gather(*map(_read, sinks)))


async def _read(sink: AnchorSink) -> AnchorFinding:
    place = sink.name
    try:
        async with asyncio.timeout(SECONDS):
            anchors = anchors_in_force(await sink.read())
    except (PgbotError, OSError, TimeoutError, ValueError) as error:
        why = (str(error) or type(error).__name__).rstrip(".")
        words = f"The anchors in {place} could not be read ({why}), so they prove nothing."
        return AnchorFinding(place=place, state=AnchorState.UNKNOWN, words=words)
    words = f"There is no anchor in {place} yet."
    return AnchorFinding(place=place, state=AnchorState.NONE, words=words, anchors=anchors)


async def _compare(audit: AuditReader, found: AnchorFinding) -> AnchorFinding:
    if not found.anchors:
        return found
    state, words = await _judge(audit, found.place, found.anchors)
    return replace(found, state=state, words=words)


async def _judge(audit: AuditReader, place: str, anchors: Sequence[Anchor]) -> tuple[AnchorState, str]:
    first, head = await audit.first_seq(), await audit.head()
    last, hashes = head[0] if head else 0, await audit.hashes_at(each.seq for each in anchors)
    for anchor in sorted(anchors, key=lambda each: each.seq):
        when = f"{anchor.at:%Y-%m-%d %H:%M} UTC"
        if anchor.seq > last:
            ends = f"ends with row {last}" if last else "is empty"
            return AnchorState.OLDER, (
                f"The anchor of {when} in {place} has row {anchor.seq}, and the log {ends}."
            )
        if anchor.seq >= first and hashes.get(anchor.seq) != anchor.hash:
            return (
                AnchorState.OTHER,
                f"Row {anchor.seq} is not the one that was anchored at {when} in {place}.",
            )
    return AnchorState.MATCHES, f"The log matches its anchors in {place}; the last is row {anchors[-1].seq}."
