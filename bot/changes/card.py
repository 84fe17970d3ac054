"""A change as people see it: its card, its line in a list and the queue before it, alike on every surface."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median

from bot.changes.approval_limit import ASKS_THEN, describe_limit, describe_terms
from bot.changes.record import WAITING, ChangeRecord, ChangeState, DecisionKind
from bot.changes.store import ChangeRows
from bot.domain.approval_requirement import RequirementKind
from bot.domain.look_alikes import show_exactly
from bot.domain.phrases import format_ordinal, join_names
from bot.domain.plan import PlanTarget
from bot.domain.reply import Cell, Choice, Choices, Fields, Mention, Note, Part, Reply, Table, Text, Warn
from bot.domain.request import Origin
from bot.domain.text_safety import clip_text
from bot.domain.times import format_ago, format_span, in_both

DIGEST_DIGITS = 12
"""Digits of the digest that buttons and texts carry; the audit has all of it."""


def render_proposal(record: ChangeRecord, line: str) -> Reply:
    """Return the answer to the requester: the proposed change and the next step."""
    parts = [*_summary_parts(record), *_next_step(record, line)]
    title = f"{record.plan.action}: {_describe_state(record)}"
    return Reply(title, tuple(parts), data=record.plan.facts)


def render_card(
    record: ChangeRecord, queue: Sequence[ChangeRecord] = (), usual: timedelta | None = None
) -> Reply:
    """Return the card for the channel, with all that approvers need and their buttons. `queue` holds the
    changes before it."""
    parts: list[Part] = [*_summary_parts(record), *_progress_parts(record, queue, usual)]
    if record.state in _BAD_STATES and not record.had_no_effect:
        parts += [Text(words) for words in record.plan.recovery]
    if record.state is ChangeState.PROPOSED and record.need.kind is RequirementKind.APPROVAL:
        parts.append(_approvers_note(record))
    parts += _button_parts(record)
    title = f"{record.plan.action}: {_describe_state(record)}"
    return Reply(title, tuple(parts), data=record.plan.facts)


def describe_missing(record: ChangeRecord) -> str:
    """Say what a proposed change still needs, and from whom where that is one person."""
    who = record.requester.name
    if record.need.kind is RequirementKind.CONFIRM:
        return f"the confirmation of {who}"
    return (
        f"the cluster's name, typed by {who}"
        if record.need.kind is RequirementKind.NAME
        else record.still_needed
    )


def describe_queue(queue: Sequence[ChangeRecord]) -> str:
    """Say what an approved change waits for, and its place in the queue."""
    place = 1 + sum(each.state is ChangeState.APPROVED for each in queue)
    names = join_names(each.id for each in queue)
    return f"Waits for {names} on the same cluster, {'next' if place == 1 else format_ordinal(place)} in line"


def render_outcome(record: ChangeRecord, done: str = "") -> Reply:
    """Return the answer to the person who decided: the change's state now, or `done`, what was done to it."""
    parts: list[Part] = []
    if record.state is ChangeState.PROPOSED and record.missing_roles():
        parts.append(Text(f"Still needed: {record.still_needed}."))
    if record.state is ChangeState.APPROVED:
        parts.append(Text(f"{record.progress or 'It runs as soon as its turn comes'}."))
        parts += _limit_parts(record)
    if record.result:
        parts.append(Text(f"{record.result}."))
    parts.append(Choices((Choice("Show", f"change show {record.id}"),)))
    return Reply(f"{record.id}, {record.plan.action}: {done or _describe_state(record)}", tuple(parts))


def _describe_state(record: ChangeRecord) -> str:
    if record.state is ChangeState.PROPOSED:
        return f"needs {record.need.words()}"
    return "approved, waits" if record.state is ChangeState.APPROVED else record.state.value


def _summary_parts(record: ChangeRecord) -> list[Part]:
    # Warnings and notes are about what will happen: for a change without effect they would be untrue.
    plan, vain = record.plan, record.had_no_effect
    parts: list[Part] = [] if vain else [Warn(text) for text in plan.warnings]
    pairs: list[tuple[str, Cell]] = [
        ("Change", record.id),
        ("Cluster", _describe_cluster(plan.target)),
        ("Asked for by", _requester_name(record)),
        ("At", _format_time(record.proposed_at, record)),
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
    if len(record.need.approvals) > 1 and record.state in WAITING:
        parts.append(_conditions_table(record))
    if record.asks_code and record.state is ChangeState.PROPOSED:
        parts.append(Note("Each decision needs a code, which the bot sends by direct message."))
    if record.need.freeze and record.state in WAITING:
        parts.append(Note(f"Nothing of this runs in a freeze: {record.need.freezes()}."))
    return parts


def _conditions_table(record: ChangeRecord) -> Part:
    """Return the approval conditions, which each need approvals of their own, and what each still lacks."""
    rows = tuple(
        (_capitalize(each.condition.rule), each.condition.seats(), each.words or "nothing")
        for each in record.missing_approvals(record.need)
    )
    return Table(
        "Needs each of these", ("Rule", "Approvals", "Missing"), rows, name=f"{record.id}-conditions"
    )


def _describe_cluster(target: PlanTarget) -> str:
    """Return the cluster's name, with its id where another name may look the same."""
    shown = show_exactly(target.called)
    is_plain = shown == target.called and target.name == target.name.strip()
    return shown if is_plain else f"{shown}, id {target.id or 'not known yet'}"


def _requester_name(record: ChangeRecord) -> str:
    who = record.requester
    return f"{who.name}, on schedule" if who.origin == Origin.SCHEDULE else who.name


def _next_step(record: ChangeRecord, line: str) -> list[Part]:
    name = record.plan.target.called
    if record.state is ChangeState.APPROVED:
        then = record.progress or "It runs as soon as its turn comes"
        return [Text(f"It needs nothing more. {then}."), *_limit_parts(record), _follow_choices(record)]
    if record.need.kind is RequirementKind.APPROVAL:
        until = _format_time(record.expires_at, record)
        text = f"It waits for {record.need.words()} until {until}; nothing happens before that."
        return [Text(text), Note(record.need.rule), _follow_choices(record)]
    if record.need.kind is RequirementKind.NAME:
        return [
            Text("To go ahead, confirm it with the cluster's name:"),
            Note(f"{line} change confirm {record.id} --name {_quote_name(name)}"),
            *_button_parts(record),
        ]
    return [
        Text("To go ahead, confirm it."),
        Note(f"{line} change confirm {record.id}"),
        *_button_parts(record),
    ]


def _progress_parts(
    record: ChangeRecord, queue: Sequence[ChangeRecord], usual: timedelta | None
) -> list[Part]:
    parts: list[Part] = []
    votes = [
        f"{vote.name} ({join_names(sorted(vote.roles))})"
        for vote in record.votes
        if vote.word is DecisionKind.APPROVE
    ]
    if votes:
        parts.append(Text(f"Approved by {join_names(votes)}."))
    if record.skipped:
        review = f"reviewed by {record.reviewed_by}" if record.reviewed_by else "not reviewed yet"
        parts.append(Warn(f"{record.skipped} ({review})"))
    if queue:
        parts.append(Text(f"{describe_queue(queue)}."))
        parts += [Note(_unsettled_note(each)) for each in queue if each.state is ChangeState.UNKNOWN]
    if record.progress:
        parts.append(Text(f"{record.progress}."))
    parts += _limit_parts(record)
    if record.state is ChangeState.RUNNING and usual is not None:
        parts.append(Note(f"This usually takes about {format_span(usual)}."))
    if record.result:
        parts.append((Warn if record.state in _BAD_STATES else Text)(f"{record.result}."))
    if record.started_at and record.ended_at and not record.had_no_effect:
        parts.append(Note(f"It took {format_span(record.ended_at - record.started_at)}."))
    return parts


def _limit_parts(record: ChangeRecord) -> list[Part]:
    """Return a note on how long its decisions are good, for a change that was not sent yet."""
    if record.state is ChangeState.PROPOSED and record.plan.loses_after is not None:
        return [Note(f"{describe_terms(record)}.")]
    return [Note(f"{describe_limit(record)}.")] if record.is_unsent and not _asks_then(record) else []


def _asks_then(record: ChangeRecord) -> bool:
    """Return whether the change says already that it waits, and asks again then; or nothing was decided."""
    return record.state is ChangeState.PROPOSED or ASKS_THEN in record.progress


def _unsettled_note(record: ChangeRecord) -> str:
    return f"Nobody has said yet whether {record.id} ran: “change show {record.id}” has the buttons for it."


_BAD_STATES = frozenset({ChangeState.FAILED, ChangeState.UNKNOWN, ChangeState.NOT_IN_EFFECT})


def _approvers_note(record: ChangeRecord) -> Part:
    still = f"Still needed: {record.still_needed}; until {_format_time(record.expires_at, record)}"
    return Note(f"{still}. {_capitalize(record.need.rule)}.")


def _capitalize(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _button_parts(record: ChangeRecord) -> list[Part]:
    choices = decision_buttons(record)
    return [Choices(choices)] if choices else []


def decision_buttons(record: ChangeRecord) -> tuple[Choice, ...]:
    """Return the buttons for a change's state; who may press one is decided when it is pressed."""
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
    return (
        *_decision_choices(record),
        Choice("Withdraw", f"change withdraw {record.id}"),
        *_alternative_choice(record),
    )


def _decision_choices(record: ChangeRecord) -> tuple[Choice, ...]:
    digest = f"--digest {record.digest[:DIGEST_DIGITS]}"
    if record.need.kind is RequirementKind.APPROVAL:
        return (
            Choice("Approve", f"change approve {record.id} {digest}", primary=True),
            Choice("Deny", f"change deny {record.id} {digest}"),
        )
    # The name is typed into a form: a button cannot carry typed text.
    form = " --form" if record.need.kind is RequirementKind.NAME else ""
    return (Choice("Confirm", f"change confirm {record.id} {digest}{form}", primary=True),)


def _alternative_choice(record: ChangeRecord) -> tuple[Choice, ...]:
    """Return the button for a form filled in with the plan's alternative, which asks for another change."""
    line = record.plan.alternative
    return (
        (Choice("The safer way", f"{line} --form"),) if line and record.state is ChangeState.PROPOSED else ()
    )


def _format_time(at: datetime, record: ChangeRecord) -> str:
    """Return a time in UTC and in the requester's zone, since several people read a card."""
    return in_both(at, record.requester.time_zone)


def _follow_choices(record: ChangeRecord) -> Part:
    return Choices(
        (
            Choice("Show", f"change show {record.id}"),
            Choice("Withdraw", f"change withdraw {record.id}"),
            *_alternative_choice(record),
        )
    )


def _quote_name(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() else f'"{name}"'


def mention_parts(people: tuple[str, ...]) -> tuple[Part, ...]:
    """Return a line that mentions people, or nothing for no people."""
    return (Mention(people),) if people else ()


COLUMNS = ("Change", "State", "What", "Asked for by", "When", "Missing, or how it goes")

MAX_EFFECT_LENGTH = 60
"""Characters of the effect that tells a change from others of the same name."""


def list_rows(
    records: Sequence[ChangeRecord], others: Iterable[ChangeRecord], now: datetime
) -> tuple[tuple[Cell, ...], ...]:
    """Return a line for each change. `others` are the changes that may be queued before one of them."""
    known, names = list(others), distinct_actions(records)
    return tuple(
        (
            each.id,
            each.state.value,
            names[each.id],
            each.requester.name,
            format_ago(each.proposed_at, now),
            describe_progress(each, find_ahead(each, known)),
        )
        for each in records
    )


def describe_progress(record: ChangeRecord, queue: Sequence[ChangeRecord] = ()) -> str:
    """Say what is missing before it may run, what it waits for, what it is doing, or how it ended."""
    if record.state is ChangeState.PROPOSED:
        return describe_missing(record)
    waits = [describe_queue(queue)] if queue else []
    words = "; ".join([*waits, record.progress] if record.progress else waits)
    if words and record.is_unsent and not _asks_then(record):
        return f"{words}. {describe_limit(record)}"
    return words or record.result


def distinct_actions(records: Sequence[ChangeRecord]) -> dict[str, str]:
    """Return each change's action by id; where two would read the same, with the effect that differs."""
    times = Counter(each.plan.action for each in records)
    return {
        each.id: each.plan.action if times[each.plan.action] == 1 else _with_effect(each, records)
        for each in records
    }


def _with_effect(record: ChangeRecord, records: Sequence[ChangeRecord]) -> str:
    same = [each for each in records if each.plan.action == record.plan.action]
    own = [
        effect
        for effect in record.plan.effects
        if effect.before != effect.after and not all(effect in each.plan.effects for each in same)
    ]
    if not own:
        return record.plan.action
    before = f"{own[0].before} → " if own[0].before else ""
    return f"{record.plan.action} ({clip_text(f'{own[0].what}: {before}{own[0].after}', MAX_EFFECT_LENGTH)})"


QUEUE_STATES = (ChangeState.RUNNING, ChangeState.UNKNOWN, ChangeState.APPROVED)
"""The states in which a change can keep another one of its cluster waiting."""

MIN_DURATIONS = 3
"""Durations that make an estimate."""


def find_ahead(record: ChangeRecord, others: Iterable[ChangeRecord]) -> tuple[ChangeRecord, ...]:
    """Return the changes that run before an approved one, first to last; none for another state.

    One that a change freeze holds up lets the others pass.
    """
    if record.state is not ChangeState.APPROVED:
        return ()
    same = [each for each in others if each.plan.turn == record.plan.turn]
    busy = [each for each in same if each.state in {ChangeState.RUNNING, ChangeState.UNKNOWN}]
    queued = [each for each in same if each.state is ChangeState.APPROVED and not each.progress]
    return (
        *busy,
        *sorted((each for each in queued if _queue_key(each) < _queue_key(record)), key=_queue_key),
    )


async def load_card(record: ChangeRecord, rows: ChangeRows) -> Reply:
    """Return the card as every surface shows it. Raises StoreError."""
    queues = record.state is ChangeState.APPROVED and record.plan.occupies
    queue = find_ahead(record, await rows.of_cluster(record.plan.occupies, QUEUE_STATES)) if queues else ()
    return render_card(record, queue, await _usual_duration(record, rows))


async def _usual_duration(record: ChangeRecord, rows: ChangeRows) -> timedelta | None:
    if record.state is not ChangeState.RUNNING:
        return None
    seconds: Sequence[float] = await rows.durations(record.plan.command)
    if len(seconds) >= MIN_DURATIONS:
        return timedelta(seconds=median(seconds))
    usual = record.plan.ending.usual
    return None if usual is None else timedelta(seconds=usual)


def _queue_key(record: ChangeRecord) -> tuple[datetime, str]:
    """Return the scheduler's sort key."""
    return record.proposed_at, record.id
