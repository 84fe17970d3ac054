"""`/pg home`: what concerns one person; the bot's Home tab in Slack shows the same."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from bot.access.policy import CommandRequest
from bot.changes import transitions
from bot.changes.card import COLUMNS, QUEUE_STATES, decision_buttons, distinct_actions, list_rows
from bot.changes.record import OPEN, OVER, ChangeRecord, ChangeState
from bot.changes.transitions import Approver
from bot.commands.context import Context
from bot.commands.declaration import Arguments, Command, command
from bot.domain.cluster import Cluster
from bot.domain.errors import PgbotError
from bot.domain.phrases import counted
from bot.domain.reply import Choice, Choices, Note, Part, Reply, Table, Text
from bot.settings.model import OWNER

RECENT = timedelta(days=7)
T = TypeVar("T")

LISTED, LOOKED_AT = 10, 100
"""Of each kind, so that the page can be taken in at a glance; and among how many that are over."""


@command(open_to_all=True, examples=("home",))
async def home(_args: Arguments, ctx: Context) -> Reply:
    """Show what concerns you: your clusters and changes, and what waits for you.

    Yours are the clusters whose owner you are in app.yaml. It is at most half a minute old.
    """
    rows = ctx.changes.rows
    going_on = await rows.newest(OPEN)
    seen = _seen(going_on, ctx)
    turns = [(turn, [each for each in seen if turn.is_of(each, ctx)]) for turn in TURNS]
    reviews = [each for each in _seen(await rows.unreviewed(), ctx) if REVIEW.is_of(each, ctx)]
    turns.append((REVIEW, reviews))
    theirs = {each.id for _, records in turns for each in records}
    others = [each for each in seen if each.id not in theirs]
    mine = [each for each in others if _is_mine(each, ctx) and each.state is ChangeState.PROPOSED]
    parts = [part for turn, records in turns for part in turn.shown(records)]
    under_way = [each for each in others if each.state in QUEUE_STATES]
    for caption, records in (("Asked for by you, not decided", mine), ("Under way", under_way)):
        looks = [_looks(records[:LISTED])] if records else []
        parts += [*_table(caption, records, going_on, ctx), *looks]
    parts += await _clusters(ctx)
    lately = await rows.newest(OVER, LOOKED_AT, since=ctx.now() - RECENT)
    parts += _table("Ended lately", _seen(lately, ctx), [], ctx)
    waiting = "waits" if len(theirs) == 1 else "wait"
    title = f"{counted(len(theirs), 'change')} {waiting} for you" if theirs else "Nothing waits for you"
    return Reply(title, tuple(parts))


@dataclass(frozen=True, slots=True)
class _WaitingGroup:
    """Something that a change may wait for from one person: whether this one may do it is for the step to
    say that they would take. `buttons`: beside the way to everything that is known of the change."""

    caption: str
    command: str
    takes: Callable[[ChangeRecord, Approver, Context], object]
    buttons: bool = True

    def is_of(self, record: ChangeRecord, ctx: Context) -> bool:
        """Whether it waits for whoever asks."""
        other = ctx.registry.get(("change", self.command))
        if other is None or not ctx.may_run(other):
            return False
        try:
            return bool(self.takes(record, ctx.changes.approver_for(record, ctx.invocation), ctx))
        except PgbotError:
            return False

    def shown(self, records: list[ChangeRecord]) -> list[Part]:
        """Each with its buttons."""
        if not records:
            return []
        names = distinct_actions(records)
        rows = tuple((each.id, names[each.id], each.requester.name) for each in records)
        table = Table(self.caption, ("Change", "What", "Asked for by"), rows, name="waiting")
        return [table, *self._choices(records[:LISTED])]

    def _choices(self, records: list[ChangeRecord]) -> list[Part]:
        if not self.buttons:
            return [_looks(records)]
        return [Choices((*_looks([each]).choices, *decision_buttons(each))) for each in records]


def _looks(records: list[ChangeRecord]) -> Choices:
    """The ways to everything that is known of changes, where their own buttons are."""
    return Choices(tuple(Choice(f"Look at {each.id}", f"change show {each.id}") for each in records))


def _approves(record: ChangeRecord, voter: Approver, _ctx: Context) -> bool:
    """Whether a vote of this person is what is missing: one of a role that has voted changes nothing."""
    return bool(transitions.approve(record, voter)) and not voter.roles.isdisjoint(record.missing_roles())


TURNS = (
    # Nobody decides about a plan that they have not looked at.
    _WaitingGroup("To decide by you", "approve", _approves, buttons=False),
    _WaitingGroup(
        "To confirm by you",
        "confirm",
        lambda record, voter, _: transitions.confirm(record, voter, name=record.plan.target.called),
    ),
    _WaitingGroup(
        "Nobody can tell whether it happened: look at the cluster, and say which",
        "settle",
        lambda record, voter, ctx: transitions.settle(
            record, voter, ran=True, may_ask=ctx.may_propose(record.plan)
        ),
    ),
)
REVIEW = _WaitingGroup(
    "Went ahead without approval: to review by you",
    "review",
    lambda record, voter, _: transitions.review(record, voter),
)


def _seen(records: list[ChangeRecord], ctx: Context) -> list[ChangeRecord]:
    return [each for each in records if _may_see(ctx, ("change", "list"), each.plan.target.as_cluster())]


def _is_mine(record: ChangeRecord, ctx: Context) -> bool:
    return record.requester.id == ctx.invocation.actor.member


def _may_see(ctx: Context, words: tuple[str, ...], cluster: Cluster) -> bool:
    """As the command of these words shows it: this page is open to all, what it shows is not."""
    other = ctx.registry.get(words)
    return other is not None and ctx.policy.may_see(_asked(ctx, other), cluster).allowed


def _asked(ctx: Context, other: Command) -> CommandRequest:
    return CommandRequest.by(ctx.invocation, other)


def _table(caption: str, records: list[ChangeRecord], others: list[ChangeRecord], ctx: Context) -> list[Part]:
    if not records:
        return []
    made = list_rows(records[:LISTED], others, ctx.now())
    columns, rows = _without_asker(COLUMNS), tuple(_without_asker(each) for each in made)
    more = len(records) - LISTED
    note = [Note(f"And {more:,} more: “change list all” has them.")] if more > 0 else []
    return [Table(caption, columns, rows, name="changes"), *note]


def _without_asker(row: tuple[T, ...]) -> tuple[T, ...]:
    return (*row[:3], *row[4:])


async def _clusters(ctx: Context) -> list[Part]:
    listing = await ctx.recent_clusters()
    seen = [each for each in listing.items if _may_see(ctx, ("cluster", "list"), each)]
    own = [each for each in seen if OWNER in ctx.policy.roles_for(ctx.invocation.actor, each)]
    # Where the clusters are is told only to those who may list them.
    listed = ctx.registry.get(("cluster", "list"))
    gaps = listing.gaps if listed is not None and ctx.may_run(listed) else ()
    parts: list[Part] = []
    if own:
        rows = tuple((each.name, each.state, each.region) for each in own)
        parts.append(Table("Your clusters", ("Name", "State", "Region"), rows, name="clusters"))
    elif seen:
        parts.append(Text(f"You may see {counted(len(seen), 'cluster')}, and own none."))
    elif not gaps:
        parts.append(Text("There are no clusters that you may see."))
    return [*parts, *(Note(f"Could not look at {gap}") for gap in gaps)]
