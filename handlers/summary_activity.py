"""`/pg summary activity`: what is unusual in the audit log."""

from collections import Counter
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from bot.audit.rows import AuditQuery, AuditRow
from bot.audit.seeing import Sight, look
from bot.command import Arguments, command
from bot.context import Context
from bot.moments import duration
from bot.reply import Fields, Part, Reply, Table, Text, Warn
from bot.wording import counted, few

MOST = 5_000
"""Rows that are looked through for each of the two periods."""

USUAL = 4
"""The period before that activity is held against, in lengths of the period."""

REFUSED = frozenset({"denied", "mistyped", "failed", "error"})
OFTEN = 5
"""Refusals from which on somebody is named."""


class SummaryActivityArguments(Arguments):
    """How far back."""

    since: Annotated[str, Field(description="How far back, such as 24h or 7d")] = "24h"


@command(examples=("summary activity", "summary activity --since 7d"))
async def summary_activity(args: SummaryActivityArguments, ctx: Context) -> Reply:
    """Sum up what is unusual in the audit log.

    New people, commands nobody gave before, and who is often refused. Unusual is what the four periods before did not have. It accuses nobody: it says where to look.
    """
    period = duration(args.since)
    now, before = await _rows(ctx, period)
    parts: list[Part] = []
    if len(now) >= MOST:
        parts.append(Warn(f"Only the last {MOST:,} rows are counted."))
    parts.append(Fields((("People", len(_people(now))), ("Commands", len(now)), ("Refused", _refused(now)))))
    findings = [*_new("Never seen before", _people(now), _people(before))]
    findings += _new("New commands", {row.command for row in now}, {row.command for row in before})
    findings += _new("Refused often", _often(now), _often(before))
    if findings:
        parts.append(Table("Unusual", ("What", "Who or which"), tuple(findings), name="unusual"))
    else:
        parts.append(Text("Nothing unusual."))
    title = f"{counted(len(now), 'command')} by {len(_people(now))} in {args.since}"
    return Reply(f"{title}: {counted(len(findings), 'unusual thing')}", tuple(parts))


async def _rows(ctx: Context, period: timedelta) -> tuple[list[AuditRow], list[AuditRow]]:
    sight, now = await Sight.of(ctx), ctx.now()
    recent = await look(ctx, sight, AuditQuery(since=now - period, limit=MOST))
    earlier = await look(
        ctx, sight, AuditQuery(since=now - period * (USUAL + 1), until=now - period, limit=MOST)
    )
    return _asked(recent.rows), _asked(earlier.rows)


def _asked(rows: tuple[AuditRow, ...]) -> list[AuditRow]:
    """What people asked: not what the schedule or the bot itself did."""
    return [
        row for row in rows if row.kind == "outcome" and row.command and not row.actor.startswith("schedule:")
    ]


def _people(rows: list[AuditRow]) -> set[str]:
    return {row.actor for row in rows}


def _refused(rows: list[AuditRow]) -> int:
    return sum(1 for row in rows if row.outcome in REFUSED)


def _often(rows: list[AuditRow]) -> set[str]:
    counts = Counter(row.actor for row in rows if row.outcome in REFUSED)
    return {actor for actor, count in counts.items() if count >= OFTEN}


def _new(what: str, now: set[str], before: set[str]) -> list[tuple[str, str]]:
    fresh = sorted(now - before)
    return [(what, few(fresh))] if fresh else []
