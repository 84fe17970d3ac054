"""The guided first minute: its steps, and the audit rows by which the page ticks them off."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCheck:
    """The audit row that ends a step; an empty field matches anything."""

    kind: str
    command: str
    outcome: str
    actor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideStep:
    """One step: as `who` (a user id) in `channel`, type `line`, or let `seconds` of the clock pass.

    Its button appears once `after` has happened: time that passes before the cloud has begun is lost.
    """

    title: str
    text: str
    tick: StepCheck
    button: str
    who: str = ""
    channel: str = "C0OPS"
    line: str = ""
    seconds: int = 0
    after: StepCheck | None = None


def first_minute(commands: Collection[str]) -> tuple[GuideStep, ...]:
    """Return the steps whose commands the bot has. `commands` are names such as `cluster list`."""
    return tuple(step for step in _STEPS if step.tick.command in commands)


def _typed(title: str, text: str, line: str, tick: StepCheck) -> GuideStep:
    return GuideStep(
        title=title, text=text, tick=tick, button="Type it as Alice", who="U0ALICE", line=f"/pg {line}"
    )


def _approval(name: str, user: str, which: str) -> GuideStep:
    return GuideStep(
        title=f"Approve as {name}",
        text=f"Production needs two database administrators. {name} is the {which}: "
        "press Approve restore, then submit the form.",
        tick=StepCheck(kind="decision", command="restore", outcome="approved", actor=f"slack:{user}"),
        button=f"Act as {name}",
        who=user,
    )


_STEPS = (
    _typed(
        "List the clusters",
        "Alice sees everything in production, on both APIs and in every region at once.",
        "cluster list --tier prod",
        StepCheck(kind="outcome", command="cluster list", outcome="ok"),
    ),
    _typed(
        "Ask for a restore",
        "A deploy went wrong. Alice wants production back as it was two hours ago.",
        'restore orders-prod --to 2h --reason "bad deploy"',
        StepCheck(kind="plan", command="restore", outcome="proposed"),
    ),
    _approval("Bob", "U0BOB", "first"),
    _approval("Carol", "U0CAROL", "second"),
    GuideStep(
        title="Watch it finish",
        text="The card follows the restore by itself. No need to wait: the clock is yours.",
        tick=StepCheck(kind="change", command="restore", outcome="done"),
        button="Let 10 minutes pass",
        seconds=600,
        after=StepCheck(kind="change", command="restore", outcome="accepted"),
    ),
    _typed(
        "See who is ready for v2",
        "The readiness report says which clusters still have to move, and what would break.",
        "migration status",
        StepCheck(kind="outcome", command="migration status", outcome="ok"),
    ),
)
