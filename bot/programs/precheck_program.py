"""`pgbot precheck`: check the databases of a cluster before and after a move, through psql, without Slack."""

import argparse
import asyncio
import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from bot.domain.error_codes import ExitCode
from bot.domain.errors import ConfigError
from bot.domain.phrases import format_count
from bot.domain.redaction import redact, remember_secrets
from bot.domain.text_safety import visible
from bot.programs.output import deliver
from bot.settings.child_process import Program, run_program
from bot.settings.secrets import resolve_secret
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

SECRET_KEYS = frozenset(
    {"password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"}
)
"""Secret keys of a connection string; of these psql takes only the password from its environment."""

GRACE = 30
"""Seconds that psql gets beyond the time limit of the SQL: for the connection, and to end by itself."""

DEFAULTS = {"PGCONNECT_TIMEOUT": "10", "PGAPPNAME": "pgbot precheck"}
"""libpq's variables that psql gets where the caller has not set them; seconds."""

_WORDS = re.compile(r"\s*([A-Za-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))", re.DOTALL)

HOW_TO_GIVE = (
    "Use --dsn env:NAME or file:PATH. Or leave the password out, and set it in PGPASSWORD or ~/.pgpass."
)

NO_PSQL = (
    "Install PostgreSQL's client (Debian: apt install postgresql-client). Or print the SQL with --sql "
    "and run it on a machine with psql: psql -XqAt -d DATABASE -f precheck.sql > DATABASE.json"
)


class PsqlFailed(Exception):
    """A run of psql that printed no document; the message is psql's own, in one line, without secrets."""


@dataclass(frozen=True, slots=True)
class PsqlConnection:
    """The settings of a connection by libpq's names, with the password apart."""

    settings: Mapping[str, str]
    password: str = field(default="", repr=False)

    @property
    def host(self) -> str:
        """The host name, else empty: a service file or a variable may name it, which only psql reads."""
        return self.settings.get("host", os.environ.get("PGHOST", ""))

    def conninfo(self, database: str | None = None) -> str:
        """Return the connection string for psql, without the password, perhaps for another database."""
        settings = dict(self.settings) | ({} if database is None else {"dbname": database})
        return " ".join(f"{name}='{_escape(value)}'" for name, value in settings.items())

    def program(self, seconds: int, database: str | None = None) -> Program:
        """Return psql, which reads SQL from its input, with libpq's variables and none of the bot's own."""
        options = ("-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1", "-f", "-")
        own = {"PGCLIENTENCODING": "UTF8"} | ({"PGPASSWORD": self.password} if self.password else {})
        return Program(
            command=("psql", *options, "-d", self.conninfo(database)),
            env=tuple(name for name in os.environ if name.startswith("PG") and not name.startswith("PGBOT")),
            about={name: value for name, value in DEFAULTS.items() if name not in os.environ} | own,
            seconds=seconds + GRACE,
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


# The connection through psql


async def resolve_connection(given: str) -> PsqlConnection:
    """Return the connection of a --dsn. Raises ConfigError for an inline password or an unreadable one."""
    if given.startswith(("env:", "file:")):
        return _parse((await resolve_secret(given)).get_secret_value().strip())
    connection = _parse(given)
    if connection.password:
        raise ConfigError(
            "--dsn contains a password, which other users of this machine could see in the process list.",
            HOW_TO_GIVE,
        )
    return connection


async def run_sql(connection: PsqlConnection, sql: str, seconds: int, database: str | None = None) -> str:
    """Run SQL by psql and return what it prints.

    Raises PsqlFailed when the server refuses it or the time is over, ConfigError when psql is missing.
    """
    try:
        code, out, err = await run_program(
            connection.program(seconds, database), sql, keeps_output=True, keeps_errors=True
        )
    except FileNotFoundError:
        raise ConfigError("Can’t find psql on PATH.", NO_PSQL) from None
    except TimeoutError:
        raise PsqlFailed(f"no response within {seconds + GRACE} seconds") from None
    if code:
        raise PsqlFailed(_first_reason(err.decode(errors="replace")) or f"psql exited with {code}")
    return out.decode(errors="replace")


def _parse(given: str) -> PsqlConnection:
    settings = _parse_url(given) if re.match(r"postgres(?:ql)?://", given) else _parse_words(given)
    secrets = sorted(SECRET_KEYS & settings.keys() - {"password"})
    if secrets:
        raise ConfigError(
            f"--dsn contains {secrets[0]}, which psql would show in the process list.",
            "Put the connection in a service file and use --dsn service=NAME.",
        )
    password = settings.pop("password", "")
    remember_secrets([password] if password else [])
    return PsqlConnection(settings, password)


def _parse_url(given: str) -> dict[str, str]:
    """Return the settings of a URL as libpq reads it: several hosts, and any character but / in a password.

    The standard library's split would end at a # in the password, and show the rest of it as a port.
    """
    whole, slash, path = given.partition("://")[2].partition("/")
    user, _, place = whole.rpartition("@")
    hosts, _, options = (place, "", "") if slash else place.partition("?")
    database, _, query = path.partition("?") if slash else ("", "", options)
    name, _, password = user.partition(":")
    places = [_split_port(each) for each in hosts.split(",")] if hosts else []
    are_ports = all(port.isdigit() or not port for _, port in places)
    if "@" in database or hosts.count("[") != hosts.count("]") or not are_ports:
        raise _unreadable()
    found = {
        "host": ",".join(host for host, _ in places),
        "port": ",".join(port for _, port in places) if any(port for _, port in places) else "",
        "user": unquote(name),
        "password": unquote(password),
        "dbname": unquote(database),
    }
    pairs = (each.partition("=") for each in query.split("&") if each)
    more = {unquote(key): unquote(value) for key, _, value in pairs}
    return {key: value for key, value in found.items() if value} | more


def _split_port(place: str) -> tuple[str, str]:
    host, colon, port = place.rpartition(":")
    if not colon or "]" in port:
        return unquote(place).strip("[]"), ""
    return unquote(host).strip("[]"), port


def _parse_words(given: str) -> dict[str, str]:
    settings: dict[str, str] = {}
    position = 0
    text = given.strip()
    if text and "=" not in text:
        return {"dbname": text}
    while position < len(text):
        found = _WORDS.match(text, position)
        if found is None:
            raise _unreadable()
        value = found[2] if found[2] is not None else found[3]
        settings[found[1]] = re.sub(r"\\(.)", r"\1", value, flags=re.DOTALL)
        position = found.end()
    return settings


def _unreadable() -> ConfigError:
    return ConfigError(
        "--dsn is neither a URL (postgresql://user@host/database) nor pairs (host=… user=… dbname=…).",
        f"{HOW_TO_GIVE} In a URL, write / and @ in a password as %2F and %40.",
    )


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


def _first_reason(text: str) -> str:
    """Return psql's first complaint in one line."""
    lines = [line.strip() for line in redact(text).splitlines() if line.strip()]
    chosen = next((line for line in lines if "ERROR" in line or "FATAL" in line), lines[0] if lines else "")
    return re.sub(r"^psql:(?:<stdin>:\d+:)?\s*(?:error:)?\s*", "", chosen)[:300]
