"""The machine's clock, compared with its monotonic clock and with the `Date` of servers' answers.

A time is kept as an offset: seconds since 1970 minus monotonic seconds. It stays the same while all goes
well, and changes when the clock is set, and when the machine sleeps: its monotonic clock does so, too.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from threading import RLock

from bot.domain.phrases import join_names
from bot.domain.times import format_full_span
from bot.runtime.clock import Clock, ClockDoubt
from bot.runtime.health_page import Health

TOLERANCE = 30.0
"""Seconds by which clocks may differ. A `Date` has whole seconds, and an answer may take some."""

TOGETHER = 60.0
"""Seconds within which hosts of one operator count beside each other; an older answer no longer counts."""

STEADY = 1.0
"""Seconds within which both of the machine's clocks have to be read."""

DateListener = Callable[[str, str | None, float], None]
"""Is told the host of an answer, its `Date`, and the monotonic seconds at which the request was sent."""

SLACK, IONOS = "Slack", "IONOS"
"""The operators whose answers are compared."""

UNSETTLED = "What a wrong clock may have left behind is being taken back."

UNCONFIRMED = "Neither Slack nor IONOS has said yet what time it is."


@dataclass(frozen=True, slots=True)
class OffsetRange:
    """An offset by a server's answer: at `least`, at `most`, and the monotonic seconds `at` which it came."""

    least: float
    most: float
    at: float = 0.0

    @property
    def middle(self) -> float:
        """The middle of the range."""
        return (self.least + self.most) / 2

    def agrees(self, offset: float) -> bool:
        """Return whether an offset is within the tolerance of this."""
        return self.least - TOLERANCE <= offset <= self.most + TOLERANCE


@dataclass(frozen=True, slots=True)
class ClockVerdict:
    """The outcome of a comparison: the doubt, and the offset to go by; None for the machine's."""

    doubt: ClockDoubt | None = None
    offset: float | None = None


def judge_clock(machine: float, trusted: float | None, servers: Mapping[str, OffsetRange]) -> ClockVerdict:
    """Compare the machine's offset with the last one that was right, and with what servers say by operator.

    Two that agree are believed; two operators more than the machine and its own past.
    """
    against = {name: each for name, each in servers.items() if not each.agrees(machine)}
    is_steady = trusted is not None and abs(machine - trusted) <= TOLERANCE
    if len(against) < len(servers) or (is_steady and len(against) < 2):
        return ClockVerdict()
    if not against:
        return _judge_alone(machine, trusted)
    first = next(iter(against.values())).middle
    are_agreed = all(each.agrees(first) for each in against.values())
    if trusted is not None and any(each.agrees(trusted) for each in against.values()):
        known: float | None = trusted
    else:
        known = first if are_agreed and len(against) > 1 else None
    said = [f"{describe_lead(machine - each.middle)} {name}'s" for name, each in against.items()]
    if are_agreed:
        names = join_names([f"{name}'s" for name in against])
        said = [f"{describe_lead(machine - first)} {names}"]
    words = f"This machine's clock is {join_names(said)}"
    if known is None:
        return ClockVerdict(ClockDoubt(f"{words}, and nobody else says which is right."), trusted)
    return ClockVerdict(ClockDoubt(f"{words}.", is_known=True), known)


def _judge_alone(machine: float, trusted: float | None) -> ClockVerdict:
    """Return the verdict where no server has said anything, and the machine is not what it was."""
    if trusted is None:
        return ClockVerdict(ClockDoubt(UNCONFIRMED))
    way = "forward" if machine > trusted else "back"
    words = f"This machine's clock has jumped {way} by {_describe_span(machine - trusted)}"
    return ClockVerdict(ClockDoubt(f"{words}, and no server has said yet what time it is."), trusted)


def describe_lead(seconds: float) -> str:
    """Say by how much a clock is `ahead of` or `behind` another; its name follows."""
    return f"{_describe_span(seconds)} {'ahead of' if seconds > 0 else 'behind'}"


def _describe_span(seconds: float) -> str:
    if abs(seconds) < 3600:
        return f"{abs(seconds):.0f} s"
    return format_full_span(timedelta(seconds=seconds))


@dataclass(slots=True)
class CheckedClock:
    """The machine's time while that is right; else it goes on from when it was, or by what servers say.

    So no reader ever gets a wrong time, unless the machine started with it and no server has answered yet.
    """

    machine: Clock
    is_settled: bool = True
    """False while what a wrong time has left behind is still to be taken back; see `ClockWatch`."""
    _verdict: ClockVerdict = field(default=ClockVerdict(ClockDoubt(UNCONFIRMED)))
    _trusted: float | None = None
    _last: float | None = None
    _set_at: float = float("-inf")
    """The monotonic seconds at which the machine's clock was found to be set."""
    _heard: dict[str, dict[str, OffsetRange]] = field(default_factory=dict)
    """The last answer of each host, by operator."""
    _lock: RLock = field(default_factory=RLock)
    """The database's threads read the time, too."""

    @property
    def doubt(self) -> ClockDoubt | None:
        """Return why the machine's clock may be wrong, or why the time is not gone by yet."""
        return self.machine_doubt or (None if self.is_settled else ClockDoubt(UNSETTLED))

    @property
    def machine_doubt(self) -> ClockDoubt | None:
        """Return why the machine's clock may be wrong."""
        with self._lock:
            self.now()
            return self._verdict.doubt

    def now(self) -> datetime:
        with self._lock:
            ticks, wall = self._read()
            self._look(wall.timestamp() - ticks)
            if self._verdict.offset is None:
                return wall
            return datetime.fromtimestamp(self._verdict.offset + ticks, UTC)

    def monotonic(self) -> float:
        return self.machine.monotonic()

    def sleep(self, seconds: float) -> Awaitable[None]:
        return self.machine.sleep(seconds)

    def note_date(self, operator: str, host: str, date: str | None, sent: float) -> None:
        """Take the `Date` of an answer to a request that was `sent` then, in monotonic seconds; see
        `read_date`."""
        try:
            said = parsedate_to_datetime(date or "").replace(tzinfo=UTC).timestamp()
        except (ValueError, OverflowError):
            return
        with self._lock:
            ticks, wall = self._read()
            self._look(wall.timestamp() - ticks)
            if sent < self._set_at:
                return  # the machine may have slept since
            # It was stamped at some time from `sent` to now, in the second that it names.
            self._heard.setdefault(operator, {})[host] = OffsetRange(said - ticks, said + 1.0 - sent, ticks)
            self._judge()

    @property
    def operators(self) -> list[str]:
        """Return those who have said what time it is."""
        return sorted(self._heard)

    def lacks_answers(self, operators: int, seconds: float) -> bool:
        """Return whether so many operators have not all agreed within this time: ask them."""
        since = self.monotonic() - seconds
        fresh = [each for each in self._servers().values() if each.at >= since]
        agreed = all(self._last is not None and each.agrees(self._last) for each in fresh)
        return self.machine_doubt is not None or len(fresh) < operators or not agreed

    async def check(self) -> Health:
        """Return the doubt, for `/readyz`: a warning, as commands are still answered."""
        doubt = self.machine_doubt
        servers, machine = self._servers(), self._last or 0.0
        leads = {
            f"clock_ahead_of_{name.lower()}_seconds": round(machine - servers[name].middle)
            if name in servers
            else None
            for name in (SLACK, IONOS)
        }
        return Health(doubt.why if doubt else "", is_warning=True, figures=leads)

    def _read(self) -> tuple[float, datetime]:
        """Return monotonic seconds and the machine's time of the same moment."""
        for _ in range(3):
            before, wall = self.machine.monotonic(), self.machine.now()
            if self.machine.monotonic() - before <= STEADY:
                break
        return before, wall

    def _look(self, offset: float) -> None:
        last, self._last = self._last, offset
        if last is not None and abs(offset - last) > TOLERANCE:
            # It was set, or the machine slept. After a sleep the servers' older answers are wrong, too.
            self._heard.clear()
            self._set_at = self.machine.monotonic()
            self._judge()
        elif self._verdict.doubt is None:
            self._trusted = offset
        else:
            self._judge()

    def _judge(self) -> None:
        assert self._last is not None  # noqa: S101 - the callers have looked
        servers, doubt = self._servers(), self._verdict.doubt
        verdict = judge_clock(self._last, self._trusted, servers)
        if verdict.doubt is None and not servers and doubt is not None and not doubt.is_known:
            # The clock is where it was before it jumped, and no server has answered since. That may be
            # chance: a machine that slept is late by its sleep. A server has to say that the time is right.
            return
        self._verdict = verdict
        if self._verdict.doubt is None:
            self._trusted = self._last
        elif self._verdict.doubt.is_known:
            self._trusted = self._verdict.offset

    def _servers(self) -> dict[str, OffsetRange]:
        """Return for each operator the middle one of what its hosts said lately: one may be wrong."""
        return {operator: _middle_of(hosts.values()) for operator, hosts in self._heard.items()}


def read_date(headers: Mapping[str, str]) -> str | None:
    """Return the `Date` of an answer; None for one that a cache on the way has kept (`Age`, RFC 9111)."""
    return None if "Age" in headers else headers.get("Date")


def find_machine_clock(clock: Clock) -> Clock:
    """Return the clock of the machine, which jumps after a sleep at once."""
    return clock.machine if isinstance(clock, CheckedClock) else clock


def find_date_listener(clock: Clock) -> DateListener:
    """Return what compares a clock with the cloud's answers; for one that is not compared, nothing."""
    return partial(clock.note_date, IONOS) if isinstance(clock, CheckedClock) else ignore_date


def ignore_date(_host: str, _date: str | None, _sent: float) -> None:
    """Compare no clock."""


def _middle_of(heard: Iterable[OffsetRange]) -> OffsetRange:
    found = sorted(heard, key=lambda each: each.middle)
    newest = max(each.at for each in found)
    together = [each for each in found if each.at >= newest - TOGETHER]
    return together[len(together) // 2]
