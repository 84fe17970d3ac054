"""What the bot asks of a durable workflow engine: so little that another one could take its place."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Protocol

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""What goes into an engine and comes out: plain values only, never a secret, never a class of ours."""


class Steps(Protocol):
    """Runs the parts of a workflow and remembers what each returned."""

    async def run(self, name: str, step: Callable[[], Awaitable[Json]]) -> Json:
        """The result of `step`: recorded once it has returned, and after a crash taken from the record.

        A crash before the record runs the step again, so a step must bear that. Names and their order are
        part of what is stored: a release that changes them has to keep the old path for what is running.
        """
        ...


Workflow = Callable[[Mapping[str, Json], Steps], Awaitable[None]]
"""Payload in; steps in an order that depends on recorded results alone. It raises nothing on purpose."""


class Engine(Protocol):
    """Starts workflows and finishes them, over crashes and restarts."""

    async def start(self, kind: str, workflow_id: str, payload: Mapping[str, Json]) -> None:
        """Begin; durable when it returns. A second start of the same id does nothing."""
        ...

    async def running(self) -> frozenset[str]:
        """The ids of workflows that have begun and not ended."""
        ...

    async def cancel(self, workflow_id: str) -> None:
        """Take no further step. What a step has already done stays done."""
        ...

    async def prune(self, before: datetime) -> int:
        """Forget workflows that ended before this time, UTC; returns how many."""
        ...
