"""Audit entries as a reply: a table, a note on hidden ones, and a button for older ones."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.audit.records import AuditRow
from bot.commands.context import Context
from bot.commands.parser import spell
from bot.domain.phrases import join_some
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
from handlers.shared.audit_filters import AuditListArguments
from handlers.shared.audit_visibility import AuditVisibility, RowName, VisibleRows


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
        """Return the view of a row for the person who sees this."""
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


def list_entries(
    rows: Sequence[AuditRow], names: Mapping[int, RowName], sight: AuditVisibility
) -> tuple[AuditRecord, ...]:
    """Return the views of these rows, in their order."""
    return tuple(AuditRecord.of(row, names[row.seq], sight) for row in rows)


def make_entries_table(entries: Sequence[AuditRecord], sight: AuditVisibility) -> Table:
    """Return the table of these entries, in their order."""
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


def render_rows(found: VisibleRows, sight: AuditVisibility, args: AuditListArguments, ctx: Context) -> Reply:
    """Return the reply to a list or a search."""
    parts: list[Part] = []
    entries = list_entries(found.rows, found.names, sight)
    if entries:
        parts.append(make_entries_table(entries, sight))
    else:
        parts.append(Text("Look further back with `--since 90d`, or leave a filter out."))
    parts += [*note_hidden(sight), *_note_window(args, ctx)]
    if found.older is not None:
        line = spell(ctx.command, args, before=str(found.older))
        parts.append(Choices((Choice("Show older entries", line),)))
    older = None if found.older is None else str(found.older)
    return Reply(_make_title(found.rows), tuple(parts), result=AuditList(entries=entries, next_before=older))


def _note_window(args: AuditListArguments, ctx: Context) -> list[Part]:
    """Say as which times the filters were read; nothing without them."""
    typed = (("From", args.since), ("until", args.until))
    said = [
        f"{word} {ctx.format_time(parse_time(text, ctx.now(), ctx.invocation.actor.time_zone))}"
        for word, text in typed
        if text
    ]
    words = " ".join(said)
    return [Note(f"{words[:1].upper()}{words[1:]}.")] if said else []


def _make_title(rows: Sequence[AuditRow]) -> str:
    """Return how many entries are shown, and the outcomes of those that have one."""
    if not rows:
        return "No audit entries match"
    outcomes = Counter(row.outcome for row in rows if row.outcome and row.outcome != "accepted")
    said = ", ".join(f"{count:,} {outcome}" for outcome, count in outcomes.most_common())
    number = f"{len(rows):,} audit {'entry' if len(rows) == 1 else 'entries'}"
    return f"{number}: {said}" if said else number


def note_hidden(sight: AuditVisibility) -> list[Part]:
    """Say which rows are shown, in the same words whether there are others or not."""
    if sight.everything:
        return []
    return [
        Note("You see your own entries, and those about clusters that you may see."),
        *warn_of_gaps(sight.gaps),
    ]
