"""A change as people see it: its card, its line in a list and the queue before it, alike on every surface."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median

from bot.changes.card_buttons import (
    decision_buttons,
    details_button,
    follow_buttons,
    quote_name,
    view_buttons,
)
from bot.changes.change_result import ChangeResult, ConditionView, PlannedEffect
from bot.changes.decision_checks import ASKS_THEN, describe_limit, describe_terms
from bot.changes.record import WAITING, ChangeRecord, ChangeState, DecisionKind, Vote
from bot.changes.store import ChangeRows
from bot.domain.approval_requirement import RequirementKind
from bot.domain.nearest_names import show_exactly
from bot.domain.phrases import capitalize_first, format_ordinal, join_names
from bot.domain.plan import Plan, PlanTarget
from bot.domain.quorum import NO_NAMES, RoleNames, describe_approvals, format_role
from bot.domain.reply import (
    Cell,
    Choice,
    Choices,
    Column,
    Fields,
    Mention,
    Note,
    Part,
    Reply,
    Text,
    Warn,
    make_table,
)
from bot.domain.request import Origin
from bot.domain.text_safety import clip_text
from bot.domain.times import format_span, seen_in

MAX_NOTE_LENGTH = 200
"""Characters of an approver's note on the card; the timeline and the audit log have all of it."""

_PLAN_COLUMNS: tuple[Column[PlannedEffect], ...] = (
    Column("What", cell=lambda effect: effect.what),
    Column("Before", cell=lambda effect: effect.before),
    Column("After", cell=lambda effect: effect.after),
)

_CONDITION_COLUMNS: tuple[Column[ConditionView], ...] = (
    Column("Rule", cell=lambda condition: capitalize_first(condition.rule)),
    Column("Required", cell=lambda condition: condition.requires),
    Column("Missing", cell=lambda condition: describe_approvals(condition.missing_roles) or "nothing"),
)


def render_card(
    record: ChangeRecord,
    queue: Sequence[ChangeRecord] = (),
    usual: timedelta | None = None,
    names: RoleNames = NO_NAMES,
    *,
    details: bool = False,
) -> Reply:
    """Return the card for the channel: what approvers need to decide, or how the change stands, with the
    buttons for it; with `details`, together with the rest that is known. `queue` holds the changes before
    it."""
    parts = _card_parts(record, queue, usual, names, details=details)
    parts += _detail_parts(record) if details else []
    parts += _choices(*decision_buttons(record), *(() if details else view_buttons(record)))
    return _reply(record, parts, queue)


def render_proposal(record: ChangeRecord, line: str, names: RoleNames = NO_NAMES) -> Reply:
    """Return the answer to the requester: the planned change with all its details, and the next step."""
    parts = [*_card_parts(record, names=names), *_detail_parts(record), *_next_step(record, line)]
    reply = _reply(record, parts)
    return replace(reply, result=ChangeResult.of(record, is_requested=True))


def render_outcome(record: ChangeRecord, done: str = "") -> Reply:
    """Return the answer to the person who decided: the change's state now, or `done`, what was done to it."""
    parts: list[Part] = []
    if record.state is ChangeState.APPROVED:
        parts.append(Text(f"{record.progress or RUNS_NEXT}."))
        parts += _limit_parts(record)
    if record.result:
        parts.append(Text(f"{record.result}."))
    parts.append(Choices((details_button(record),)))
    title = f"{record.plan.action}: {done or describe_state(record)}"
    return Reply(title, tuple(parts), result=ChangeResult.of(record))


RUNS_NEXT = "It starts as soon as the cluster is free"


def describe_state(record: ChangeRecord, queue: Sequence[ChangeRecord] = ()) -> str:
    """Return the state as a title has it: `waiting for 2 DBA approvals`, `queued`, `succeeded`."""
    if record.state is ChangeState.PROPOSED:
        return f"waiting for {describe_missing(record)}"
    is_queued = record.state is ChangeState.APPROVED and (queue or record.progress)
    return "queued" if is_queued else record.label


def describe_missing(record: ChangeRecord, names: RoleNames = NO_NAMES) -> str:
    """Say what a pending change is waiting for: `2 DBA approvals (Ann, Cem or Dee)`, `Ann to confirm`."""
    if record.need.kind is RequirementKind.APPROVAL:
        return record.describe_missing(names)
    how = " with the cluster's name" if record.need.kind is RequirementKind.NAME else ""
    return f"{record.requester.name} to confirm{how}"


def describe_queue(queue: Sequence[ChangeRecord]) -> str:
    """Say what an approved change is queued behind, and its place in the queue."""
    place = 1 + sum(each.state is ChangeState.APPROVED for each in queue)
    names, rank = join_names(each.id for each in queue), "next" if place == 1 else format_ordinal(place)
    return f"Queued behind {names} on the same cluster, {rank} in line"


def make_plan_table(plan: Plan, caption: str, name: str, *, details: bool = True) -> list[Part]:
    """Return the table of what is before and after a change; nothing for a plan without effects."""
    effects = [PlannedEffect.of(each) for each in plan.effects if details or not each.is_detail]
    return [make_table(caption, _PLAN_COLUMNS, effects, name=name)] if effects else []


def _reply(record: ChangeRecord, parts: Sequence[Part], queue: Sequence[ChangeRecord] = ()) -> Reply:
    title = f"{record.plan.action}: {describe_state(record, queue)}"
    return Reply(title, tuple(parts), result=ChangeResult.of(record))


# The parts of a card


def _card_parts(
    record: ChangeRecord,
    queue: Sequence[ChangeRecord] = (),
    usual: timedelta | None = None,
    names: RoleNames = NO_NAMES,
    *,
    details: bool = True,
) -> list[Part]:
    caption = "Plan, carried out" if record.state is ChangeState.DONE else "Plan"
    if record.had_no_effect:
        caption = "Plan, not carried out"
    return [
        *_consequence_parts(record),
        *_progress_parts(record, queue, usual),
        *_outcome_parts(record),
        *make_plan_table(record.plan, caption, f"{record.id}-plan", details=details),
        _people_fields(record, names),
        *_code_note(record),
    ]


def _consequence_parts(record: ChangeRecord) -> list[Part]:
    """Return what will happen; nothing once it was sent, or never will be."""
    if not record.is_unsent:
        return []
    first: list[Part] = [Warn(text) for text in record.plan.warnings] or [Text(record.plan.consequence)]
    return [*first, *(Note(text) for text in _move_notes(record))]


def _move_notes(record: ChangeRecord) -> tuple[str, ...]:
    """Return the notes that a card shows: what the change does to the move to v2 decides about it."""
    effect = record.plan.readiness
    return effect.notes if effect and record.is_unsent else ()


def _progress_parts(
    record: ChangeRecord, queue: Sequence[ChangeRecord], usual: timedelta | None
) -> list[Part]:
    parts: list[Part] = []
    if record.skipped:
        review = f"reviewed by {record.reviewed_by}" if record.reviewed_by else "not reviewed yet"
        parts.append(Warn(f"{record.skipped} ({review})"))
    if queue:
        parts.append(Text(f"{describe_queue(queue)}."))
        parts += [Note(_unsettled_note(each)) for each in queue if each.state is ChangeState.UNKNOWN]
    if record.progress:
        parts.append(Text(f"{record.progress}."))
    elif record.state is ChangeState.APPROVED and not queue:
        parts.append(Text(f"{RUNS_NEXT}."))
    if record.state is ChangeState.APPROVED:
        parts += _limit_parts(record)
    if record.state is ChangeState.RUNNING and usual is not None:
        parts.append(Note(f"This usually takes about {format_span(usual)}."))
    return parts


def _outcome_parts(record: ChangeRecord) -> list[Part]:
    """Return how it ended, what is true now, and what to do next; nothing while it has not."""
    if not record.result:
        return []
    is_bad = record.state in _BAD_STATES
    parts: list[Part] = [(Warn if is_bad else Text)(f"{record.result}.")]
    if record.had_no_effect:
        return [*parts, Text("Nothing was changed.")]
    if is_bad:
        return [*parts, *(Text(words) for words in record.plan.recovery)]
    return [*parts, *(Text(words) for words in record.plan.follow_up)]


def _people_fields(record: ChangeRecord, names: RoleNames) -> Fields:
    """Return who asked, why, who has approved and who still has to, and the times that matter now."""
    target, zone = record.plan.target, record.requester.time_zone
    pairs: list[tuple[str, Cell]] = [] if _is_plain(target) else [("Cluster", _describe_cluster(target))]
    pairs.append(("Requested by", _requester_name(record)))
    if record.reason:
        pairs.append(("Reason", record.reason))
    approvals = [_describe_approval(vote) for vote in record.votes if vote.word is DecisionKind.APPROVE]
    if approvals:
        pairs.append(("Approved by", join_names(approvals)))
    if record.state is ChangeState.PROPOSED:
        pairs += [
            ("Waiting for", capitalize_first(describe_missing(record, names))),
            ("Expires", seen_in(record.expires_at, zone)),
        ]
    if record.ended_at is not None:
        pairs.append(("Ended", seen_in(record.ended_at, zone)))
        if record.started_at is not None and not record.had_no_effect:
            pairs.append(("Took", format_span(record.ended_at - record.started_at)))
    return Fields(tuple(pairs))


def _describe_approval(vote: Vote) -> str:
    roles = join_names(format_role(role) for role in sorted(vote.roles))
    note = f": “{clip_text(vote.note, MAX_NOTE_LENGTH)}”" if vote.note else ""
    return f"{vote.name} ({roles}){note}"


def _code_note(record: ChangeRecord) -> list[Part]:
    is_asked = record.asks_code and record.state is ChangeState.PROPOSED
    return [Note("Each decision needs a code, which the bot sends by direct message.")] if is_asked else []


def _detail_parts(record: ChangeRecord) -> list[Part]:
    """Return what a card leaves out, besides the facts that `change show` adds."""
    need, is_ahead = record.need, record.state in WAITING
    pairs: list[tuple[str, Cell]] = [
        ("Change", record.id),
        ("Cluster", f"{_describe_cluster(record.plan.target)}"),
        ("Requested", seen_in(record.proposed_at, record.requester.time_zone)),
    ]
    if record.replaces:
        pairs.append(("Supersedes", record.replaces))
    parts: list[Part] = [Fields(tuple(pairs))]
    if len(need.approvals) > 1 and is_ahead:
        parts.append(_conditions_table(record))
    shown = _move_notes(record)
    parts += [Note(text) for text in record.plan.notes if not record.had_no_effect and text not in shown]
    if need.freeze and is_ahead:
        parts.append(Note(f"It doesn't run during a change freeze: {need.freezes()}."))
    if record.state is not ChangeState.APPROVED:
        parts += _limit_parts(record)
    if record.state is ChangeState.PROPOSED and need.kind is RequirementKind.APPROVAL:
        parts.append(Note(f"{capitalize_first(need.rule)}."))
    return parts


def _conditions_table(record: ChangeRecord) -> Part:
    """Return the approval conditions, which each need approvals of their own, and what each still lacks."""
    conditions = ConditionView.list_of(record)
    name = f"{record.id}-conditions"
    return make_table("All of these are required", _CONDITION_COLUMNS, conditions, name=name)


def _is_plain(target: PlanTarget) -> bool:
    """Return whether no other name looks the same, so that the name in the title is enough."""
    return show_exactly(target.called) == target.called and target.name == target.name.strip()


def _describe_cluster(target: PlanTarget) -> str:
    """Return the cluster's name, with its id where another name may look the same."""
    shown = show_exactly(target.called)
    return shown if _is_plain(target) else f"{shown}, id {target.id or 'not known yet'}"


def _requester_name(record: ChangeRecord) -> str:
    who = record.requester
    return f"{who.name}, on schedule" if who.origin == Origin.SCHEDULE else who.name


def _next_step(record: ChangeRecord, line: str) -> list[Part]:
    if record.state is ChangeState.APPROVED:
        return [Text("Nothing more is needed."), *_choices(*follow_buttons(record))]
    if record.need.kind is RequirementKind.APPROVAL:
        return [Text("Nothing happens until it is approved."), *_choices(*follow_buttons(record))]
    is_named = record.need.kind is RequirementKind.NAME
    name = f" --name {quote_name(record.plan.target.called)}" if is_named else ""
    return [
        Text(f"Confirm it{' with the name of the cluster' * is_named} to run it."),
        Note(f"{line} change confirm {record.id}{name}"),
        *_choices(*decision_buttons(record)),
    ]


def _limit_parts(record: ChangeRecord) -> list[Part]:
    """Return a note on how long its decisions are good, for a change that was not sent yet."""
    if record.state is ChangeState.PROPOSED and record.plan.loses_after is not None:
        return [Note(f"{describe_terms(record)}.")]
    return [Note(f"{describe_limit(record)}.")] if record.is_unsent and not _asks_then(record) else []


def _asks_then(record: ChangeRecord) -> bool:
    """Return whether the change says already that it waits, and asks again then; or nothing was decided."""
    return record.state is ChangeState.PROPOSED or ASKS_THEN in record.progress


def _unsettled_note(record: ChangeRecord) -> str:
    return (
        f"The outcome of {record.id} is unknown. Check the cluster, then settle it with the buttons of "
        f"“change show {record.id}”."
    )


def _choices(*choices: Choice) -> list[Part]:
    return [Choices(choices)] if choices else []


_BAD_STATES = frozenset({ChangeState.FAILED, ChangeState.UNKNOWN, ChangeState.NOT_IN_EFFECT})


def mention_parts(people: tuple[str, ...]) -> tuple[Part, ...]:
    """Return a line that mentions people, or nothing for no people."""
    return (Mention(people),) if people else ()


MAX_EFFECT_LENGTH = 60
"""Characters of the effect that tells a change from others of the same name."""


def describe_progress(record: ChangeRecord, queue: Sequence[ChangeRecord] = ()) -> str:
    """Say what is missing before it may run, what it waits for, what it is doing, or how it ended."""
    if record.state is ChangeState.PROPOSED:
        return describe_missing(record)
    waits = [describe_queue(queue)] if queue else []
    words = "; ".join([*waits, record.progress] if record.progress else waits)
    if words and record.is_unsent and not _asks_then(record):
        return f"{words}. {describe_limit(record)}"
    return words or record.result


def describe_course(record: ChangeRecord) -> str:
    """Return the state, and the progress where that says more."""
    state, progress = describe_state(record), describe_progress(record)
    return f"{state}. {progress}" if progress and progress not in state else state


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


async def load_card(
    record: ChangeRecord, rows: ChangeRows, names: RoleNames = NO_NAMES, *, details: bool = False
) -> Reply:
    """Return the card as every surface shows it, or all that is known. Raises StoreError."""
    queues = record.state is ChangeState.APPROVED and record.plan.occupies
    queue = find_ahead(record, await rows.of_cluster(record.plan.occupies, QUEUE_STATES)) if queues else ()
    return render_card(record, queue, await _usual_duration(record, rows), names, details=details)


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
