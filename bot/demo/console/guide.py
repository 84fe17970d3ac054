"""The guided first minute: its steps, and the audit rows by which the page ticks them off."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any


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

    def json(self) -> dict[str, Any]:
        """Return the step for the page."""
        return asdict(self)


def first_minute(commands: Collection[str], *, slash: str = "/pg") -> tuple[GuideStep, ...]:
    """Return the steps whose commands the bot has. `commands` are names such as `cluster list`."""
    steps = [*_reading_steps(slash), *_restore_steps(slash), *_migration_steps(slash)]
    return tuple(step for step in steps if step.tick.command in commands)


def _reading_steps(slash: str) -> tuple[GuideStep, ...]:
    listing = GuideStep(
        title="List the clusters",
        text="Alice sees everything in production, on both APIs and in every region at once.",
        tick=StepCheck(kind="outcome", command="cluster list", outcome="ok"),
        button="Type it as Alice",
        who="U0ALICE",
        line=f"{slash} cluster list --tier prod",
    )
    return (listing,)


def _restore_steps(slash: str) -> tuple[GuideStep, ...]:
    asked = GuideStep(
        title="Ask for a restore",
        text="A deploy went wrong. Alice wants production back as it was two hours ago.",
        tick=StepCheck(kind="plan", command="restore", outcome="proposed"),
        button="Type it as Alice",
        who="U0ALICE",
        line=f'{slash} restore orders-prod --to 2h --reason "bad deploy"',
    )
    followed = GuideStep(
        title="Watch it finish",
        text="The card follows the restore by itself. No need to wait: the clock is yours.",
        tick=StepCheck(kind="change", command="restore", outcome="done"),
        button="Let 10 minutes pass",
        seconds=600,
        after=StepCheck(kind="change", command="restore", outcome="accepted"),
    )
    return asked, _approval("Bob", "U0BOB", "first"), _approval("Carol", "U0CAROL", "second"), followed


def _approval(name: str, user: str, which: str) -> GuideStep:
    return GuideStep(
        title=f"Approve as {name}",
        text=f"Production needs two database administrators. {name} is the {which}: "
        "press Approve restore, then submit the form.",
        tick=StepCheck(kind="decision", command="restore", outcome="approved", actor=f"slack:{user}"),
        button=f"Act as {name}",
        who=user,
    )


def _migration_steps(slash: str) -> tuple[GuideStep, ...]:
    status = GuideStep(
        title="See who is ready for v2",
        text="The readiness report says which clusters still have to move, and what would break.",
        tick=StepCheck(kind="outcome", command="migration status", outcome="ok"),
        button="Type it as Alice",
        who="U0ALICE",
        line=f"{slash} migration status",
    )
    return (status,)
