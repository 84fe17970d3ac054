"""`/pg audit show`: one row of the audit log, with its API requests and its hashes."""

from typing import Annotated

from pydantic import Field

from bot.audit.records import AuditRow
from bot.commands.context import Context
from bot.commands.declaration import Arguments, Positional, command
from bot.domain.reply import Cell, Choice, Choices, Fields, Note, Part, Reply, Table
from handlers.shared.audit_visibility import AuditVisibility, missing_row_error


class AuditShowArguments(Arguments):
    row: Annotated[str, Positional(), Field(description="The row, as audit list calls it")]


@command(examples=("audit show 1204",))
async def audit_show(args: AuditShowArguments, ctx: Context) -> Reply:
    """Show one row: who, where, why it was allowed, what was sent.

    The hash is what pgbot audit verify computes; it proves the row together with all rows before it, and is
    for those who may see them all.
    """
    sight = await AuditVisibility.of(ctx)
    row = await sight.find_row(args.row, ctx)
    if row is None:
        raise missing_row_error(args.row)
    parts: list[Part] = [Fields(_list_facts(row)), *_show_requests(row, sight)]
    if sight.everything:
        # The hash before is another row's: it would tell whether that one is shown.
        parts.append(Fields((("Hash", row.hash), ("Hash before", row.prev))))
    if row.trace != "-":
        parts.append(Choices((Choice("Whole story", f"audit story {row.trace}"),)))
    return Reply(f"Row {args.row.strip()}: {row.text or row.command} ({row.outcome})", tuple(parts))


def _list_facts(row: AuditRow) -> tuple[tuple[str, Cell], ...]:
    return (
        ("When", row.at),
        ("Who", row.actor),
        ("Team", row.team or None),
        ("Channel", row.channel or None),
        ("Roles", row.roles),
        ("Kind", row.kind),
        ("Command", row.command or None),
        ("Typed", row.text or None),
        ("Outcome", row.outcome),
        ("Said", row.detail or None),
        ("Because", row.rule),
        ("Policy version", row.policy),
        ("Clusters", ", ".join(sorted(row.clusters)) or None),
        ("Change", row.change),
        ("Digest", row.digest),
        ("Trace", row.trace),
        ("Took, ms", row.milliseconds),
    )


def _show_requests(row: AuditRow, sight: AuditVisibility) -> list[Part]:
    shown = sight.requests(row)
    columns = ("Method", "URL", "Status", "ms", "Attempt", "Id at IONOS", "It said")
    cells = tuple(
        (
            each.method,
            each.url,
            each.status,
            each.milliseconds,
            each.attempt,
            each.request_id,
            each.said or None,
        )
        for each in shown
    )
    parts: list[Part] = (
        [Table("API requests", columns, cells, name=f"audit-{row.seq}-requests")] if shown else []
    )
    if not sight.everything:
        parts.append(Note("Shown are requests about clusters that you may see, and about none."))
    return parts
