"""The three functions that make a command a change: plan, execute, look."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.changes.execution_context import Acting
from bot.domain.attempt import Attempt, Evidence
from bot.domain.plan import Plan

Planner = Callable[[Any, Any], Awaitable[Plan]]
"""From the arguments and the context of a command to its plan; only reads."""

Execute = Callable[[Plan, Acting], Awaitable[str]]
Look = Callable[[Plan, Acting, Attempt], Awaitable[Evidence | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How a change is made: `plan` only reads; `execute` sends one mutating request and returns the id of
    what it made, if it makes something; `look` finds out after a lost answer whether it happened."""

    plan: Planner
    execute: Execute
    look: Look
