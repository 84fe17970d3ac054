"""The functions that make a command a change: plan, execute, look."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.changes.execution_context import ExecutionContext
from bot.domain.attempt import Attempt, OutcomeEvidence
from bot.domain.plan import Consequences, Plan
from bot.domain.psql.psql_script import PsqlScript

Planner = Callable[[Any, Any], Awaitable[Plan]]
"""From the arguments and the context of a command to its plan; only reads."""

Execute = Callable[[Plan, ExecutionContext], Awaitable[str]]
MakeScript = Callable[[Plan], PsqlScript]
Probe = Callable[[Plan, ExecutionContext, Attempt], Awaitable[OutcomeEvidence | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOperation:
    """The functions of a change: `plan` only reads; `execute` sends one mutating request and returns the id
    of what it made, if anything; `look` finds out after a lost answer whether it happened. `script`
    is for plans that hand one out instead. `consequences` are printed in the docs."""

    plan: Planner
    execute: Execute
    probe: Probe
    script: MakeScript | None = None
    consequences: Consequences | None = None
