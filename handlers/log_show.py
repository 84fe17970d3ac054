"""`/pg log show`: what PostgreSQL wrote, newest first, without secrets."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import Field

from bot.commands.context import Context
from bot.commands.declaration import InForm, Picks, Task, command, headline, known_as, returns
from bot.commands.parser import spell
from bot.domain.cluster import Api, Cluster, ClusterRef, Listing, LogLine
from bot.domain.cluster_spec import LogWindow
from bot.domain.errors import BadArgument, NotOffered
from bot.domain.phrases import format_count
from bot.domain.redaction import redact
from bot.domain.reply import Choice, Choices, Code, Fields, File, Note, Part, Reply, Text, Warn
from bot.domain.reply_text import format_cell
from bot.domain.result import CommandResult
from bot.domain.text_safety import clip_text, escape_invisible
from bot.domain.times import format_span, parse_time
from handlers.shared.argument_types import ClusterArguments

KEPT = timedelta(days=30)
"""The time for which v1 keeps logs (ionos-api-notes, section 8)."""

MOST = 5_000
"""The most lines that the API returns in one answer."""

_GRACE = timedelta(minutes=1)

SHOWN_LINES = 30
SHOWN_CHARACTERS = 2_800
"""Limits of one message, so that a longer log becomes a file."""

SHOWN_WIDTH = 240

_NUMBER = re.compile(r"-([0-9]+)$")

_DAWN = datetime(1, 1, 1, tzinfo=UTC)


class LogShowArguments(ClusterArguments):
    since: Annotated[
        str, Picks("past"), InForm(label="From", hint="In your own time zone. If empty, the last hour.")
    ] = "1h"
    """Start of the window: 15m, 2h or 3d ago, or a time such as 2026-11-20T10:00Z"""
    until: Annotated[
        str | None, Picks("past"), InForm(label="To", hint="In your own time zone. If empty, now.")
    ] = None
    """End of the window, in the same forms (default: now)"""
    grep: Annotated[
        str | None, InForm(label="Contains", hint="Upper and lower case are the same."), Field(min_length=1)
    ] = None
    """Only lines that contain this text; case is ignored"""
    instance: Annotated[int | None, InForm(hint="Number of the instance. If empty, all."), Field(ge=0)] = None
    """Only lines from this instance"""
    limit: Annotated[int, InForm(label="Lines at most", hint="Newest first."), Field(ge=100, le=MOST)] = 1_000
    """Maximum number of lines, newest first"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """A line of the log that may be shown: without secrets and invisible characters. `instance` is its
    number."""

    at: datetime | None
    instance: str
    text: str

    @classmethod
    def of(cls, line: LogLine) -> "LogEntry":
        """Return a line as it may be shown.

        Secrets are hidden here, before anything searches the words, so that no search can guess at them.
        """
        words = escape_invisible(redact(line.text)).rstrip()
        return cls(at=line.at, instance=escape_invisible(instance_of(line)), text=words)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogShow(CommandResult):
    """Lines of a log, the newest first: those of the period that match, of the `lines_read`. With `is_cut`
    older lines may be missing."""

    lines: tuple[LogEntry, ...]
    cluster: ClusterRef
    since: datetime
    until: datetime
    lines_read: int
    is_cut: bool


@returns(LogShow)
@known_as("tail", "errors", "slow", "postgres log")
@headline(Task.SEE)
@command(
    examples=(
        "log show orders-prod",
        "log show orders-prod --since 2h --grep timeout",
        "log show orders-prod --since 2026-11-20T10:00Z --until 2026-11-20T11:00Z --limit 5000",
    ),
    ionosctl={
        Api.V1: "ionosctl dbaas postgres logs list --cluster-id {cluster} --start-time {since}"
        " [--end-time {until}] --limit {limit}"
    },
)
async def log_show(args: LogShowArguments, ctx: Context) -> Reply:
    """Show a cluster's PostgreSQL log, newest lines first, secrets hidden.

    Works on v1, up to 30 days back. For a cluster on v2 you are told where its logs are. The message
    has the newest lines; if there are more, you also get all of them as a file. Times without an offset are
    in your own time zone.
    """
    start, end, window = _choose_window(args, ctx)
    cluster = await ctx.cluster(args.cluster)
    listing = await _read_log(cluster, window, ctx)
    lines = listing.items
    entries = (LogEntry.of(line) for line in newest_first(lines) if _is_of_instance(line, args.instance))
    texts = [(as_text(entry), entry) for entry in entries]
    found = [pair for pair in texts if args.grep is None or args.grep.casefold() in pair[0].casefold()]
    result = LogShow(
        lines=tuple(entry for _, entry in found),
        cluster=ClusterRef.of(cluster),
        since=start,
        until=end,
        lines_read=len(lines),
        is_cut=len(lines) >= args.limit,
    )
    parts: list[Part] = [Warn(f"Some of the log could not be read. {gap}.", gap) for gap in listing.gaps]
    span = f"{format_cell(start)} to {format_cell(end)}"
    instances = ", ".join(sorted({instance_of(line) for line in lines})) or None
    parts.append(Fields((("Window", span), ("Lines read", len(lines)), ("Instances", instances))))
    cut = _show_cut(args, result, min((line.at for line in lines if line.at), default=None), ctx)
    parts += cut[:1]
    shown = [text for text, _ in found]
    parts += _show_lines(shown, cluster) if shown else [Text(_explain_nothing(args, lines))]
    count = format_count(len(found), "log line") + (f" of {len(lines):,}" if len(found) < len(lines) else "")
    return Reply(f"{cluster.name}: {count}", (*parts, *cut[1:]), result=result)


def _choose_window(args: LogShowArguments, ctx: Context) -> tuple[datetime, datetime, LogWindow]:
    """Return start and end of the period, and the window to ask the API for. Raises BadArgument before any
    request."""
    now, zone = ctx.now(), ctx.invocation.actor.time_zone
    start = parse_time(args.since, now, zone)
    end = now if args.until is None else parse_time(args.until, now, zone)
    if start > now or end > now:
        flag, at = ("--since", start) if start > now else ("--until", end)
        raise BadArgument(f"{flag} is in the future: {format_cell(at)}.", f"It is {format_cell(now)} now.")
    if start < now - KEPT:
        raise BadArgument(
            f"--since is {format_span(now - start)} ago, and logs are kept for {KEPT.days} days.",
            "Choose a later time.",
        )
    if end <= start:
        raise BadArgument(
            f"--until ({format_cell(end)}) is not after --since ({format_cell(start)}).",
            "Choose a longer window.",
        )
    # The API's own defaults stand for the two ends of what it has, as its clock is not exactly ours.
    first = None if start < now - KEPT + _GRACE else start
    last = None if end == now else end
    return start, end, LogWindow(start=first, end=last, limit=args.limit)


async def _read_log(cluster: Cluster, window: LogWindow, ctx: Context) -> Listing[LogLine]:
    try:
        return await ctx.fleet.logs(cluster, window)
    except NotOffered as lack:
        raise NotOffered(
            lack.sentence, f"{_describe_shipping(cluster)}{lack.next_step}", fault=lack.fault
        ) from None


def _describe_shipping(cluster: Cluster) -> str:
    if cluster.logs_enabled is None:
        return ""
    if cluster.logs_enabled:
        return f"{cluster.name} ships its logs there: logsEnabled is on. "
    return f"{cluster.name} does not ship its logs: logsEnabled is off. "


def _is_of_instance(line: LogLine, instance: int | None) -> bool:
    return instance is None or instance_of(line) == str(instance)


def _show_cut(args: LogShowArguments, found: LogShow, oldest: datetime | None, ctx: Context) -> list[Part]:
    """Return a warning of the limit, and a button for the lines that it cut off; its times are absolute."""
    if not found.is_cut:
        return []
    reaches = f" They reach back to {format_cell(oldest)}." if oldest else ""
    warning = Warn(f"Only {args.limit:,} lines were read, so older lines may be missing.{reaches}")
    if oldest is None or oldest <= found.since:
        return [warning]
    start, end = (at.isoformat().replace("+00:00", "Z") for at in (found.since, oldest))
    line = spell(ctx.command, args, since=start, until=end, limit=MOST)
    return [warning, Choices((Choice("Show older lines", line),))]


def _show_lines(found: list[str], cluster: Cluster) -> list[Part]:
    shown = take_beginning(found)
    parts: list[Part] = [Code("\n".join(shown))]
    if shown != found:
        # Letters, digits, - and _ only: the name becomes part of a path.
        stem = re.sub(r"[^\w-]+", "-", cluster.name).strip("-")[:60]
        name = f"{stem or cluster.id}-log.txt"
        parts.append(
            Note(f"The newest {len(shown):,} of {len(found):,} lines; {name} has all of them, newest first.")
        )
        parts.append(File(name, ("\n".join(found) + "\n").encode(errors="replace")))
    return parts


def _explain_nothing(args: LogShowArguments, lines: tuple[LogLine, ...]) -> str:
    if not lines:
        return "The log has no lines in this window."
    if args.instance is not None and not any(_is_of_instance(line, args.instance) for line in lines):
        return f"No line is from instance {args.instance}."
    return "No line contains that text. Secrets are hidden before the search."


def newest_first(lines: Iterable[LogLine]) -> list[LogLine]:
    """Sort by time, the newest first, those without one last; equal times keep their order."""
    return sorted(lines, key=lambda line: line.at or _DAWN, reverse=True)


def instance_of(line: LogLine) -> str:
    """Return the number at the end of an instance's name (ionos-api-notes, section 8), else the name."""
    number = _NUMBER.search(line.instance)
    return str(int(number[1])) if number else line.instance


def as_text(entry: LogEntry) -> str:
    """Return time in UTC, instance and words; further lines of the same message are indented."""
    at = entry.at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if entry.at else "no time"
    words = entry.text.replace("\n", "\n    ")
    return f"{at} [{entry.instance}] {words}"


def take_beginning(texts: list[str]) -> list[str]:
    """Return as many of the first as a message takes, each cut to a readable length; the first one always."""
    shown: list[str] = []
    room = SHOWN_CHARACTERS
    for text in texts[:SHOWN_LINES]:
        line = clip_text(text, SHOWN_WIDTH)
        room -= len(line) + 1
        if shown and room < 0:
            break
        shown.append(line)
    return shown
