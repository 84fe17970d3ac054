"""Periodic copies of the audit log's last hash to places that nobody with the file can change."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from bot.audit.anchor import MARK, Anchor, anchors_in
from bot.audit.log import AuditLog
from bot.audit.query import AuditReader
from bot.audit.records import AuditEntry
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

    async def post(self, channel: str, text: str) -> object:
        """Post a text in a channel."""
        ...

    async def read_own(self, channel: str, part: str) -> Sequence[str]:
        """Return the bot's own latest messages there that have `part` in them, oldest first."""
        ...


Report = Callable[[str, str, str], Awaitable[object]]
"""Write the outcome of an anchor to the log: `report(outcome, where, detail)`. Raises StoreError."""


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


async def _at_once() -> None:
    """Wait for nothing."""


class AnchorJob:
    """A loop of anchoring. A sink that fails is tried again at the next turn, and the log has the failure.

    While `may_anchor` says no, nothing is anchored: a log in doubt would become the anchored one.
    """

    def __init__(
        self,
        audit: AuditReader,
        sinks: Sequence[AnchorSink],
        clock: Clock,
        report: Report,
        may_anchor: Callable[[], bool] = lambda: True,
    ) -> None:
        self._audit = audit
        self._may_anchor = may_anchor
        self._sinks = sinks
        self._clock = clock
        self._report = report
        self._kept: dict[str, int] = {}
        self._failed: list[tuple[str, str]] = []
        self._anchored: float | None = None

    async def run(self, every: timedelta, until_alone: Callable[[], Awaitable[None]] = _at_once) -> None:
        """Anchor now and again after each interval; ends only when cancelled. Each turn waits for
        `until_alone`: the log of a copy must not be anchored beside that of its original."""
        while True:
            await until_alone()
            try:
                await self.turn()
            except StoreError:
                log.exception("audit log not anchored")
            await self._clock.sleep(every.total_seconds())

    async def turn(self) -> None:
        """Put the last row to every sink that lacks it. Raises StoreError when the log cannot be read."""
        head = await self._audit.head()
        if head is None or not self._may_anchor():
            return
        seq, hash_ = head
        anchor = Anchor(seq, hash_, self._clock.now())
        behind = [sink for sink in self._sinks if self._kept.get(sink.name, 0) < seq]
        failures = await asyncio.gather(*(self._put(sink, anchor) for sink in behind))
        failed = [(sink.name, why) for sink, why in zip(behind, failures, strict=True) if why]
        self._failed = failed
        self._anchored = self._anchored if failed else self._clock.monotonic()
        for name, why in failed:
            log.error("audit anchor not kept", where=name, why=why, seq=seq)
            await self._report("failed", name, why)

    async def check(self) -> Health:
        """Return the places that lack the last anchor, for `/readyz`: a warning, as others may have it."""
        words = [
            f"{name} did not take the last anchor of the audit log ({why})." for name, why in self._failed
        ]
        age = None if self._anchored is None else int(self._clock.monotonic() - self._anchored)
        return Health(" ".join(words), is_warning=True, figures={"last_anchor_seconds": age})

    async def _put(self, sink: AnchorSink, anchor: Anchor) -> str:
        """Return why the anchor could not be kept; empty when it was."""
        try:
            await sink.put(anchor)
        except (PgbotError, OSError, TimeoutError) as error:
            return str(error) or type(error).__name__
        self._kept[sink.name] = anchor.seq
        return ""


def reporting(audit: AuditLog, clock: Clock) -> Report:
    """Return a function that writes failures to the log itself: a missing anchor must be visible there."""

    async def report(outcome: str, where: str, detail: str) -> None:
        entry = AuditEntry(
            at=clock.now(),
            kind="anchor",
            trace="-",
            team="",
            actor="bot",
            channel="",
            text=redact(where),
            outcome=outcome,
            detail=redact(detail),
        )
        await audit.append(entry)

    return report
