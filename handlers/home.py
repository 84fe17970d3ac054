"""`/pg home`: what concerns one person; the bot's Home tab in Slack shows the same."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from bot.access.policy import CommandRequest
from bot.changes import transitions
from bot.changes.card import COLUMNS, QUEUE_STATES, distinct_actions, list_rows
from bot.changes.card_buttons import decision_buttons
from bot.changes.decision_checks import Approver
from bot.changes.record import OPEN, OVER, ChangeRecord, ChangeState
from bot.commands.context import Context
from bot.commands.declaration import Arguments, Command, command, known_as
from bot.domain.errors import PgbotError
from bot.domain.phrases import format_count
from bot.domain.reply import GAP_WARNING, Choice, Choices, Note, Part, Reply, Table, Text
from bot.settings.model import OWNER
from handlers.shared.drill_clusters import show_left_clusters
from handlers.shared.visible_changes import find_changes

RECENT = timedelta(days=7)
T = TypeVar("T")

LISTED, MOST_FINISHED = 10, 100
"""Changes listed of each kind, so that the page fits a glance; and finished ones counted at most."""


@known_as("my page", "my clusters", "my changes", "waiting for me")
@command(open_to_all=True, examples=("home",))
async def home(_args: Arguments, ctx: Context) -> Reply:
    """Show your clusters, your changes and what needs your attention.

    Your clusters are those that app.yaml says you own. The data is at most 30 seconds old.
    """
    rows = ctx.changes.rows
    open_changes = await rows.newest(OPEN)
    seen = _select_visible(open_changes, ctx)
    groups = [(group, [each for each in seen if group.applies_to(each, ctx)]) for group in WAITING_GROUPS]
    reviews = [each for each in _select_visible(await rows.unreviewed(), ctx) if REVIEW.applies_to(each, ctx)]
    groups.append((REVIEW, reviews))
    theirs = {each.id for _, records in groups for each in records}
    others = [each for each in seen if each.id not in theirs]
    mine = [each for each in others if _is_mine(each, ctx) and each.state is ChangeState.PROPOSED]
    parts = [part for group, records in groups for part in group.show(records)]
    under_way = [each for each in others if each.state in QUEUE_STATES]
    for caption, records in (("Your requests, waiting for a decision", mine), ("In progress", under_way)):
        views = [_offer_views(records[:LISTED])] if records else []
        parts += [*_show_changes(caption, records, open_changes, ctx), *views]
    parts += await _show_clusters(ctx)
    parts += await show_left_clusters(ctx, _make_filter(ctx), recent=True)
    since = ctx.now() - RECENT
    finished = await find_changes(ctx, OVER, MOST_FINISHED, _make_filter(ctx), since=since)
    parts += _show_changes("Recently finished", finished, [], ctx)
    needs = "needs" if len(theirs) == 1 else "need"
    waiting = f"{format_count(len(theirs), 'change')} {needs}" if theirs else "Nothing needs"
    return Reply(f"{waiting} your attention", tuple(parts))


@dataclass(frozen=True, slots=True)
class _WaitingGroup:
    """Changes that wait for the same action of one person.

    `takes` tries the action: it raises, or regroups nothing, where this person cannot take it. With `buttons`
    the change's own buttons stand beside the one to view it.
    """

    caption: str
    command: str
    takes: Callable[[ChangeRecord, Approver, Context], object]
    buttons: bool = True

    def applies_to(self, record: ChangeRecord, ctx: Context) -> bool:
        """Return whether the change waits for the person who asks."""
        other = ctx.registry.get(("change", self.command))
        if other is None or not ctx.may_run(other):
            return False
        try:
            return bool(self.takes(record, ctx.changes.approver_for(record, ctx.invocation), ctx))
        except PgbotError:
            return False

    def show(self, records: list[ChangeRecord]) -> list[Part]:
        """Return a table of the changes, and their buttons."""
        if not records:
            return []
        names = distinct_actions(records)
        rows = tuple((each.id, names[each.id], each.requester.name) for each in records)
        table = Table(self.caption, ("Change", "Action", "Requester"), rows, name="waiting")
        return [table, *self._make_choices(records[:LISTED])]

    def _make_choices(self, records: list[ChangeRecord]) -> list[Part]:
        if not self.buttons:
            return [_offer_views(records)]
        return [Choices((*_offer_views([each]).choices, *decision_buttons(each))) for each in records]


def _offer_views(records: list[ChangeRecord]) -> Choices:
    """Return buttons to view the changes, where their own buttons are."""
    return Choices(tuple(Choice(f"View {each.id}", f"change show {each.id}") for each in records))


def _may_approve(record: ChangeRecord, approver: Approver, _ctx: Context) -> bool:
    """Return whether an approval by this person is missing: one more of a satisfied role changes nothing."""
    vote = transitions.approve(record, approver).vote
    after = replace(record, votes=(*record.votes, vote)) if vote else record
    return len(after.missing_roles()) < len(record.missing_roles())


WAITING_GROUPS = (
    # Nobody approves a plan that they have not viewed: no buttons here.
    _WaitingGroup("Waiting for your approval", "approve", _may_approve, buttons=False),
    _WaitingGroup(
        "Waiting for your confirmation",
        "confirm",
        lambda record, approver, _: transitions.confirm(record, approver, name=record.plan.target.called),
    ),
    _WaitingGroup(
        "Outcome unknown: check the cluster and record it",
        "settle",
        lambda record, approver, ctx: transitions.settle(
            record, approver, ran=True, may_ask=ctx.may_propose(record.plan)
        ),
    ),
)
REVIEW = _WaitingGroup(
    "Waiting for your review after break-glass",
    "review",
    lambda record, approver, _: transitions.review(record, approver),
)


def _select_visible(records: list[ChangeRecord], ctx: Context) -> list[ChangeRecord]:
    return list(filter(_make_filter(ctx), records))


def _make_filter(ctx: Context) -> Callable[[ChangeRecord], bool]:
    """Return a function that tells whether the list of changes would show one."""
    listed = ctx.registry.get(("change", "list"))
    return lambda record: listed is not None and ctx.may_see_plan(record.plan, listed)


def _is_mine(record: ChangeRecord, ctx: Context) -> bool:
    return record.requester.id == ctx.invocation.actor.member


def _make_request(ctx: Context, other: Command) -> CommandRequest:
    return CommandRequest.by(ctx.invocation, other)


def _show_changes(
    caption: str, records: list[ChangeRecord], others: list[ChangeRecord], ctx: Context
) -> list[Part]:
    if not records:
        return []
    made = list_rows(records[:LISTED], others, ctx.now())
    columns, rows = _omit_requester(COLUMNS), tuple(_omit_requester(each) for each in made)
    more = len(records) - LISTED
    note = [Note(f"And {more:,} more: see “change list all”.")] if more > 0 else []
    return [Table(caption, columns, rows, name="changes"), *note]


def _omit_requester(row: tuple[T, ...]) -> tuple[T, ...]:
    return (*row[:3], *row[4:])


async def _show_clusters(ctx: Context) -> list[Part]:
    listing = await ctx.recent_clusters()
    # The page is open to all, its data is not.
    listed = ctx.registry.get(("cluster", "list"))
    seen = () if listed is None else ctx.policy.visible(_make_request(ctx, listed), listing.items)
    own = [each for each in seen if OWNER in ctx.policy.roles_for(ctx.invocation.actor, each)]
    # Only those who may list clusters are told of the regions.
    gaps = listing.gaps if listed is not None and ctx.may_run(listed) else ()
    parts: list[Part] = []
    if own:
        rows = tuple((each.name, each.state, each.region) for each in own)
        parts.append(Table("Your clusters", ("Name", "State", "Region"), rows, name="clusters"))
    elif seen:
        parts.append(Text(f"You can see {format_count(len(seen), 'cluster')}, and you own none."))
    elif not gaps:
        parts.append(Text("No clusters are visible to you."))
    return [*parts, *(Note(f"{GAP_WARNING}{gap}") for gap in gaps)]
