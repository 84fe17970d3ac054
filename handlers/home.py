"""`/pg home`: a person's work list; the bot's Home tab in Slack shows the same."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Literal

from bot.access.policy import CommandRequest
from bot.changes.card import QUEUE_STATES, distinct_actions
from bot.changes.change_result import ChangeView
from bot.changes.record import OPEN, OVER, ChangeRecord, ChangeState
from bot.commands.context import Context
from bot.commands.declaration import Arguments, Picks, command, known_as, returns
from bot.commands.parser import spell
from bot.domain.cluster import Cluster, Gap
from bot.domain.phrases import format_count
from bot.domain.reply import GAP_WARNING, Choice, Choices, Note, Part, Reply, WorkItem
from bot.domain.result import CommandResult
from bot.reports.record import ReportStatus
from bot.settings.model import OWNER
from handlers.shared.audit_visibility import sees_everything
from handlers.shared.drill_clusters import DrillCluster, find_drill_clusters
from handlers.shared.list_titles import NO_CLUSTERS, RESTING
from handlers.shared.list_titles import describe_state as describe_cluster_state
from handlers.shared.report_view import ReportRunView
from handlers.shared.visible_changes import find_changes
from handlers.shared.work_items import (
    PagedGroup,
    is_mine,
    make_cluster_item,
    make_finished_item,
    make_needing_item,
    make_pending_item,
    make_report_item,
    make_running_item,
    may_act,
    may_run,
    show_page,
)

RECENT = timedelta(days=7)

MOST_FINISHED = 100
"""Finished changes that are read at most."""

NEEDS_YOU = PagedGroup("you", "Needs you", 5, "Approvals, confirmations and reviews for you appear here.")
YOURS = PagedGroup("yours", "Your pending changes", 5, "You have no pending changes.")
RUNNING = PagedGroup("running", "Running", 5, "Nothing is running that you may see.")
FINISHED = PagedGroup("finished", "Recently finished", 5, "Nothing has finished in the last 7 days.")
CLUSTERS = PagedGroup("clusters", "Your clusters", 8)
LEFT_BEHIND = PagedGroup("drills", "Left behind by drills", 3)
REPORTS = PagedGroup("reports", "Next reports", 3, "No reports are scheduled yet.")


NeededAct = Literal["approve", "confirm", "settle", "review"]
"""An act that a change may need of one person, by the last word of its command."""

NEEDS: Mapping[NeededAct, str] = {
    "approve": "It needs your approval.",
    "confirm": "It needs your confirmation.",
    "settle": "Its outcome is unknown. Check the cluster, then say whether it ran.",
    "review": "It ran without approval. It needs your review.",
}


class HomeArguments(Arguments):
    pages: Annotated[tuple[str, ...], Picks("hidden")] = ()
    """First item of each list; buttons fill it in"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedingChange:
    """A change that needs you, and the act that it needs."""

    change: ChangeView
    act: NeededAct


@dataclass(frozen=True, slots=True, kw_only=True)
class NextReport:
    """A report, with the keys of “report list”."""

    name: str
    command: str
    pause_reason: str | None
    next_run_at: datetime | None
    last_run: ReportRunView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Home(CommandResult):
    """The work list of a person: all of each list, as far as they may see it. `pending` has only their own
    changes, `finished` those of the last 7 days."""

    needs_you: tuple[NeedingChange, ...]
    pending: tuple[ChangeView, ...]
    running: tuple[ChangeView, ...]
    finished: tuple[ChangeView, ...]
    clusters: tuple[Cluster, ...]
    left_drill_clusters: tuple[DrillCluster, ...]
    reports: tuple[NextReport, ...]


@returns(Home)
@known_as("my page", "my clusters", "my changes", "waiting for me")
@command(open_to_all=True, examples=("home",))
async def home(args: HomeArguments, ctx: Context) -> Reply:
    """Show what needs you, your changes and clusters, and what is running.

    Your clusters are those that app.yaml says you own. The data is at most 30 seconds old. The bot's Home tab
    shows the same.
    """
    pages = _read_pages(args.pages)

    def line(key: str, start: int) -> str:
        turned = {**pages, key: start}
        return spell(ctx.command, args, pages=[f"{name}:{first}" for name, first in turned.items() if first])

    def page(group: PagedGroup, items: Sequence[WorkItem]) -> Part:
        return show_page(group, items, pages, line)

    changes, (own, own_parts) = await _read_changes(ctx), await _show_clusters(ctx, page)
    found = await find_drill_clusters(ctx, lambda drill: _may_list(drill, ctx), recent=True)
    left, reports = [each for each in found.items if each.is_left], await _read_reports(ctx)
    parts = (
        *_offer_starts(ctx),
        *_show_open_changes(changes, ctx, page),
        *own_parts,
        *_show_left_clusters(left, ctx, page),
        *([] if reports is None else [page(REPORTS, [item for _, item in reports])]),
        *_show_finished_changes(changes, ctx, page),
    )
    result = Home(
        needs_you=tuple(NeedingChange(change=ChangeView.of(each), act=act) for each, act in changes.needing),
        pending=tuple(map(ChangeView.of, changes.pending)),
        running=tuple(map(ChangeView.of, changes.running)),
        finished=tuple(map(ChangeView.of, changes.finished)),
        clusters=tuple(own),
        left_drill_clusters=tuple(left),
        reports=tuple(view for view, _ in reports or ()),
    )
    number = len(result.needs_you)
    verb = "needs" if number == 1 else "need"
    title = f"{format_count(number, 'change')} {verb} your attention"
    return Reply(title if number else "Nothing needs your attention", parts, result=result)


Page = Callable[[PagedGroup, Sequence[WorkItem]], Part]


def _read_pages(given: Iterable[str]) -> Mapping[str, int]:
    """Return the first item of each list. What buttons of another release said of others is left out."""
    pairs = (each.partition(":")[::2] for each in given)
    return {name: int(first) for name, first in pairs if first.isdecimal() and len(first) < 7}


def _offer_starts(ctx: Context) -> list[Part]:
    """Return the buttons that begin something, as far as the person may run it here."""
    starts = (
        ("New restore", "restore", " --form"),
        ("New report", "report add", " --form"),
        ("All clusters", "cluster list", ""),
    )
    choices = tuple(Choice(label, f"{name}{form}") for label, name, form in starts if may_run(name, ctx))
    return [Choices(choices)] if choices else []


# Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class _HomeChanges:
    """The changes that a person may see, and what tells each from the others by its id.

    `needing` are those that need the person, with the act that they need. `all_open` may hold some that are
    hidden: one of the same cluster can be queued before a visible one.
    """

    needing: Sequence[tuple[ChangeRecord, NeededAct]]
    pending: Sequence[ChangeRecord]
    running: Sequence[ChangeRecord]
    finished: Sequence[ChangeRecord]
    all_open: Sequence[ChangeRecord]
    titles: Mapping[str, str]


async def _read_changes(ctx: Context) -> _HomeChanges:
    rows = ctx.changes.rows
    all_open = await rows.newest(OPEN)
    seen = [each for each in all_open if _may_list(each, ctx)]
    unreviewed = [each for each in await rows.unreviewed() if _may_list(each, ctx)]
    needing = _find_needing([*seen, *unreviewed], ctx)
    since = ctx.now() - RECENT
    finished = await find_changes(ctx, OVER, MOST_FINISHED, lambda each: _may_list(each, ctx), since=since)
    others = [each for each in seen if each.id not in needing]
    return _HomeChanges(
        needing=tuple(needing.values()),
        pending=[each for each in others if is_mine(each, ctx) and each.state is ChangeState.PROPOSED],
        running=[each for each in others if each.state in QUEUE_STATES],
        finished=[each for each in finished if each.id not in needing],
        all_open=all_open,
        titles=distinct_actions(tuple({each.id: each for each in (*seen, *unreviewed, *finished)}.values())),
    )


def _show_open_changes(changes: _HomeChanges, ctx: Context, page: Page) -> list[Part]:
    titles = changes.titles
    needing = [make_needing_item(each, titles[each.id], NEEDS[act], ctx) for each, act in changes.needing]
    pending = [make_pending_item(each, titles[each.id], ctx) for each in changes.pending]
    running = [make_running_item(each, titles[each.id], changes.all_open, ctx) for each in changes.running]
    parts = [page(NEEDS_YOU, needing), page(YOURS, pending)]
    return [*parts, page(RUNNING, running)] if running or may_run("change list", ctx) else parts


def _show_finished_changes(changes: _HomeChanges, ctx: Context, page: Page) -> list[Part]:
    items = [make_finished_item(each, changes.titles[each.id], ctx) for each in changes.finished]
    return [page(FINISHED, items)] if items or may_run("change list", ctx) else []


def _may_list(record: ChangeRecord, ctx: Context) -> bool:
    """Return whether the list of changes would show this one."""
    listed = ctx.registry.get(("change", "list"))
    return listed is not None and ctx.may_see_plan(record.plan, listed)


def _find_needing(records: Iterable[ChangeRecord], ctx: Context) -> dict[str, tuple[ChangeRecord, NeededAct]]:
    """Return the changes that need the person, by id, each with the act that it needs."""
    found: dict[str, tuple[ChangeRecord, NeededAct]] = {}
    for act in NEEDS:
        for each in records:
            if each.id not in found and may_act(act, each, ctx):
                found[each.id] = (each, act)
    return found


# Clusters


async def _show_clusters(ctx: Context, page: Page) -> tuple[list[Cluster], list[Part]]:
    """Return the clusters that the person owns, and their part of the page."""
    listing = await ctx.recent_clusters()
    # The page is open to all, its data is not.
    listed = ctx.registry.get(("cluster", "list"))
    seen = (
        () if listed is None else ctx.policy.visible(CommandRequest.by(ctx.invocation, listed), listing.items)
    )
    own = [each for each in seen if OWNER in ctx.policy.roles_for(ctx.invocation.actor, each)]
    own.sort(key=lambda each: (each.state == RESTING, each.name.casefold(), each.id))
    # Only those who may list clusters are told of the regions.
    gaps = listing.gaps if may_run("cluster list", ctx) else ()
    empty = ""
    if not own and seen:
        number = format_count(len(seen), "cluster")
        empty = (
            f"You may see {number} and own none. The owner of a cluster is set under clusters in app.yaml."
        )
    elif not own and not gaps:
        empty = f"There are no clusters that you may see. {NO_CLUSTERS}"
    items = [make_cluster_item(each, ctx) for each in own]
    return own, [page(replace(CLUSTERS, empty=empty), items), *_note_gaps(gaps)]


def _note_gaps(gaps: Sequence[Gap]) -> list[Part]:
    """Return one note: the page has room for a few endpoints alone."""
    if not gaps:
        return []
    more = [f"and {format_count(len(gaps) - 3, 'more endpoint')}"] if len(gaps) > 3 else []
    return [Note("\n".join([*(f"{GAP_WARNING}{gap}" for gap in gaps[:3]), *more]), tuple(gaps))]


def _show_left_clusters(left: Sequence[DrillCluster], ctx: Context, page: Page) -> list[Part]:
    items = []
    for each in left:
        state = each.label if each.state is None else describe_cluster_state(each.state)
        is_deletable = each.is_deletable and may_run("cluster delete", ctx)
        button = Choice("Delete cluster", f"cluster delete {each.cluster.id}")
        line = f"A copy of {each.copy_of.name}, {state}. It costs money until it is deleted."
        items.append(WorkItem(each.cluster.name, (line,), (button,) if is_deletable else ()))
    return [page(LEFT_BEHIND, items)] if items else []


# Reports


async def _read_reports(ctx: Context) -> list[tuple[NextReport, WorkItem]] | None:
    """Return the reports that the person may know of without a look at every cluster, by their next run with
    paused and snoozed ones last; None if they may list none."""
    if not may_run("report list", ctx):
        return None
    lists, now = ctx.for_command("report list"), ctx.now()
    member = ctx.invocation.actor.member
    standings, last = await ctx.reports.rows.standings(), await ctx.reports.rows.last_slots()
    found = []
    for each in await ctx.reports.all_reports():
        if not (sees_everything(lists) or (member and member in {each.setting.owner, each.by})):
            continue
        status, slot = standings.get(each.name) or ReportStatus(name=each.name), last.get(each.name)
        view = NextReport(
            name=each.name,
            command=each.setting.command,
            pause_reason=status.skip_reason(now) or None,
            next_run_at=next(iter(ctx.reports.find_next_runs(each, status, 1)), None),
            last_run=ReportRunView.of(slot) if slot else None,
        )
        is_last = view.pause_reason is not None or view.next_run_at is None
        rank = (is_last, view.next_run_at or now, view.name)
        found.append((rank, view, make_report_item(each, status, slot, ctx)))
    return [(view, item) for _, view, item in sorted(found, key=lambda each: each[0])]
