"""`/pg audit show`: one row of the audit log, with its API requests and its hashes."""

from typing import Annotated

from pydantic import Field

from bot.audit.records import AuditRow
from bot.commands.context import Context
from bot.commands.declaration import Arguments, Positional, command
from bot.commands.form_layout import InForm
from bot.domain.reply import Cell, Choice, Choices, Fields, Note, Part, Reply, Table
from handlers.shared.audit_visibility import AuditVisibility, missing_row_error


class AuditShowArguments(Arguments):
    row: Annotated[
        str,
        Positional(),
        InForm(label="Entry", hint="Its number, as the audit list shows it."),
        Field(description="Entry to show, as “audit list” numbers it"),
    ]


@command(examples=("audit show 1204",))
async def audit_show(args: AuditShowArguments, ctx: Context) -> Reply:
    """Show one audit entry with its API requests.

    The entry has who ran the command, where, and the rule that allowed it. If you may see every entry, you
    also get its hash. “pgbot audit verify” computes the same, which proves this entry and all before it.
    """
    sight = await AuditVisibility.of(ctx)
    row = await sight.find_row(args.row, ctx)
    if row is None:
        raise missing_row_error(args.row)
    parts: list[Part] = [Fields(_list_facts(row)), *_show_requests(row, sight)]
    if sight.everything:
        # The hash before is another row's: it would tell whether that one is shown.
        parts.append(Fields((("Hash", row.hash), ("Previous hash", row.prev))))
    if row.trace != "-":
        parts.append(Choices((Choice("Show related entries", f"audit story {row.trace}"),)))
    return Reply(f"Entry {args.row.strip()}: {row.text or row.command} ({row.outcome})", tuple(parts))


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
        ("Answer", row.detail or None),
        ("Rule", row.rule),
        ("Policy version", row.policy),
        ("Clusters", ", ".join(sorted(row.clusters)) or None),
        ("Change", row.change),
        ("Digest", row.digest),
        ("Trace", row.trace),
        ("Duration (ms)", row.milliseconds),
    )


def _show_requests(row: AuditRow, sight: AuditVisibility) -> list[Part]:
    shown = sight.requests(row)
    columns = ("Method", "URL", "Status", "Duration (ms)", "Attempt", "IONOS request id", "Response")
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
        parts.append(Note("Requests about clusters that you may not see are left out."))
    return parts
