"""A change as people see it: what it does, what it needs, how it goes; the same facts on every surface."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.changes.record import WAITING, ChangeRecord, ChangeState, DecisionKind
from bot.domain.approval_requirement import RequirementKind
from bot.domain.phrases import listed, ordinal
from bot.domain.reply import Cell, Choice, Choices, Fields, Mention, Note, Part, Reply, Table, Text, Warn
from bot.domain.request import Origin
from bot.domain.times import in_both, span

DIGITS = 12
"""Of the digest that buttons and texts carry; the whole is in the audit."""


def proposal(record: ChangeRecord, line: str) -> Reply:
    """The answer to whoever asked: what was kept, and the next step."""
    parts = [*_what(record), *_next_step(record, line)]
    return Reply(f"{record.plan.action}: {_standing(record)}", tuple(parts))


def card(record: ChangeRecord, queue: Sequence[ChangeRecord] = (), usual: timedelta | None = None) -> Reply:
    """The card in the channel: everything that the deciders need, with their buttons; `bot.changes.queue`
    knows the changes before it."""
    parts: list[Part] = [*_what(record), *_how_it_goes(record, queue, usual)]
    if record.state is ChangeState.PROPOSED and record.need.kind is RequirementKind.APPROVAL:
        parts.append(_deciders(record))
    parts += _buttons(record)
    return Reply(f"{record.plan.action}: {_standing(record)}", tuple(parts))


def lacks(record: ChangeRecord) -> str:
    """What a proposed change still needs, and from whom where that is one person."""
    who = record.requester.name
    if record.need.kind is RequirementKind.CONFIRM:
        return f"the confirmation of {who}"
    return (
        f"the cluster's name, typed by {who}"
        if record.need.kind is RequirementKind.NAME
        else record.still_needed
    )


def waits_for(queue: Sequence[ChangeRecord]) -> str:
    """What an approved change waits for, and its place among those that wait."""
    place = 1 + sum(each.state is ChangeState.APPROVED for each in queue)
    names = listed(each.id for each in queue)
    return f"Waits for {names} on the same cluster, {'next' if place == 1 else ordinal(place)} in line"


def outcome(record: ChangeRecord, done: str = "") -> Reply:
    """The answer to whoever decided: where the change stands now, or what was done to it."""
    parts: list[Part] = []
    if record.state is ChangeState.PROPOSED and record.missing():
        parts.append(Text(f"Still needed: {record.still_needed}."))
    if record.state is ChangeState.APPROVED:
        parts.append(Text(f"{record.progress or 'It runs as soon as its turn comes'}."))
    if record.result:
        parts.append(Text(f"{record.result}."))
    parts.append(Choices((Choice("Show", f"change show {record.id}"),)))
    return Reply(f"{record.id}, {record.plan.action}: {done or _standing(record)}", tuple(parts))


def _standing(record: ChangeRecord) -> str:
    if record.state is ChangeState.PROPOSED:
        return f"needs {record.need.words()}"
    return "approved, waits" if record.state is ChangeState.APPROVED else record.state.value


def _what(record: ChangeRecord) -> list[Part]:
    # What a plan warns of and notes is about what will happen; where nothing did, it would be untrue.
    plan, vain = record.plan, record.came_to_nothing
    parts: list[Part] = [] if vain else [Warn(text) for text in plan.warnings]
    pairs: list[tuple[str, Cell]] = [
        ("Change", record.id),
        ("Cluster", plan.target.called),
        ("Asked for by", _asker(record)),
        ("At", _when(record.proposed_at, record)),
    ]
    if record.reason:
        pairs.append(("Reason", record.reason))
    if record.replaces:
        pairs.append(("Instead of", record.replaces))
    parts.append(Fields(tuple(pairs)))
    if plan.effects:
        rows = tuple((effect.what, effect.before, effect.after) for effect in plan.effects)
        caption = "What it would have done" if vain else "What it does"
        parts.append(Table(caption, ("What", "Now", "Then"), rows, name=f"{record.id}-effects"))
    parts += [] if vain else [Note(text) for text in plan.notes]
    if record.need.freeze and record.state in WAITING:
        parts.append(Note(f"Nothing of this runs in a freeze: {record.need.freezes()}."))
    return parts


def _asker(record: ChangeRecord) -> str:
    who = record.requester
    return f"{who.name}, on schedule" if who.origin == Origin.SCHEDULE else who.name


def _next_step(record: ChangeRecord, line: str) -> list[Part]:
    name = record.plan.target.called
    if record.state is ChangeState.APPROVED:
        return [Text("It needs nothing more, and runs as soon as its turn comes."), _follow(record)]
    if record.need.kind is RequirementKind.APPROVAL:
        until = _when(record.expires_at, record)
        text = f"It waits for {record.need.words()} until {until}; nothing happens before that."
        return [Text(text), Note(record.need.rule), _follow(record)]
    if record.need.kind is RequirementKind.NAME:
        return [
            Text("To go ahead, confirm it with the cluster's name:"),
            Note(f"{line} change confirm {record.id} --name {_quoted(name)}"),
            *_buttons(record),
        ]
    return [Text("To go ahead, confirm it."), Note(f"{line} change confirm {record.id}"), *_buttons(record)]


def _how_it_goes(record: ChangeRecord, queue: Sequence[ChangeRecord], usual: timedelta | None) -> list[Part]:
    parts: list[Part] = []
    votes = [
        f"{vote.name} ({listed(sorted(vote.roles))})"
        for vote in record.votes
        if vote.word is DecisionKind.APPROVE
    ]
    if votes:
        parts.append(Text(f"Approved by {listed(votes)}."))
    if record.skipped:
        review = f"reviewed by {record.reviewed_by}" if record.reviewed_by else "not reviewed yet"
        parts.append(Warn(f"{record.skipped} ({review})"))
    if queue:
        parts.append(Text(f"{waits_for(queue)}."))
        parts += [Note(_unsettled(each)) for each in queue if each.state is ChangeState.UNKNOWN]
    if record.progress:
        parts.append(Text(f"{record.progress}."))
    if record.state is ChangeState.RUNNING and usual is not None:
        parts.append(Note(f"This usually takes about {span(usual)}."))
    if record.result:
        parts.append((Warn if record.state in _BAD else Text)(f"{record.result}."))
    if record.started_at and record.ended_at and not record.came_to_nothing:
        parts.append(Note(f"It took {span(record.ended_at - record.started_at)}."))
    return parts


def _unsettled(record: ChangeRecord) -> str:
    return f"Nobody has said yet whether {record.id} ran: “change show {record.id}” has the buttons for it."


_BAD = frozenset({ChangeState.FAILED, ChangeState.UNKNOWN, ChangeState.NOT_IN_EFFECT})


def _deciders(record: ChangeRecord) -> Part:
    still = f"Still needed: {record.still_needed}; until {_when(record.expires_at, record)}"
    return Note(f"{still}. {record.need.rule.capitalize()}.")


def _buttons(record: ChangeRecord) -> list[Part]:
    choices = buttons(record)
    return [Choices(choices)] if choices else []


def buttons(record: ChangeRecord) -> tuple[Choice, ...]:
    """What can be done with a change as it stands; who may is judged when somebody does."""
    review = (Choice("Review", f"change review {record.id}"),) if record.is_unreviewed else ()
    if record.state is ChangeState.UNKNOWN:
        return (
            Choice("It ran", f"change settle {record.id} ran"),
            Choice("It did not run", f"change settle {record.id} not-run"),
            *review,
        )
    if record.state is not ChangeState.PROPOSED:
        cancel = (Choice("Cancel", f"change withdraw {record.id}"),) if record.is_unsent else ()
        return (*cancel, *review)
    return (*_decisions(record), Choice("Withdraw", f"change withdraw {record.id}"), *_safer(record))


def _decisions(record: ChangeRecord) -> tuple[Choice, ...]:
    digest = f"--digest {record.digest[:DIGITS]}"
    if record.need.kind is RequirementKind.APPROVAL:
        return (
            Choice("Approve", f"change approve {record.id} {digest}", primary=True),
            Choice("Deny", f"change deny {record.id} {digest}"),
        )
    # The name is typed into a form: a button can carry no word of somebody's own.
    form = " --form" if record.need.kind is RequirementKind.NAME else ""
    return (Choice("Confirm", f"change confirm {record.id} {digest}{form}", primary=True),)


def _safer(record: ChangeRecord) -> tuple[Choice, ...]:
    """A form that is filled in already: what it asks for is another change, with a name of its own."""
    line = record.plan.alternative
    return (
        (Choice("The safer way", f"{line} --form"),) if line and record.state is ChangeState.PROPOSED else ()
    )


def _when(at: datetime, record: ChangeRecord) -> str:
    """In UTC and, as several people read a card, in the zone of the one who asked."""
    return in_both(at, record.requester.time_zone)


def _follow(record: ChangeRecord) -> Part:
    return Choices(
        (
            Choice("Show", f"change show {record.id}"),
            Choice("Withdraw", f"change withdraw {record.id}"),
            *_safer(record),
        )
    )


def _quoted(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() else f'"{name}"'


def told(people: tuple[str, ...]) -> tuple[Part, ...]:
    """A line that mentions people, where they are to be told."""
    return (Mention(people),) if people else ()
