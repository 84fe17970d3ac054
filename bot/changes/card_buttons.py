"""The buttons of a change: the decisions that its state leaves open, and the ways to see more of it."""

from bot.changes.record import NEVER_RAN, ChangeRecord, ChangeState
from bot.domain.approval_requirement import RequirementKind
from bot.domain.reply import Choice

DIGEST_DIGITS = 12
"""Digits of the digest that buttons carry; the audit has all of it."""


def decision_buttons(record: ChangeRecord) -> tuple[Choice, ...]:
    """Return the buttons for a change's state; who may press one is decided when it is pressed."""
    review = (Choice("Review break-glass", f"change review {record.id}"),) if record.is_unreviewed else ()
    if record.state is ChangeState.UNKNOWN:
        return (
            Choice("Mark as run", f"change settle {record.id} ran"),
            Choice("Mark as not run", f"change settle {record.id} not-run"),
            *review,
        )
    if record.state is not ChangeState.PROPOSED:
        what = f"Cancel {name_action(record)}"
        return (*((Choice(what, f"change withdraw {record.id}"),) if record.is_unsent else ()), *review)
    return (
        *_decision_choices(record),
        Choice("Withdraw", f"change withdraw {record.id}"),
        *_alternative_choice(record),
    )


_ACTION_NAMES = {
    **{each: each for each in ("restore", "resize", "rename", "upgrade", "drill")},
    "create": "creation",
    "delete": "deletion",
}


def name_action(record: ChangeRecord) -> str:
    """Return the change as a noun, for its buttons: `restore`, `deletion`, `network change`."""
    word = record.plan.command.split()[-1]
    return _ACTION_NAMES.get(word, f"{word} change")


def _decision_choices(record: ChangeRecord) -> tuple[Choice, ...]:
    digest, what = f"--digest {record.digest[:DIGEST_DIGITS]}", name_action(record)
    if record.need.kind is RequirementKind.APPROVAL:
        return (
            Choice(f"Approve {what}", f"change approve {record.id} {digest} --form", primary=True),
            Choice("Deny", f"change deny {record.id} {digest} --form"),
        )
    # A note, a reason and a name are typed into a form: a button cannot carry typed text.
    form = " --form" if record.need.kind is RequirementKind.NAME else ""
    return (Choice(f"Confirm {what}", f"change confirm {record.id} {digest}{form}", primary=True),)


def _alternative_choice(record: ChangeRecord) -> tuple[Choice, ...]:
    """Return the button for a form filled in with the plan's alternative, which asks for another change."""
    line = record.plan.alternative
    is_offered = line and record.state is ChangeState.PROPOSED
    return (Choice("Restore to a new cluster instead", f"{line} --form"),) if is_offered else ()


def details_button(record: ChangeRecord) -> Choice:
    """Return the button that shows all that is known of the change."""
    return Choice("View details", f"change show {record.id}")


def view_buttons(record: ChangeRecord) -> tuple[Choice, ...]:
    """Return the buttons that only show something: the details, and the cluster of a change that was sent."""
    name = quote_name(record.plan.target.called)
    was_sent = not record.is_unsent and record.state not in NEVER_RAN and record.plan.target.id
    cluster = (Choice("View cluster", f"cluster show {name}"),) if was_sent else ()
    return (details_button(record), *cluster)


def follow_buttons(record: ChangeRecord) -> tuple[Choice, ...]:
    """Return the buttons for a requester who waits for others."""
    withdraw = Choice("Withdraw", f"change withdraw {record.id}")
    return (details_button(record), withdraw, *_alternative_choice(record))


def quote_name(name: str) -> str:
    """Return a cluster's name as a command line takes it."""
    return name if name.replace("-", "").replace("_", "").isalnum() else f'"{name}"'
