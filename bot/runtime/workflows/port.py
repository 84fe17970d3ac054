"""The port to a durable workflow engine, so narrow that another engine could take its place."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from datetime import datetime
from typing import Protocol

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""Input and output of an engine: plain values only, never a secret, never a class of ours."""


class Steps(Protocol):
    """A runner of a workflow's steps that remembers what each returned."""

    async def run(self, name: str, step: Callable[[], Awaitable[Json]]) -> Json:
        """Return the result of `step`, which is recorded, and after a crash taken from the record.

        A crash before the record runs the step again, so a step must be repeatable. Names and their order are
        stored: a release that changes them has to keep the old path for what is running.
        """
        ...


Workflow = Callable[[Mapping[str, Json], Steps], Awaitable[None]]
"""A function of payload and steps; their order depends on recorded results alone. It raises nothing."""


class Engine(Protocol):
    """An engine that starts workflows and finishes them, over crashes and restarts."""

    async def start(self, kind: str, workflow_id: str, payload: Mapping[str, Json]) -> None:
        """Begin a workflow; durable on return. A second start of the same id does nothing."""
        ...

    async def running(self) -> frozenset[str]:
        """Return the ids of workflows that have begun and not ended."""
        ...

    async def cancel(self, workflow_id: str) -> None:
        """Take no further step. The effects of steps stay."""
        ...

    async def prune(self, before: datetime) -> int:
        """Forget workflows that ended before this time, UTC; return how many."""
        ...


may_stop: ContextVar[asyncio.Event | None] = ContextVar("may_stop", default=None)
"""Set by the engine for the current workflow, cleared while a stop must not interrupt it; without an engine
there is none.

A stop cuts workflows off at once, since the next start resumes them. Between a request and the record of its
answer, that would turn an outcome that is about to be known into an unknown one. A step says so itself: only
it knows when its request leaves.
"""


def hold_stop() -> None:
    """Make a stop wait until the current step has been recorded, or has let go."""
    if (event := may_stop.get()) is not None:
        event.clear()


def release_stop() -> None:
    """Let a stop proceed: no request is under way any more."""
    if (event := may_stop.get()) is not None:
        event.set()
