"""`/pg audit show`: one row of the audit log, with its API requests and its hashes."""

from dataclasses import dataclass
from typing import Annotated

from bot.audit.records import AuditRow
from bot.commands.context import Context
from bot.commands.declaration import Arguments, InForm, Positional, command, returns
from bot.domain.reply import Cell, Choice, Choices, Column, Fields, Note, Part, Reply, show_table
from bot.domain.result import CommandResult
from handlers.shared.audit_view import AuditRecord
from handlers.shared.audit_visibility import AuditVisibility, RowName


class AuditShowArguments(Arguments):
    row: Annotated[str, Positional(), InForm(label="Entry", hint="Its number, as the audit list shows it.")]
    """Entry to show, as “audit list” numbers it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedRequest:
    """A request to the IONOS API. `status` is null without an answer; `response` is the API's own refusal."""

    method: str
    url: str
    status: int | None
    duration_ms: int
    attempt: int
    request_id: str | None
    response: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditShow(CommandResult):
    """An audit entry with its API requests. `rule` allowed or refused the command; `digest` is that of the
    change. The hashes are null for people who may not see every entry."""

    entry: AuditRecord
    team: str | None
    roles: tuple[str, ...]
    rule: str | None
    policy_version: str | None
    digest: str | None
    requests: tuple[AuditedRequest, ...]
    hash: str | None
    previous_hash: str | None

    @classmethod
    def of(cls, row: AuditRow, name: RowName, sight: AuditVisibility) -> "AuditShow":
        return cls(
            entry=AuditRecord.of(row, name, sight),
            team=row.team or None,
            roles=tuple((row.roles or "").split()),
            rule=row.rule,
            policy_version=row.policy,
            digest=row.digest,
            requests=tuple(
                AuditedRequest(
                    method=sent.method,
                    url=sent.url,
                    status=sent.status,
                    duration_ms=round(sent.milliseconds),
                    attempt=sent.attempt,
                    request_id=sent.request_id,
                    response=sent.said or None,
                )
                for sent in sight.requests(row)
            ),
            # The hash before is another row's: it would tell whether that one is shown.
            hash=row.hash if sight.everything else None,
            previous_hash=row.prev if sight.everything else None,
        )


@returns(AuditShow)
@command(examples=("audit show 1204",))
async def audit_show(args: AuditShowArguments, ctx: Context) -> Reply:
    """Show one audit entry with its API requests.

    The entry has who ran the command, where, and the rule that allowed it. If you may see every entry, you
    also get its hash. “pgbot audit verify” computes the same, which proves this entry and all before it.
    """
    sight = await AuditVisibility.of(ctx)
    row = await sight.find_row(args.row, ctx)
    typed = args.row.strip()
    result = AuditShow.of(row, row.seq if sight.everything else typed, sight)
    name = f"audit-{result.entry.id.replace('/', '-')}-requests"
    parts: list[Part] = [Fields(_list_facts(row))]
    parts += show_table("API requests", _COLUMNS, result.requests, name=name)
    if not sight.everything:
        parts.append(Note("Requests about clusters that you may not see are left out."))
    if result.hash is not None:
        parts.append(Fields((("Hash", result.hash), ("Previous hash", result.previous_hash))))
    if row.trace != "-":
        parts.append(Choices((Choice("Show related entries", f"audit story {row.trace}"),)))
    title = f"Entry {typed}: {row.text or row.command} ({row.outcome})"
    return Reply(title, tuple(parts), result=result)


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
        ("Code", row.code),
        ("Answer", row.detail or None),
        ("Rule", row.rule),
        ("Policy version", row.policy),
        ("Clusters", ", ".join(sorted(row.clusters)) or None),
        ("Change", row.change),
        ("Digest", row.digest),
        ("Trace", row.trace),
        ("Duration (ms)", row.milliseconds),
    )


_COLUMNS: tuple[Column[AuditedRequest], ...] = (
    Column("Method", cell=lambda sent: sent.method),
    Column("URL", cell=lambda sent: sent.url),
    Column("Status", cell=lambda sent: sent.status),
    Column("Duration (ms)", cell=lambda sent: sent.duration_ms),
    Column("Attempt", cell=lambda sent: sent.attempt),
    Column("IONOS request id", cell=lambda sent: sent.request_id),
    Column("Response", cell=lambda sent: sent.response),
)
