"""Items of the Home tab: changes with the buttons that the person may press, clusters, and reports."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.changes import transitions
from bot.changes.card import describe_progress, find_ahead
from bot.changes.card import describe_state as describe_change
from bot.changes.card_buttons import decision_buttons, details_button
from bot.changes.decision_checks import Approver
from bot.changes.record import ChangeRecord, ChangeState
from bot.commands.context import Context
from bot.commands.parser import find_command
from bot.commands.tokenizer import quote_word
from bot.domain.byte_sizes import describe_size
from bot.domain.cluster import Cluster
from bot.domain.errors import PgbotError
from bot.domain.phrases import capitalize_first
from bot.domain.plan import Plan
from bot.domain.reply import Choice, WorkItem, WorkList
from bot.reports.record import Report, ReportStatus, Slot
from handlers.shared.list_titles import RESTING, describe_state

MOST_EFFECTS, MOST_CHARACTERS = 4, 1_200
"""The longest plan that is shown whole; a longer one is decided about where all of it is shown."""

Act = Callable[[ChangeRecord, Approver, Context], object]


def _approve(record: ChangeRecord, approver: Approver, _ctx: Context) -> bool:
    """Return whether an approval by this person is missing: one more of a satisfied role changes nothing."""
    vote = transitions.approve(record, approver).vote
    after = replace(record, votes=(*record.votes, vote)) if vote else record
    return len(after.missing_roles()) < len(record.missing_roles())


ACTS: Mapping[str, Act] = {
    "approve": _approve,
    "deny": lambda record, approver, _: transitions.deny(record, approver),
    "confirm": lambda record, approver, _: transitions.confirm(
        record, approver, name=record.plan.target.called
    ),
    "withdraw": lambda record, approver, ctx: transitions.withdraw(
        record, approver, may_ask=ctx.may_propose(record.plan)
    ),
    "settle": lambda record, approver, ctx: transitions.settle(
        record, approver, ran=True, may_ask=ctx.may_propose(record.plan)
    ),
    "review": lambda record, approver, _: transitions.review(record, approver),
}
"""The acts on a change, by the last word of their command: each raises, or changes nothing, where this person
cannot do it."""


def may_run(name: str, ctx: Context) -> bool:
    command = ctx.registry.get(tuple(name.split()))
    return command is not None and ctx.may_run(command)


def may_act(act: str, record: ChangeRecord, ctx: Context) -> bool:
    """Return whether the person may do this to the change, now and here."""
    if not may_run(f"change {act}", ctx):
        return False
    try:
        return bool(ACTS[act](record, ctx.changes.approver_for(record, ctx.invocation), ctx))
    except PgbotError:
        return False


def list_buttons(record: ChangeRecord, ctx: Context) -> tuple[Choice, ...]:
    """Return the change's own buttons that the person may press, and the one that shows the rest of it."""
    return (
        *(each for each in decision_buttons(record) if _may_press(each, record, ctx)),
        details_button(record),
    )


def _may_press(choice: Choice, record: ChangeRecord, ctx: Context) -> bool:
    command = find_command(choice.command, ctx.registry)
    act = command.words[-1] if command.group == "change" else ""
    if act in {"approve", "confirm"} and not _is_shown_whole(record.plan):
        # Nobody decides on a plan that they have not seen.
        return False
    if act in {"withdraw", ""} and record.state is ChangeState.PROPOSED and not is_mine(record, ctx):
        # Approvers deny; the alternative is another change, for the requester.
        return False
    return may_act(act, record, ctx) if act else ctx.may_run(command)


def is_mine(record: ChangeRecord, ctx: Context) -> bool:
    return record.requester.id == ctx.invocation.actor.member


def describe_plan(plan: Plan) -> tuple[str, ...]:
    """Return what a change will do, a line each: all of it, or what approvers have to know first."""
    if not _is_shown_whole(plan):
        return (plan.consequence,)
    effects = " · ".join(_describe_effects(plan))
    return (*(plan.warnings or (plan.consequence,)), *((effects,) if effects else ()))


def _describe_effects(plan: Plan) -> list[str]:
    return [f"{each.what}: {f'{each.before} → ' if each.before else ''}{each.after}" for each in plan.effects]


def _is_shown_whole(plan: Plan) -> bool:
    lines = [*plan.warnings, *_describe_effects(plan)]
    return len(plan.effects) <= MOST_EFFECTS and sum(map(len, lines)) <= MOST_CHARACTERS


def make_needing_item(record: ChangeRecord, title: str, need: str, ctx: Context) -> WorkItem:
    """Return a change that needs the person: what it will do, who asked for it and why, and what it needs."""
    lines = describe_plan(record.plan) if record.is_unsent else ()
    asked = f"Requested by {record.requester.name}, {ctx.format_time(record.proposed_at)}"
    asked = f"{asked}: {record.reason}" if record.reason else asked
    return WorkItem(title, (*lines, asked, need), list_buttons(record, ctx))


def make_pending_item(record: ChangeRecord, title: str, ctx: Context) -> WorkItem:
    """Return a change that waits for others: what has to be known of it first, and what it waits for."""
    wait = capitalize_first(describe_change(record))
    return WorkItem(title, (record.plan.consequence, wait), list_buttons(record, ctx))


def make_running_item(
    record: ChangeRecord, title: str, others: Sequence[ChangeRecord], ctx: Context
) -> WorkItem:
    """Return a change that is queued or runs, with its progress. `others` may be queued before it."""
    ahead = find_ahead(record, others)
    state = "queued" if record.state is ChangeState.APPROVED else record.label
    progress = describe_progress(record, ahead)
    line = f"{capitalize_first(state)}: {progress}" if progress else capitalize_first(state)
    return WorkItem(title, (line,), list_buttons(record, ctx))


def make_finished_item(record: ChangeRecord, title: str, ctx: Context) -> WorkItem:
    """Return a finished change: how it ended, and when."""
    ended = f", {ctx.format_time(record.ended_at)}" if record.ended_at else ""
    lines = (f"{capitalize_first(record.label)}{ended}", *((record.result,) if record.result else ()))
    return WorkItem(title, lines, (details_button(record),))


def make_cluster_item(cluster: Cluster, ctx: Context) -> WorkItem:
    """Return a cluster with its state in words, and what the API says about it."""
    version = f"PostgreSQL {cluster.postgres_version}" if cluster.postgres_version else None
    known = (describe_state(cluster.state), version, describe_size(cluster), cluster.region)
    line = " · ".join(filter(None, known))
    message = (cluster.status_message,) if cluster.state != RESTING and cluster.status_message else ()
    choice = Choice("View cluster", f"cluster show {quote_word(cluster.id)}")
    choices = (choice,) if may_run("cluster show", ctx) else ()
    return WorkItem(cluster.name or cluster.id, (line, *message), choices)


def make_report_item(report: Report, standing: ReportStatus, last: Slot | None, ctx: Context) -> WorkItem:
    """Return a report with its next time, or why it has none, and how it went last time."""
    paused = standing.skip_reason(ctx.now())
    when = capitalize_first(paused) if paused else f"Next: {ctx.reports.describe_next_times(report)}"
    went = f"last run {last.state.label}" if last else "not posted yet"
    choice = Choice("View report", f"report show {quote_word(report.name)}")
    lines = (when, f"{report.setting.command} · {went}")
    return WorkItem(report.name, lines, (choice,) if may_run("report show", ctx) else ())


@dataclass(frozen=True, slots=True)
class PagedGroup:
    """A group of the page: its caption, how many items it shows at once, and what stands in place of none."""

    key: str
    caption: str
    size: int
    empty: str = ""


def show_page(
    group: PagedGroup, items: Sequence[WorkItem], pages: Mapping[str, int], line: Callable[[str, int], str]
) -> WorkList:
    """Return a group's items from where the person is, with buttons to the others.

    A page that is no longer there is the last one. `line` gives the line that shows a group from an item on.
    """
    last = max(len(items) - 1, 0) // group.size * group.size
    start = min(max(pages.get(group.key, 0), 0) // group.size * group.size, last)
    end = start + group.size
    choices = []
    if end < len(items):
        choices.append(Choice(f"Show more ({len(items) - end:,})", line(group.key, end)))
    if start:
        choices.append(Choice("Back to the first", line(group.key, 0)))
    shown = items[start:end]
    counted = f" ({start + 1:,}–{start + len(shown):,} of {len(items):,})" if choices else ""
    return WorkList(f"{group.caption}{counted}", tuple(shown), group.empty, tuple(choices))
