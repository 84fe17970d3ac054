"""`/pg home`: what concerns one person; the bot's Home tab in Slack shows the same."""

from datetime import timedelta

from bot.changes.card import row
from bot.changes.record import Record, State
from bot.command import Arguments, Command, command
from bot.config import OWNER
from bot.context import Context
from bot.domain import Cluster
from bot.need import Kind
from bot.policy import Asked
from bot.reply import Choice, Choices, Note, Part, Reply, Table, Text
from bot.wording import counted

RECENT = timedelta(days=7)
LISTED = 10
"""Of each kind, so that the page can be taken in at a glance."""


@command(open_to_all=True, examples=("home",))
async def home(_args: Arguments, ctx: Context) -> Reply:
    """Show what concerns you: your clusters and changes, and what waits for you.

    Yours are the clusters whose owner you are in app.yaml. It is at most half a minute old.
    """
    records = [
        each
        for each in await ctx.changes.rows.latest(since=ctx.now() - RECENT)
        if _may_see(ctx, ("change", "list"), each.plan.target.as_cluster())
    ]
    mine = [each for each in records if each.requester.id == ctx.invocation.actor.member]
    deciding = [each for each in records if _decides(ctx, each)]
    parts = [
        *_waiting("To decide by you", deciding),
        *_waiting("Asked for by you, not decided", [each for each in mine if each.state is State.PROPOSED]),
        *_table("Running", [each for each in records if each.state is State.RUNNING], ctx),
        *await _clusters(ctx),
        *_table("Ended lately", [each for each in records if not each.is_open], ctx),
    ]
    title = f"{counted(len(deciding), 'change')} to decide" if deciding else "Nothing waits for you"
    return Reply(title, tuple(parts))


def _may_see(ctx: Context, words: tuple[str, ...], cluster: Cluster) -> bool:
    """As the command of these words shows it: this page is open to all, what it shows is not."""
    other = ctx.registry.get(words)
    return other is not None and ctx.policy.may_see(_asked(ctx, other), cluster).allowed


def _asked(ctx: Context, other: Command) -> Asked:
    return Asked.by(ctx.invocation, other)


def _decides(ctx: Context, record: Record) -> bool:
    """Whether a vote of this person is what is missing; the rest is judged when they vote."""
    if record.state is not State.PROPOSED or record.need.kind is not Kind.APPROVAL:
        return False
    actor = ctx.invocation.actor
    voted = any(vote.voter == actor.member for vote in record.approvals)
    roles = ctx.policy.roles_for(actor, ctx.policy.answered_for(record.plan))
    own = record.requester.id == actor.member and not record.need.own_vote
    return not voted and not own and not roles.isdisjoint(record.missing())


def _waiting(caption: str, records: list[Record]) -> list[Part]:
    """Each with the way to everything that is known of it, where its own buttons are."""
    if not records:
        return []
    rows = tuple((each.id, each.plan.action, f"asked for by {each.requester.name}") for each in records)
    shown = tuple(Choice(f"Look at {each.id}", f"change show {each.id}") for each in records[:LISTED])
    return [Table(caption, ("Change", "What", "By"), rows, name="waiting"), Choices(shown)]


def _table(caption: str, records: list[Record], ctx: Context) -> list[Part]:
    if not records:
        return []
    rows = tuple(_short(each, ctx) for each in records[:LISTED])
    return [Table(caption, ("Change", "State", "What", "When"), rows, name="changes")]


def _short(record: Record, ctx: Context) -> tuple[str, ...]:
    number, state, what, _, when, _ = (str(cell) for cell in row(record, ctx.now()))
    return (number, state, what, when)


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
