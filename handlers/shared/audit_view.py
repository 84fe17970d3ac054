"""Audit entries as a reply: a table, a note on hidden ones, and a button for older ones."""

from collections.abc import Mapping, Sequence

from bot.audit.records import AuditRow
from bot.commands.context import Context
from bot.commands.parser import spell
from bot.domain.phrases import format_count, join_some
from bot.domain.reply import Cell, Choice, Choices, Note, Part, Reply, Table, Text, warn_of_gaps
from handlers.shared.audit_filters import AuditFilter
from handlers.shared.audit_visibility import AuditVisibility, RowName, VisibleRows


def make_rows_table(rows: Sequence[AuditRow], names: Mapping[int, RowName], sight: AuditVisibility) -> Table:
    """Return the table of these rows, in their order; a column that would be empty is left out."""
    columns = ["Row", "When", "Who", "Typed", "Outcome", "Said", "Cluster", "Trace"]
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
    if not any(row.clusters for row in rows):
        columns.remove("Cluster")
        cells = [(*each[:6], each[7]) for each in cells]
    return Table("Audit log", tuple(columns), tuple(cells), name="audit")


def render_rows(found: VisibleRows, sight: AuditVisibility, args: AuditFilter, ctx: Context) -> Reply:
    """Return the reply to a list or a search."""
    parts: list[Part] = []
    if found.rows:
        parts.append(make_rows_table(found.rows, found.names, sight))
    else:
        parts.append(Text("No row fits."))
    parts += note_hidden(sight)
    if found.older is not None:
        line = spell(ctx.command, args, before=str(found.older))
        parts.append(Choices((Choice("Older rows", line),)))
    title = f"{format_count(len(found.rows), 'row')} of the audit log, newest first"
    return Reply(title if found.rows else "No rows found", tuple(parts))


def note_hidden(sight: AuditVisibility) -> list[Part]:
    """Say which rows are shown, in the same words whether there are others or not."""
    if sight.everything:
        return []
    return [
        Note("Shown are your own rows, and those about clusters that you may see."),
        *warn_of_gaps(sight.gaps),
    ]
