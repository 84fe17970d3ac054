"""Audit entries as a reply: a table, a note on hidden ones, and a button for older ones."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from bot.audit.records import AuditRow
from bot.commands.context import Context
from bot.commands.parser import spell
from bot.domain.phrases import join_some
from bot.domain.reply import Cell, Choice, Choices, Column, Note, Part, Reply, Table, Text, warn_of_gaps, wide
from bot.domain.times import parse_time
from handlers.shared.audit_filters import AuditFilter
from handlers.shared.audit_visibility import AuditVisibility, RowName, VisibleRows


def make_rows_table(rows: Sequence[AuditRow], names: Mapping[int, RowName], sight: AuditVisibility) -> Table:
    """Return the table of these rows, in their order."""
    cells: list[tuple[Cell, ...]] = [
        (
            names[row.seq],
            row.at,
            row.actor,
            row.text or row.command,
            row.outcome,
            row.detail or None,
            join_some(sorted(sight.names.get(each, each) for each in row.clusters)) or None,
            row.trace,
        )
        for row in rows
    ]
    return Table("Audit log", _COLUMNS, tuple(cells), name="audit")


_COLUMNS: tuple[Column[Any] | str, ...] = (
    Column("Entry"),
    Column("When"),
    Column("Who"),
    Column("Typed"),
    Column("Outcome"),
    wide("Answer"),
    wide("Cluster"),
    wide("Trace"),
)


def render_rows(found: VisibleRows, sight: AuditVisibility, args: AuditFilter, ctx: Context) -> Reply:
    """Return the reply to a list or a search."""
    parts: list[Part] = []
    if found.rows:
        parts.append(make_rows_table(found.rows, found.names, sight))
    else:
        parts.append(Text("Look further back with `--since 90d`, or leave a filter out."))
    parts += [*note_hidden(sight), *_note_window(args, ctx)]
    if found.older is not None:
        line = spell(ctx.command, args, before=str(found.older))
        parts.append(Choices((Choice("Show older entries", line),)))
    return Reply(_make_title(found.rows), tuple(parts))


def _note_window(args: AuditFilter, ctx: Context) -> list[Part]:
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
