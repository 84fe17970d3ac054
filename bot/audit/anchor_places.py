"""Places outside the machine that keep anchors of the log: the job that fills them, and the comparison."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from bot.audit.hash_chain import MARK, Anchor, anchors_in, anchors_in_force
from bot.audit.log import AuditLog
from bot.audit.query import AuditReader
from bot.audit.records import bot_entry
from bot.domain.errors import PgbotError, StoreError
from bot.domain.redaction import redact
from bot.runtime.clock import Clock
from bot.runtime.health_page import Health
from bot.runtime.logger import get_logger
from bot.settings.child_process import Program, run_program
from bot.settings.sections import AnchorSettings

log = get_logger()


class AnchorChannel(Protocol):
    """Slack, as far as anchors need it. Both raise SlackError."""

    async def post(self, channel: str, text: str) -> object: ...

    async def read_own(self, channel: str, part: str) -> Sequence[str]:
        """Return the bot's own latest messages there that have `part` in them, oldest first."""
        ...


class AnchorSink(Protocol):
    """A place outside the log that keeps anchors."""

    @property
    def name(self) -> str:
        """Kind and place, for people."""
        ...

    async def put(self, anchor: Anchor) -> None:
        """Keep an anchor. Raises PgbotError or OSError."""
        ...

    async def read(self) -> tuple[Anchor, ...]:
        """Return the anchors that are kept there, oldest first; empty for none.

        A place may leave out old ones. Raises PgbotError or OSError when it cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class FileSink:
    """A file, best on another machine's disk, that gets a line for each anchor, on disk at once."""

    path: Path

    @property
    def name(self) -> str:
        return f"file {self.path}"

    async def put(self, anchor: Anchor) -> None:
        await asyncio.to_thread(self._add, f"{anchor}\n")

    async def read(self) -> tuple[Anchor, ...]:
        return await asyncio.to_thread(self._kept)

    def _kept(self) -> tuple[Anchor, ...]:
        text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        return anchors_in(text) if text.strip() else ()

    def _add(self, line: str) -> None:
        descriptor = os.open(self.path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, line.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@dataclass(frozen=True, slots=True)
class CommandSink:
    """A program that reads the anchor's line on its input; any exit code but 0 is a failure.

    `reader` is a program that prints the anchors which the first one keeps.
    """

    command: tuple[str, ...]
    env: tuple[str, ...] = ()
    reader: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        # The arguments may hold a secret.
        return f"command {self.command[0]}"

    async def put(self, anchor: Anchor) -> None:
        code, *_ = await run_program(Program(command=self.command, env=self.env), f"{anchor}\n")
        if code:
            raise StoreError(f"It ended with {code}.")

    async def read(self) -> tuple[Anchor, ...]:
        if not self.reader:
            raise StoreError("audit.anchors.read names no program that prints its anchors.")
        code, output, _ = await run_program(Program(command=self.reader, env=self.env), "", keeps_output=True)
        if code:
            raise StoreError(f"{self.reader[0]} ended with {code}.")
        text = output.decode(errors="replace")
        return anchors_in(text) if text.strip() else ()


@dataclass(frozen=True, slots=True)
class ChannelSink:
    """A Slack channel, whose messages nobody with the bot's machine can take back."""

    channel: str
    slack: AnchorChannel

    @property
    def name(self) -> str:
        return f"channel {self.channel}"

    async def put(self, anchor: Anchor) -> None:
        await self.slack.post(self.channel, format_anchor(anchor))

    async def read(self) -> tuple[Anchor, ...]:
        texts = await self.slack.read_own(self.channel, MARK)
        return tuple(anchor for text in texts for anchor in anchors_in(text))


def format_anchor(anchor: Anchor) -> str:
    """Return the text to post; `pgbot audit verify --anchors` reads it as it is copied from Slack."""
    return f"Audit log up to row {anchor.seq:,}\n`{anchor}`"


def open_sinks(settings: AnchorSettings, slack: AnchorChannel) -> tuple[AnchorSink, ...]:
    """Return the sinks that app.yaml names; empty for none."""
    found: list[AnchorSink] = []
    if settings.file is not None:
        found.append(FileSink(Path(settings.file)))
    if settings.command:
        found.append(CommandSink(settings.command, settings.env, settings.read or ()))
    if settings.channel is not None:
        found.append(ChannelSink(settings.channel, slack))
    return tuple(found)


@dataclass(slots=True)
class AnchorJob:
    """A loop of anchoring. A sink that fails is tried again at the next turn, and the log has the failure.

    While `may_anchor` says no, nothing is anchored: a log in doubt would become the anchored one.
    """

    audit: AuditLog
    sinks: Sequence[AnchorSink]
    clock: Clock
    may_anchor: Callable[[], bool] = lambda: True
    _kept: dict[str, int] = field(default_factory=dict)
    _failed: list[tuple[str, str]] = field(default_factory=list)
    _anchored: float | None = None

    async def run(self, every: timedelta, until_alone: Callable[[], Awaitable[None]]) -> None:
        """Anchor now and again after each interval; ends only when cancelled. Each turn waits for
        `until_alone`: the log of a copy must not be anchored beside that of its original."""
        while True:
            await until_alone()
            try:
                await self.turn()
            except StoreError:
                log.exception("audit log not anchored")
            await self.clock.sleep(every.total_seconds())

    async def turn(self) -> None:
        """Put the last row to every sink that lacks it. Raises StoreError when the log cannot be read."""
        head = await self.audit.head()
        if head is None or not self.may_anchor():
            return
        anchor = Anchor(*head, self.clock.now())
        behind = [sink for sink in self.sinks if self._kept.get(sink.name, 0) < anchor.seq]
        self._failed = failed = await put_everywhere(behind, anchor)
        self._kept |= dict.fromkeys({sink.name for sink in behind} - dict(failed).keys(), anchor.seq)
        self._anchored = self._anchored if failed else self.clock.monotonic()
        for name, why in failed:
            log.error("audit anchor not kept", where=name, why=why, seq=anchor.seq)
            # A missing anchor must be visible in the log itself.
            entry = bot_entry(self.clock.now(), "anchor", "failed", redact(why), redact(name))
            await self.audit.append(entry)

    async def check(self) -> Health:
        """Return the places that lack the last anchor, for `/readyz`: a warning, as others may have it."""
        words = [
            f"{name} did not take the last anchor of the audit log ({why})." for name, why in self._failed
        ]
        age = None if self._anchored is None else int(self.clock.monotonic() - self._anchored)
        return Health(" ".join(words), is_warning=True, figures={"last_anchor_seconds": age})


async def put_everywhere(sinks: Sequence[AnchorSink], anchor: Anchor) -> list[tuple[str, str]]:
    """Keep an anchor in every place at once; return the places that did not take it, with the reason."""
    failures = await asyncio.gather(*(_put(sink, anchor) for sink in sinks))
    return [(sink.name, why) for sink, why in zip(sinks, failures, strict=True) if why]


async def _put(sink: AnchorSink, anchor: Anchor) -> str:
    """Return why the anchor could not be kept; empty when it was."""
    try:
        await sink.put(anchor)
    except (PgbotError, OSError, TimeoutError) as error:
        return str(error) or type(error).__name__
    return ""


READ_SECONDS = 10
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
        async with asyncio.timeout(READ_SECONDS):
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
    first, head, place = await audit.first_seq(), await audit.head(), found.place
    last, hashes = head[0] if head else 0, await audit.hashes_at(each.seq for each in found.anchors)
    for anchor in sorted(found.anchors, key=lambda each: each.seq):
        when = f"{anchor.at:%Y-%m-%d %H:%M} UTC"
        if anchor.seq > last:
            ends = f"ends with row {last}" if last else "is empty"
            words = f"The anchor of {when} in {place} has row {anchor.seq}, and the log {ends}."
            return replace(found, state=AnchorState.OLDER, words=words)
        if anchor.seq >= first and hashes.get(anchor.seq) != anchor.hash:
            words = f"Row {anchor.seq} is not the one that was anchored at {when} in {place}."
            return replace(found, state=AnchorState.OTHER, words=words)
    words = f"The log matches its anchors in {place}; the last is row {found.anchors[-1].seq}."
    return replace(found, state=AnchorState.MATCHES, words=words)
