"""Filters that the audit commands share, and the query of the audit log that they make."""

import re
from typing import Annotated

from pydantic import Field

from bot.audit.records import AuditQuery
from bot.commands.context import Context
from bot.commands.declaration import Arguments, Picks
from bot.commands.form_layout import InForm
from bot.domain.errors import NoSuchThing
from bot.domain.times import parse_time
from handlers.shared.audit_visibility import AuditVisibility, missing_row_error

_MENTION = re.compile(r"<@(?P<id>\w+)(?:\|[^<>]*)?>")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


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


async def read_query(
    args: AuditListArguments, sight: AuditVisibility, ctx: Context, words: str | None = None
) -> AuditQuery:
    """Return the query that the filters make. Raises BadArgument, NoSuchThing or AmbiguousName."""
    now, zone = ctx.now(), ctx.invocation.actor.time_zone
    return AuditQuery(
        actor=_MENTION.sub(r"\g<id>", args.actor).lstrip("@") if args.actor else None,
        cluster=await _find_cluster_id(args.cluster, ctx) if args.cluster else None,
        command=args.command,
        outcome=args.outcome,
        since=parse_time(args.since, now, zone) if args.since else None,
        until=parse_time(args.until, now, zone) if args.until else None,
        words=words,
        before=await _find_number(args.before, sight, ctx) if args.before else None,
        limit=args.limit,
        every_step=args.steps,
    )


async def _find_number(name: str, sight: AuditVisibility, ctx: Context) -> int:
    row = await sight.find_row(name, ctx)
    if row is None:
        raise missing_row_error(name)
    return row.seq


async def _find_cluster_id(name: str, ctx: Context) -> str:
    try:
        return (await ctx.cluster(name)).id
    except NoSuchThing as error:
        if _ID.fullmatch(name.strip()):
            return name.strip().lower()
        step = (
            f"{error.next_step} If it was deleted, give its id, or search for its name with “audit search”."
        )
        raise NoSuchThing(error.error_code, error.sentence, step.strip()) from None
