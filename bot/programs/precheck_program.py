"""`pgbot precheck`: check the databases of a cluster before and after a move, through psql, without Slack."""

import argparse
import asyncio
import json
import sys
from pathlib import Path

from bot.domain.error_codes import ExitCode
from bot.domain.errors import ConfigError
from bot.domain.phrases import format_count
from bot.domain.text_safety import visible
from bot.programs.output import deliver
from bot.programs.psql_connection import PsqlConnection, PsqlFailed, resolve_connection, run_sql
from migrations.precheck.database_comparison import compare_documents
from migrations.precheck.database_documents import (
    EVERY_PART,
    CheckKind,
    DatabaseDocument,
    UnreadPart,
    merge_documents,
    parse_document,
    read_sql,
)


async def run(args: argparse.Namespace) -> int:
    """Run what was asked for. Raises ConfigError for wrong usage and for a server that cannot be reached."""
    kind = CheckKind.AFTERCHECK if args.after else CheckKind.PRECHECK
    if args.sql:
        await asyncio.to_thread(deliver, read_sql(kind, args.timeout, args.cluster or ""), args.out)
        return ExitCode.OK
    if args.compare:
        return await asyncio.to_thread(_compare, args)
    document = await _read_server(await resolve_connection(args.dsn), kind, args)
    await asyncio.to_thread(deliver, document.as_json(), args.out)
    sys.stderr.write("\n".join(_summary(document)) + "\n")
    return ExitCode.PARTIAL if document.unread else ExitCode.OK


async def _read_server(
    connection: PsqlConnection, kind: CheckKind, args: argparse.Namespace
) -> DatabaseDocument:
    """Return the merged document of every database. Raises ConfigError when the first one cannot be read."""
    sql = read_sql(kind, args.timeout, args.cluster or "")
    try:
        first = await _read_database(connection, sql, args.timeout)
    except PsqlFailed as failed:
        raise ConfigError(f"Can’t read the database: {visible(str(failed))}.", "Check --dsn.") from None
    documents = [first]
    for name in first.unread_names:
        try:
            documents.append(await _read_database(connection, sql, args.timeout, name))
        except PsqlFailed as failed:
            gap = UnreadPart(database=name, part=EVERY_PART, why=str(failed))
            documents.append(first.model_copy(update={"databases": (), "unread": (gap,)}))
    merged = merge_documents(documents)
    return merged.model_copy(update={"host": connection.host or None})


async def _read_database(
    connection: PsqlConnection, sql: str, seconds: int, name: str | None = None
) -> DatabaseDocument:
    text = await run_sql(connection, sql, seconds, name)
    try:
        return parse_document(json.loads(text))
    except ValueError:
        raise PsqlFailed("psql did not return the expected document") from None


def _summary(document: DatabaseDocument) -> list[str]:
    names = ", ".join(visible(each.name) for each in document.databases)
    lines = [f"Read {format_count(len(document.databases), 'database')}: {names}."]
    for gap in document.unread:
        place = "" if gap.database is None else f"{gap.database}: "
        part = "" if gap.part == EVERY_PART else f"{gap.part}: "
        lines.append(visible(f"Not read: {place}{part}{gap.why}"))
    return lines


def _compare(args: argparse.Namespace) -> ExitCode:
    before, after = (_load(each) for each in args.compare)
    try:
        compared = compare_documents(before, after)
    except ValueError as error:
        raise ConfigError(f"Can’t compare these documents: {error}.", "Create both with --after.") from None
    deliver("\n".join(compared.lines) + "\n", args.out)
    if compared.differences:
        return ExitCode.FAILED
    return ExitCode.PARTIAL if compared.unread else ExitCode.OK


def _load(path: Path) -> DatabaseDocument:
    try:
        return parse_document(json.loads(path.read_bytes()))
    except OSError as error:
        raise ConfigError(f"Can’t read {path}: {error.strerror}.", "Check the path.") from None
    except (ValueError, RecursionError) as error:
        why = (
            "it is not valid JSON" if isinstance(error, json.JSONDecodeError | RecursionError) else str(error)
        )
        raise ConfigError(f"Can’t compare {path}: {why}.", "Create it with pgbot precheck --out.") from None
