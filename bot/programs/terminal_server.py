"""The Unix socket of `serve`, for people at the terminal: the kernel says who they are."""

import asyncio
import json
import os
import secrets
import shlex
import socket
import stat
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from bot.audit.records import AuditEntry
from bot.changes.card import render_outcome
from bot.changes.change_result import ChangeResult
from bot.commands.declaration import Command, Registry
from bot.commands.dispatcher import CommandAnswer, Dispatcher, error_reply
from bot.commands.global_flags import guess_output
from bot.commands.interrupted import CUT_OFF
from bot.commands.parser import parse
from bot.domain.command_info import CommandEffect
from bot.domain.errors import BadArgument, ConfigError, InputError, LimitReached, PgbotError
from bot.domain.redaction import make_storable
from bot.domain.reply import File
from bot.domain.reply_document import write_output
from bot.domain.reply_text import localize_reply, make_blocks, render_plain
from bot.domain.request import Actor, Invocation
from bot.domain.result import Output
from bot.programs.terminal_identity import os_user, peer_user, terminal_actor
from bot.programs.terminal_protocol import (
    HEADER_BYTES,
    REQUEST_BYTES,
    Answer,
    AnswerForm,
    ProtocolError,
    TerminalRequest,
    body_length,
    find_socket,
    pack_answer,
    pack_frame,
    pack_refusal,
    parse_request,
    socket_address,
)
from bot.runtime.background_tasks import Tasks
from bot.runtime.logger import get_logger
from bot.settings.model import Setup

log = get_logger()

MOST_AT_ONCE = 8
"""Connections of one user of the machine at the same time."""

REQUEST_SECONDS = 5.0
"""Time from a connection to its whole request; the caller is a program on this machine."""

WRITE_SECONDS = 30.0
"""Time that a caller has to take its answer."""

Refuse = Callable[[Invocation], Awaitable[LimitReached | None]]
"""Counts a command of somebody, and returns why it may not run: None if it may."""


@dataclass(frozen=True, slots=True)
class TerminalServer:
    """Runs one request for each connection, as the user that the kernel names and as serve's settings say."""

    dispatcher: Dispatcher
    tasks: Tasks
    refuse: Refuse
    _open: Counter[int] = field(default_factory=Counter)

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a connection: for `asyncio.start_unix_server`. It is drained like any other command."""
        self.tasks.start(self._serve(reader, writer), "terminal")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            frame = await self._answer_one(reader, writer)
            if frame is not None:
                writer.write(frame)
            writer.close()
            async with asyncio.timeout(WRITE_SECONDS):
                await writer.wait_closed()
        except (OSError, TimeoutError):
            pass  # the caller has gone, sends nothing, or does not read
        finally:
            writer.transport.abort()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes | None:
        """Return the last frame; None for a caller who went away. Raises OSError and TimeoutError."""
        user = peer_user(writer.get_extra_info("socket"))
        if self._open[user] >= MOST_AT_ONCE:
            return pack_refusal(ProtocolError(_BUSY, "Wait until one ends, then try again."))
        self._open[user] += 1
        try:
            return await self._answer(user, reader, writer)
        except PgbotError as error:
            return pack_refusal(error)
        finally:
            self._open[user] -= 1

    async def _answer(
        self, user: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        """Return the last frame; None for a caller who went away. Raises PgbotError for a refusal."""
        async with asyncio.timeout(REQUEST_SECONDS):
            request = await _read_request(reader)
        if request is None:
            return None
        # Where accounts come from a directory service, looking one up may take its time.
        name = await asyncio.to_thread(os_user, user)
        rows, people = self.dispatcher.changes.rows, self.dispatcher.people
        actor = await terminal_actor(self.dispatcher.settings, name, rows, people)
        if request.reading is not None:
            await self._record_reading(user, actor, request.reading)
            return pack_answer(Answer(text=""))
        if request.takeover:
            return pack_answer(Answer(text=await self._take_over(user, actor, request.takeover)))
        return await self._run(actor, request, reader, writer)

    async def _run(
        self,
        actor: Actor,
        request: TerminalRequest,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bytes | None:
        invocation = invocation_of(request, actor, self.dispatcher.clock.now())
        if (limit := await self.refuse(invocation)) is not None:
            return pack_answer(answer_of(refused_answer(limit, request), request))

        async def progress(words: str, *, stays: bool = False) -> None:
            # Never waited for: a caller who does not read must not hold up the command.
            if not writer.is_closing() and not writer.transport.get_write_buffer_size():
                writer.write(pack_frame({"progress": words, "stays": stays}))

        work = self.dispatcher.answer(invocation, progress=progress)
        answer = await self._unless_gone(work, reader, invocation)
        if answer is not None and answer.parsed is not None and answer.parsed.flags.wait:
            answer = await self._wait_for_end(answer, reader, partial(progress, stays=True))
        if answer is None:
            return None
        return await asyncio.to_thread(lambda: pack_answer(answer_of(answer, request)))

    async def _unless_gone(
        self,
        command: Coroutine[Any, Any, CommandAnswer],
        reader: asyncio.StreamReader,
        invocation: Invocation,
    ) -> CommandAnswer | None:
        """Return the reply; None if it was cut off because the caller went away.

        Only what reads is cut off, and the audit log says so. What writes is taken to its end.
        """
        async with _first_of(command, reader.read(1)) as (work, _):
            if work.done() or find_writer(invocation.text, self.dispatcher.registry):
                return await asyncio.shield(work)
            work.cancel()
            await asyncio.wait({work})
            await self._record(invocation.trace, invocation.actor, invocation.text, CUT_OFF, _GONE)
            return None

    async def _wait_for_end(
        self,
        answer: CommandAnswer,
        reader: asyncio.StreamReader,
        tell: Callable[[str], Coroutine[Any, Any, None]],
    ) -> CommandAnswer | None:
        """Return the answer with the change as it ended, or as it is when the bot stops; None if the caller
        went away. The change goes on."""
        result, changes = answer.reply.result, self.dispatcher.changes
        record = await changes.rows.get(result.change.id) if isinstance(result, ChangeResult) else None
        if record is None or answer.parsed is None:
            return answer
        ending = changes.follow_to_end(record, tell, answer.parsed.flags.timeout)
        async with _first_of(ending, reader.read(1), self.tasks.closing.wait()) as (follow, gone, _):
            if gone.done():
                return None
            now = follow.result() if follow.done() else await changes.rows.get(record.id) or record
        result = ChangeResult.of(now, is_requested=True)
        return replace(answer, reply=replace(render_outcome(now), output=answer.reply.output, result=result))

    async def _record_reading(self, user: int, actor: Actor, program: str) -> None:
        if user not in {0, os.geteuid()}:
            raise ProtocolError("Only the bot's own user and root may read its files.")
        await self._record(
            secrets.token_hex(6), actor, f"pgbot {program}", "ok", "read from outside the bot, by a program"
        )

    async def _take_over(self, user: int, actor: Actor, reason: str) -> str:
        """Take the Slack app over from the bot that holds it; return what happens next. Raises PgbotError."""
        if user not in {0, os.geteuid()}:
            raise ProtocolError("Only the bot's own user and root may run pgbot takeover.")
        trace, right = secrets.token_hex(6), self.dispatcher.gate.right
        text = f"pgbot takeover --reason {shlex.quote(reason)}"
        await self._record(trace, actor, text, "accepted", f"in place of {right.other_holder()}")
        try:
            seconds = await right.take_over()
        except PgbotError as error:
            await self._record(trace, actor, text, "failed", str(error))
            raise
        await self._record(trace, actor, text, "ok", f"epoch {right.epoch}")
        return (
            f"This bot now holds the Slack app. It answers now, and sends changes in {seconds:.0f} "
            "seconds, when the other bot's lease ends."
        )

    async def _record(self, trace: str, actor: Actor, text: str, outcome: str, detail: str) -> None:
        """Write the outcome of something that did not go through the dispatcher to its end."""
        entry = AuditEntry(
            at=self.dispatcher.clock.now(),
            kind="outcome",
            trace=trace,
            team=make_storable(actor.team),
            actor=make_storable(str(actor)),
            channel="",
            text=make_storable(text),
            outcome=outcome,
            detail=detail,
        )
        await self.dispatcher.audit.append(entry)


_BUSY = f"You already have {MOST_AT_ONCE} running commands."
_GONE = "stopped by the person who ran it"


@asynccontextmanager
async def _first_of(*work: Coroutine[Any, Any, Any]) -> AsyncIterator[list[asyncio.Task[Any]]]:
    """Wait for the first of them that ends, and provide their tasks, which are cancelled after the block."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _read_request(reader: asyncio.StreamReader) -> TerminalRequest | None:
    """Return the request; None for a caller who went away. Raises ProtocolError."""
    try:
        length = body_length(await reader.readexactly(HEADER_BYTES), REQUEST_BYTES)
        return parse_request(await reader.readexactly(length))
    except asyncio.IncompleteReadError:
        return None


def invocation_of(request: TerminalRequest, actor: Actor, at: datetime) -> Invocation:
    """Return the invocation of a request by an actor."""
    return Invocation(
        key=f"run:{secrets.token_hex(8)}",
        trace=secrets.token_hex(6),
        actor=actor,
        channel="",
        text=request.command,
        at=at,
        line="pgbot run",
        output=request.output,
    )


def find_writer(line: str, registry: Registry) -> Command | None:
    """Return the command of a line if it writes; None for one that reads or that nobody understands."""
    try:
        command = parse(line, registry).command
    except InputError:
        return None
    return None if command.effect is CommandEffect.READ else command


def refused_answer(error: PgbotError, request: TerminalRequest) -> CommandAnswer:
    """Return the answer to a request that nothing has run, in the form that it asks for."""
    output = request.output if request.output is not Output.SCREEN else guess_output(request.command)
    return CommandAnswer(replace(error_reply(error), output=output))


def answer_of(answer: CommandAnswer, request: TerminalRequest) -> Answer:
    """Return an answer as it is printed or drawn."""
    reply, flags = answer.reply, answer.parsed.flags if answer.parsed else None
    if reply.output.is_for_programs:
        try:
            text = write_output(reply)
        except BadArgument as error:
            reply = replace(error_reply(error), output=Output.JSON)
            text = write_output(reply)
        # JSON holds the files itself; those for a folder are written all the same.
        files = tuple(each for each in reply.parts if isinstance(each, File) and each.folder)
        return Answer(
            text=text.rstrip("\r\n"),
            exit_code=reply.exit_code,
            files=files,
            form="data",
            jq=flags.jq if flags else "",
        )
    files = tuple(each for each in reply.parts if isinstance(each, File))
    is_drawn = request.as_screen and reply.output is Output.SCREEN
    said = localize_reply(reply)
    text = json.dumps(list(make_blocks(said))) if is_drawn else render_plain(said).rstrip()
    form: AnswerForm = "blocks" if is_drawn else "text"
    return Answer(text=text, exit_code=reply.exit_code, files=files, form=form)


# The socket itself


@asynccontextmanager
async def open_terminal(
    setup: Setup, dispatcher: Dispatcher, tasks: Tasks, refuse: Refuse
) -> AsyncIterator[None]:
    """Answer `pgbot run` until the end of the block; connections that are open then are left to `tasks`.

    Raises ConfigError if the socket that app.yaml names cannot be made. Where it names none, and the default
    cannot be made, the bot runs without: the log says so.
    """
    path = find_socket(setup)
    try:
        listener = await asyncio.to_thread(_listen, path, int(setup.settings.terminal.socket_mode, 8))
    except ConfigError as error:
        if setup.settings.terminal.socket is not None:
            raise
        log.error("no socket for pgbot run", why=str(error))  # noqa: TRY400 - no fault of the code
        yield
        return
    made = path.lstat().st_ino
    connected = TerminalServer(dispatcher, tasks, refuse).connected
    server = await asyncio.start_unix_server(connected, sock=listener)
    try:
        yield
    finally:
        server.close()
        with suppress(OSError):
            if path.lstat().st_ino == made:
                path.unlink()


def _listen(path: Path, mode: int) -> socket.socket:
    """Return a listening socket of this name. Raises ConfigError."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _named_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
            with socket_address(path) as address:
                _clear_name(path, address)
                _bind(listener, address)
            path.chmod(mode)
            listener.listen()
            listener.settimeout(0)
    except BaseException:
        listener.close()
        raise
    return listener


@contextmanager
def _named_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"Can’t create the socket {path}: {error.strerror or type(error).__name__}.",
            "Set terminal.socket in app.yaml to a path that the bot can write.",
        ) from None


def _clear_name(path: Path, address: str) -> None:
    """Remove a socket that a dead process left. Raises ConfigError for anything else, and OSError."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise ConfigError(
            f"{path} exists, but is not a socket.", "Move it away, or change terminal.socket in app.yaml."
        )
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(address)
        except ConnectionRefusedError:
            path.unlink()
            return
        except (BlockingIOError, TimeoutError):
            pass  # it is so busy that it takes no connection
    raise ConfigError(
        f"Another process is listening on the socket {path}.",
        "Stop it, or change terminal.socket in app.yaml.",
    )


def _bind(listener: socket.socket, address: str) -> None:
    # Until its rights are set, nobody else may connect.
    before = os.umask(0o177)
    try:
        listener.bind(address)
    finally:
        os.umask(before)
