"""Audit entries as a reply: a table, a note on hidden ones, and a button for older ones."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from bot.audit.records import AuditQuery, AuditRow
from bot.commands.context import Context
from bot.commands.declaration import Arguments, InForm, Picks
from bot.commands.parser import spell
from bot.domain.errors import NoSuchThing
from bot.domain.phrases import capitalize_first, format_count, join_some
from bot.domain.reply import (
    Choice,
    Choices,
    Column,
    Note,
    Part,
    Reply,
    Table,
    Text,
    make_table,
    warn_of_gaps,
    wide,
)
from bot.domain.result import CommandResult
from bot.domain.times import parse_time
from handlers.shared.audit_visibility import CLUSTER_ID, AuditVisibility, RowName, find_visible

_MENTION = re.compile(r"<@(?P<id>\w+)(?:\|[^<>]*)?>")


class AuditListArguments(Arguments):
    """Filters of audit entries; an entry must match each that is given."""

    actor: Annotated[str | None, Picks("person"), InForm(label="Person", hint="")] = None
    """Only entries of this person: a mention, or part of an id"""
    cluster: Annotated[str | None, InForm(hint="Its name, or its id if it was deleted.")] = None
    """Only entries about this cluster: its name, or its id if it is deleted"""
    command: Annotated[
        str | None, InForm(hint="Also finds commands that start with it.", example="cluster")
    ] = None
    """Only this command, or commands that start with it"""
    outcome: Annotated[str | None, InForm(hint="", example="denied")] = None
    """Only this outcome, such as denied or failed"""
    since: Annotated[str | None, Picks("past"), InForm(label="From", hint="In your own time zone.")] = None
    """Only entries after this time, such as 2h or 2026-11-20T10:00Z"""
    until: Annotated[str | None, Picks("past"), InForm(label="To", hint="In your own time zone.")] = None
    """Only entries before this time"""
    before: Annotated[
        str | None, InForm(label="Older than", hint="Number of an entry, as the list shows it.")
    ] = None
    """Only entries older than this one, as listed"""
    limit: Annotated[int, InForm(label="Entries at most", hint="", least=1), Field(ge=1, le=200)] = 50
    """Maximum number of entries"""
    steps: Annotated[
        bool, InForm(label="Show steps", hint="Also show what was written before a command ran.")
    ] = False
    """Include the entries written before a command ran"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """An audit entry. `id` is what “audit show” takes, `seq` its number in the log: null for people who may
    not see every entry. `code` is that of the error with which it ended."""

    id: str
    seq: int | None
    at: datetime
    kind: str
    trace: str | None
    actor: str
    channel: str | None
    command: str | None
    text: str | None
    outcome: str | None
    code: str | None
    detail: str | None
    cluster_ids: tuple[str, ...]
    change_id: str | None
    duration_ms: int | None

    @classmethod
    def of(cls, row: AuditRow, name: RowName, sight: AuditVisibility) -> "AuditRecord":
        return cls(
            id=str(name),
            seq=row.seq if sight.everything else None,
            at=row.at,
            kind=row.kind,
            trace=None if row.trace == "-" else row.trace,
            actor=row.actor,
            channel=row.channel or None,
            command=row.command or None,
            text=row.text or None,
            outcome=row.outcome or None,
            code=row.code or None,
            detail=row.detail or None,
            cluster_ids=tuple(sorted(row.clusters)),
            change_id=row.change or None,
            duration_ms=None if row.milliseconds is None else round(row.milliseconds),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditList(CommandResult):
    """Audit entries, the newest first. `next_before` is for --before: it gets the entries older than these;
    null where there are none."""

    entries: tuple[AuditRecord, ...]
    next_before: str | None


async def answer_query(args: AuditListArguments, ctx: Context, words: str | None = None) -> Reply:
    """Return the reply to a list or a search. Raises BadArgument, NoSuchThing or AmbiguousName."""
    now, zone = ctx.now(), ctx.invocation.actor.time_zone
    since, until = (parse_time(text, now, zone) if text else None for text in (args.since, args.until))
    sight = await AuditVisibility.of(ctx)
    query = AuditQuery(
        actor=_MENTION.sub(r"\g<id>", args.actor).lstrip("@") if args.actor else None,
        cluster=await _find_cluster_id(args.cluster, ctx) if args.cluster else None,
        command=args.command,
        outcome=args.outcome,
        since=since,
        until=until,
        words=words,
        before=(await sight.find_row(args.before, ctx)).seq if args.before else None,
        limit=args.limit,
        every_step=args.steps,
    )
    found = await find_visible(ctx, sight, query)
    entries = list_entries(found.rows, found.names, sight)
    nothing = Text("Look further back with `--since 90d`, or leave a filter out.")
    parts: list[Part] = [make_entries_table(entries, sight) if entries else nothing, *note_hidden(sight)]
    times = [f"{word} {ctx.format_time(at)}" for word, at in (("from", since), ("until", until)) if at]
    if times:
        parts.append(Note(f"{capitalize_first(' '.join(times))}."))
    older = None if found.older is None else str(found.older)
    if older is not None:
        parts.append(Choices((Choice("Show older entries", spell(ctx.command, args, before=older)),)))
    return Reply(_make_title(found.rows), tuple(parts), result=AuditList(entries=entries, next_before=older))


async def _find_cluster_id(name: str, ctx: Context) -> str:
    try:
        return (await ctx.cluster(name)).id
    except NoSuchThing as error:
        if CLUSTER_ID.fullmatch(name.strip()):
            return name.strip().lower()
        step = (
            f"{error.next_step} If it was deleted, give its id, or search for its name with “audit search”."
        )
        raise NoSuchThing(error.error_code, error.sentence, step.strip()) from None


def list_entries(
    rows: Sequence[AuditRow], names: Mapping[int, RowName], sight: AuditVisibility
) -> tuple[AuditRecord, ...]:
    return tuple(AuditRecord.of(row, names[row.seq], sight) for row in rows)


def make_entries_table(entries: Sequence[AuditRecord], sight: AuditVisibility) -> Table:
    columns: tuple[Column[AuditRecord], ...] = (
        Column("Entry", cell=lambda entry: entry.id if entry.seq is None else entry.seq),
        Column("When", cell=lambda entry: entry.at),
        Column("Who", cell=lambda entry: entry.actor),
        Column("Typed", cell=lambda entry: entry.text or entry.command or ""),
        Column("Outcome", cell=lambda entry: entry.outcome or ""),
        wide("Code", cell=lambda entry: entry.code),
        wide("Answer", cell=lambda entry: entry.detail),
        wide("Cluster", cell=lambda entry: join_some(sorted(map(sight.name, entry.cluster_ids))) or None),
        wide("Trace", cell=lambda entry: entry.trace or "-"),
    )
    return make_table("Audit log", columns, entries, name="audit")


def _make_title(rows: Sequence[AuditRow]) -> str:
    """Return how many entries are shown, and the outcomes of those that have one."""
    if not rows:
        return "No audit entries match"
    outcomes = Counter(row.outcome for row in rows if row.outcome and row.outcome != "accepted")
    said = ", ".join(f"{count:,} {outcome}" for outcome, count in outcomes.most_common())
    number = format_count(len(rows), "audit entry")
    return f"{number}: {said}" if said else number


def note_hidden(sight: AuditVisibility) -> list[Part]:
    """Say which rows are shown, in the same words whether there are others or not."""
    if sight.everything:
        return []
    return [
        Note("You see your own entries, and those about clusters that you may see."),
        *warn_of_gaps(sight.gaps),
    ]
