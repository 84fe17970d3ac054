"""Turns of the commands that have read the fleet: few at a time make their answers, and people in turn."""

import asyncio
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from bot.domain.errors import LimitReached
from bot.domain.fair_order import FairOrder, MessagePriority
from bot.domain.phrases import format_count
from bot.domain.request import Progress, ignore_progress
from bot.runtime.health_page import Health

MOST = 2
"""Commands that make their answers at the same time: each takes a table of the whole fleet in memory."""

LONGEST = 1.0
"""Seconds after which a turn passes on: who takes longer waits for the cloud or for Slack, not for the
processor. It takes another turn when the fleet has been read again."""

NOTICED_WAIT, TOO_LONG = 2.0, 60.0
"""Expected seconds from which a person is told to wait, and from which what only reads is refused: the queue
has an end, and an answer that comes after minutes has no reader."""


async def skip_turn() -> None:
    """Wait for no turn."""


@dataclass(slots=True, eq=False)
class _Ticket:
    """The place of one command."""

    turns: "WorkTurns"
    person: str
    busy: Progress
    urgent: bool = False
    served: bool = False
    ended: bool = False
    taking: asyncio.Lock = field(default_factory=asyncio.Lock)


_current: ContextVar[_Ticket | None] = ContextVar("work_turn", default=None)


class WorkTurns:
    """A bounded number of turns. People are served in turn, and every other time those who change something.

    `after_acks` is awaited before a turn begins: what Slack waits for comes first.
    """

    def __init__(self, most: int = MOST, longest: float = LONGEST, seconds: float = 0.1) -> None:
        self.after_acks: Callable[[], Awaitable[None]] = skip_turn
        self._most, self._longest = most, longest
        self._order = FairOrder()
        self._working: dict[_Ticket, tuple[float, asyncio.TimerHandle]] = {}
        """The beginning of each turn in seconds, and what passes it on."""
        self._waiting: dict[_Ticket, asyncio.Future[None]] = {}
        self._seconds = seconds
        """The seconds that a turn takes, on average of the last ones."""

    @property
    def depth(self) -> int:
        return len(self._waiting)

    async def check(self) -> Health:
        """Return how many wait, for `/readyz`; a warning where the next one would be refused."""
        people = {each.person for each in self._waiting}
        seconds = (len(people) + 1) * self._seconds / self._most
        why = f"{format_count(self.depth, 'command')} wait for their turn." if seconds >= TOO_LONG else ""
        return Health(why, is_warning=True, figures={"waiting": self.depth})

    @contextmanager
    def ticket(self, person: str, busy: Progress = ignore_progress) -> Generator[None, None, None]:
        """Let the body take turns for this person, on the ticket that it has already, if it has one.

        The first `busy` tells the person to wait.
        """
        outer = _current.get()
        if outer is not None and not outer.ended:
            outer.busy = busy if outer.busy is ignore_progress else outer.busy
            yield
            return
        ticket = _Ticket(self, person, busy)
        token = _current.set(ticket)
        try:
            yield
        finally:
            _current.reset(token)
            self.end(ticket)

    async def take(self, ticket: _Ticket) -> None:
        """Wait for a turn, unless the ticket has one or has ended. Raises LimitReached, see TOO_LONG."""
        async with ticket.taking:
            if ticket.ended or ticket in self._working:
                return
            await self._wait(ticket)
            await self.after_acks()

    def end(self, ticket: _Ticket) -> None:
        """End a ticket, and with it its turn."""
        ticket.ended = True
        self._pass_on(ticket)

    async def _wait(self, ticket: _Ticket) -> None:
        turn = self._waiting[ticket] = asyncio.get_running_loop().create_future()
        try:
            self._admit()
            if not turn.done():
                await self._tell(ticket)
            await turn
        except asyncio.CancelledError:
            self._pass_on(ticket)
            raise
        finally:
            self._waiting.pop(ticket, None)

    async def _tell(self, ticket: _Ticket) -> None:
        """Tell a person how long the wait is. Raises LimitReached if it is too long."""
        seconds = self._expect(ticket)
        wait = format_count(math.ceil(seconds), "second")
        if seconds >= TOO_LONG and not ticket.urgent and not ticket.served:
            raise LimitReached(
                f"The bot is busy: your turn would be in about {wait}.", "Nothing was run. Try again then."
            )
        if seconds >= NOTICED_WAIT:
            await ticket.busy(f"The bot is busy, your turn is in about {wait}")

    def _expect(self, ticket: _Ticket) -> float:
        """Return the seconds until the turn of a ticket that was the last to come."""
        waiting = Counter(each.person for each in self._waiting)
        own = waiting[ticket.person]
        return sum(min(each, own) for each in waiting.values()) * self._seconds / self._most

    def _admit(self) -> None:
        """Begin turns while there is room."""
        loop = asyncio.get_running_loop()
        # Who has just been cancelled waits no more, and has had no time to leave.
        while waiting := [each for each, turn in self._waiting.items() if not turn.done()]:
            if len(self._working) >= self._most:
                return
            asked = [MessagePriority(each.person, each.urgent) for each in waiting]
            ticket = waiting[self._order.choose(asked)]
            self._working[ticket] = loop.time(), loop.call_later(self._longest, self._pass_on, ticket)
            ticket.served = True
            self._waiting.pop(ticket).set_result(None)

    def _pass_on(self, ticket: _Ticket) -> None:
        """End a turn, if the ticket has one, and begin the next."""
        if ticket in self._working:
            began, timer = self._working.pop(ticket)
            timer.cancel()
            self._seconds += (asyncio.get_running_loop().time() - began - self._seconds) / 10
            self._admit()


async def take_turn() -> None:
    """Wait for a turn of the command that is running; without a ticket there is nothing to wait for."""
    if (ticket := _current.get()) is not None:
        await ticket.turns.take(ticket)


def end_turn() -> None:
    """End the turn of the command that is running: what is left of it takes no memory and no processor."""
    if (ticket := _current.get()) is not None:
        ticket.turns.end(ticket)


def come_first() -> None:
    """Let the command that is running come before those that only read."""
    if (ticket := _current.get()) is not None:
        ticket.urgent = True
