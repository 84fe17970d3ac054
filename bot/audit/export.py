"""Export of the audit log as lines of JSON or CSV, once or while it grows; and descriptions of its tables."""

import asyncio
import csv
import fcntl
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TextIO

from bot.audit.verify import opened, rows
from bot.domain.errors import StoreError
from bot.runtime.clock import Clock

Format = Literal["jsonl", "csv"]

POLL_SECONDS = 1.0

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of cells that a spreadsheet would calculate; typed text may come from anybody (OWASP, CSV
injection). An apostrophe before it makes it text."""

_TAIL = 64 * 1024
"""Bytes read at a time from the end of an export, to find its last line."""


def format_line(form: Format, row: Mapping[str, Any]) -> str:
    """Return a row as one line, whatever it holds."""
    if form == "csv":
        return _csv([_cell(value) for value in row.values()])
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=repr) + "\n"


def last_row(form: Format, path: Path) -> int:
    """Return the number of the last whole row of an export, 0 for none, and cut off the rest of the file.

    Raises StoreError when the file is not such an export; it is then left as it is.
    """
    if not path.exists():
        return 0
    with path.open("r+b") as file:
        tail, end = _last_line(file)
        number = _number(form, tail, path) if tail else 0
        # A header alone is written again, with the first row.
        file.truncate(end if number else 0)
        return number


def _csv(cells: Sequence[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    # One row is one line, so that a cut export can be continued; JSON escapes line breaks itself.
    flat = value.replace("\r", "\\r").replace("\n", "\\n")
    return "'" + flat if value.startswith(_FORMULA) else flat


def _last_line(file: io.BufferedRandom) -> tuple[bytes, int]:
    """Return the last whole line and its end, in bytes."""
    size = file.seek(0, io.SEEK_END)
    read = b""
    start = size
    while start > 0 and read.count(b"\n") < 2:
        start = max(0, start - _TAIL)
        file.seek(start)
        read = file.read(size - start)
    end = read.rfind(b"\n") + 1
    return read[:end].rstrip(b"\n").rpartition(b"\n")[2], start + end


def _number(form: Format, tail: bytes, path: Path) -> int:
    try:
        if form == "jsonl":
            return int(json.loads(tail)["seq"])
        first = next(csv.reader([tail.decode()]))[0]
        return 0 if first == "seq" else int(first)
    except (ValueError, KeyError, TypeError, IndexError):
        raise StoreError(
            f"{path} does not end like an export as {form}.", "Give another file, or the right --format."
        ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """An export of one file, from row number `since` on."""

    source: Path
    form: Format
    since: int = 1

    def write(self, out: TextIO, last: int = 0) -> int:
        """Write every row behind `last`, and return the number of the last one written.

        Raises StoreError when rows behind `last` are not in this file: none is ever left out silently.
        """
        with opened(self.source) as connection:
            for row in rows(connection, max(last, self.since - 1)):
                if last and row["seq"] != last + 1:
                    raise StoreError(
                        f"Rows {last + 1} to {row['seq'] - 1} are not in {self.source}.",
                        "They are in the file before it: export that one first, with --db.",
                    )
                if not last and self.form == "csv":
                    out.write(_csv(list(row)))
                out.write(format_line(self.form, row))
                last = row["seq"]
        out.flush()
        return last

    async def follow(self, out: TextIO, last: int, clock: Clock, settle: Callable[[], None]) -> None:
        """Write new rows until cancelled. `settle` is called after each write."""
        while True:
            written = await self._written(out, last)
            if written != last:
                settle()
            last = written
            await clock.sleep(POLL_SECONDS)

    async def _written(self, out: TextIO, last: int) -> int:
        """Write off the loop. After a cancellation the write still finishes, so that no line is left half."""
        writing = asyncio.create_task(asyncio.to_thread(self.write, out, last))
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            await writing
            raise


@contextmanager
def continued(path: Path, form: Format) -> Iterator[tuple[TextIO, int]]:
    """Open an export to continue it, with the number of its last row.

    Raises StoreError when it cannot be written, or another process is writing it.
    """
    try:
        with path.open("a", encoding="utf-8", newline="") as file:
            path.chmod(0o600)
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield file, last_row(form, path)
    except BlockingIOError:
        raise StoreError(f"{path} is being written by another export.", "Stop that one first.") from None
    except OSError as error:
        raise StoreError(f"{path} could not be written: {error}.", "Check the folder and the disk.") from None


@contextmanager
def made_new(path: Path | None) -> Iterator[TextIO]:
    """Open a file that gets its name when it is complete; standard output for None. Raises StoreError."""
    if path is None:
        yield sys.stdout
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        part.replace(path)
    except OSError as error:
        raise StoreError(f"{path} could not be written: {error}.", "Check the folder and the disk.") from None
    finally:
        part.unlink(missing_ok=True)


def to_disk(file: TextIO) -> Callable[[], Any]:
    """Return a function that waits until the file is on the disk."""
    return lambda: os.fsync(file.fileno())


_ROW = {
    "seq": "Number of the row, without gaps from 1 on",
    "at": "When it was written, UTC",
    "kind": "invocation: before anything is done; request: before a changing request leaves; outcome: "
    "the result; plan, decision, intent, change: the life of a change; name: a name that a cluster lost; "
    "policy, anchor, sealed, checkpoint, accepted: the log itself; alarm: what the log disproves",
    "trace": "Joins the rows of one request; messages about failures show it",
    "team": "Slack workspace",
    "actor": "slack:, os: or schedule:, and the id there; of a terminal's user also the Slack person, as in "
    "“os:root as slack:U0BOB”",
    "channel": "Slack channel of the request; empty in the terminal",
    "command": "The command; empty if the text is not a command",
    "text": "The text typed, without secrets; for an API request, its method, path and endpoint",
    "outcome": "One word: accepted, intended, ok, denied, mistyped, failed, error, or a change's state",
    "detail": "The title of the answer, or the reason for a refusal",
    "requests": "The API requests that were made for it, as JSON",
    "milliseconds": "How long the command took",
    "prev": "Hash of the row before",
    "hash": "v2: and SHA-256 (or hmac:v2: and HMAC-SHA-256) over number, hash before and the SHA-256 of the "
    "canonical JSON of all other columns; without v2:, as of earlier releases, over all of them at once",
    "cluster": "Ids of the clusters it is about, separated by spaces",
    "change": "Id of its change",
    "roles": "Roles of the actor at that time",
    "rule": "The rule that allowed or refused it",
    "policy": "Version of people, permissions and approvals that decided",
    "kept": "What is stored of the change together with this row, as JSON; bot.audit.evidence plays it again",
    "code": "Code of the error with which it ended, such as cluster.not_found; the docs list them",
    "digest": "Digest of the change that was approved or carried out; of a policy row, of all settings",
}

_READABLE = {
    "when": _ROW["at"],
    "who": _ROW["actor"],
    "where": _ROW["channel"],
    "typed": _ROW["text"],
    "said": _ROW["detail"],
    "because": _ROW["rule"],
    "requests": "How many API requests were made for it",
}

METADATA: dict[str, Any] = {
    "title": "pgbot audit log",
    "description": "Append-only: every row has the hash of the row before it. pgbot audit verify checks it.",
    "databases": {
        "pgbot": {
            "tables": {
                "audit": {
                    "description": "Every request to the bot, its API requests, and the results.",
                    "columns": _ROW,
                    "sort_desc": "seq",
                    "facets": ["actor", "command", "outcome"],
                },
                "audit_readable": {
                    "description": "The log in readable form: who typed what, and the answers.",
                    "columns": _READABLE,
                    "sort_desc": "seq",
                    "facets": ["who", "command", "outcome"],
                },
                "audit_requests": {
                    "description": "One row for each API request, with its status and id.",
                    "sort_desc": "seq",
                    "facets": ["method", "status"],
                },
                "audit_words": {"hidden": True},
                "inbox": {"hidden": True},
            },
            "queries": {
                "changes": {
                    "title": "Requests that change something, and the API's answers",
                    "sql": "SELECT * FROM audit_requests WHERE method <> 'GET' ORDER BY seq DESC",
                },
                "refusals": {
                    "title": "Refused requests, with reasons",
                    "sql": "SELECT * FROM audit_readable WHERE outcome = 'denied' ORDER BY seq DESC",
                },
            },
        }
    },
}
