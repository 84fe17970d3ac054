"""`pgbot run`: one command, run by `pgbot serve` through its Unix socket, or without it only read here.

Light to import: the settings, and what runs the command, are loaded only where no `serve` answers.
"""

import argparse
import importlib
import json
import os
import shlex
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.error_codes import ErrorCode, ExitCode
from bot.domain.errors import BadArgument, ConfigError, InputError, PgbotError
from bot.domain.result import Output
from bot.domain.text_safety import escape_data, escape_invisible, escape_invisible_line
from bot.programs.program_arguments import import_heavy
from bot.programs.terminal_protocol import (
    ANSWER_BYTES,
    HEADER_BYTES,
    Answer,
    ProgressStep,
    ServeIsAway,
    TerminalRequest,
    body_length,
    find_socket,
    guess_socket,
    pack_request,
    parse_answer,
    socket_address,
)
from bot.programs.terminal_screen import PLAIN, PROGRESS, TerminalScreen, find_screen, say

if TYPE_CHECKING:
    from bot.settings.model import Setup

CONNECT_SECONDS = 10.0


class OutcomeIsUnknown(PgbotError):
    """The request was sent, and `serve` went away before it had answered."""

    error_code = ErrorCode.OUTCOME_UNKNOWN


def run(args: argparse.Namespace) -> int:
    """Run the command and print its answer. Raises PgbotError where people read it; programs get its code."""
    words = _take_options(args)
    screen = find_screen(args, os.environ)
    request = TerminalRequest(
        # The first word may be a line as typed in Slack; further ones are the shell's, and may hold blanks.
        command=" ".join([*words[:1], shlex.join(words[1:]), *_waiting_flags(args)]).strip(),
        output=Output.JSON if args.jq and args.output == Output.SCREEN else Output(args.output),
        as_screen=screen.draws,
    )
    try:
        answer = _ask_likely_socket(args.config, request) or _ask_by_settings(args.config, request)
    except PgbotError as error:
        if not request.output.is_for_programs:
            raise
        say(error.sentence, error.next_step, to=sys.stderr)
        answer = import_heavy("bot.programs.terminal_server").refused_answer(error, request)
    except KeyboardInterrupt:
        say(
            "Stopped. Changes that were already requested or decided remain: see “change list”.",
            to=sys.stderr,
        )
        return ExitCode.CANCELLED
    return show_answer(replace(answer, jq=answer.jq or args.jq), request, screen)


def take_over(args: argparse.Namespace) -> int:
    """Have `serve` take the Slack app over, for `pgbot takeover`, and say from when on it sends.

    Raises ConfigError for a refusal, ServeIsAway and OutcomeIsUnknown.
    """
    reason = args.reason.strip()
    if not reason:
        raise InputError("The reason is empty.", "Give a reason with --reason.")
    setup: Setup = import_heavy("bot.settings.model").load_settings(args.config)
    answer = ask_serve(setup, TerminalRequest(takeover=reason))
    say(answer.text)
    return answer.exit_code


def _waiting_flags(args: argparse.Namespace) -> list[str]:
    timeout = [f"--timeout {shlex.quote(args.timeout)}"] if args.timeout else []
    return [*(["--wait"] if args.wait else []), *timeout]


def _take_options(args: argparse.Namespace) -> list[str]:
    """Return the words of the command; the options of this program may stand behind it as well."""
    for option in ("no_color", "no_pager"):
        if f"--{option.replace('_', '-')}" in args.words:
            setattr(args, option, True)
    return [word for word in args.words if word not in {"--no-color", "--no-pager"}]


def _ask_likely_socket(config: Path | None, request: TerminalRequest) -> Answer | None:
    """Return the answer of `serve`; None where the settings have to be read first."""
    path = guess_socket(config, os.environ)
    try:
        return None if path is None else ask_socket(path, request, PROGRESS.show)
    except ServeIsAway:
        return None


def _ask_by_settings(config: Path | None, request: TerminalRequest) -> Answer:
    """Return the answer of `serve`, or what can be read without it. Raises ConfigError."""
    setup: Setup = import_heavy("bot.settings.model").load_settings(config)
    try:
        return ask_serve(setup, request, PROGRESS.show)
    except ServeIsAway as away:
        answer: Answer = import_heavy("bot.programs.read_alone").read_alone(setup, request, away)
        return answer


def ask_serve(
    setup: "Setup", request: TerminalRequest, progress: Callable[[str], object] = lambda _words: None
) -> Answer:
    """Return the answer of `serve`. Nothing of the settings is sent: they only tell where its socket is.

    Raises what `ask_socket` does.
    """
    return ask_socket(find_socket(setup), request, progress)


def ask_socket(path: Path, request: TerminalRequest, progress: Callable[[str], object]) -> Answer:
    """Return the answer of the `serve` that listens at a path.

    Raises ServeIsAway, OutcomeIsUnknown, and ConfigError or ProtocolError for what is refused.
    """
    frame = pack_request(request)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        _connect(connection, path)
        with suppress(OSError):  # it may have refused before it had read all of it: the answer says so
            connection.sendall(frame)
        while isinstance(message := _receive(connection), str):
            words = escape_invisible_line(message)
            if isinstance(message, ProgressStep):
                say(words, to=sys.stderr)
            else:
                progress(words)
        return message


def _connect(connection: socket.socket, path: Path) -> None:
    connection.settimeout(CONNECT_SECONDS)
    try:
        with socket_address(path) as address:
            connection.connect(address)
    except PermissionError:
        raise ServeIsAway(
            f"You don’t have access to the socket of pgbot serve, {path}.",
            "Ask the person who runs it to set terminal.socket and terminal.socket_mode in app.yaml.",
        ) from None
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
        raise ServeIsAway(
            f"pgbot serve does not respond at {path}.", "Start it, or use its app.yaml or PGBOT_DATA."
        ) from None
    except OSError as error:
        reason = error.strerror or "it accepted no connection in time"
        raise ConfigError(f"Can’t connect to pgbot serve at {path}: {reason}.", "Try again.") from None
    connection.settimeout(None)


def _receive(connection: socket.socket) -> Answer | str:
    """Return the answer, or words of progress. Raises ConfigError for a refusal."""
    length = body_length(_receive_bytes(connection, HEADER_BYTES), ANSWER_BYTES)
    return parse_answer(_receive_bytes(connection, length))


def _receive_bytes(connection: socket.socket, count: int) -> bytes:
    received = bytearray()
    while len(received) < count:
        try:
            part = connection.recv(min(count - len(received), 1 << 20))
        except OSError:
            part = b""
        if not part:
            raise OutcomeIsUnknown(
                "pgbot serve stopped before it responded, so the outcome is unknown.",
                "Start it again. Check “audit list” and “change list” before you repeat the command.",
            )
        received += part
    return bytes(received)


def show_answer(answer: Answer, request: TerminalRequest, screen: TerminalScreen = PLAIN) -> int:
    """Print an answer, write its files, say where, and return the exit code. Raises InputError for a file.

    The bot may have less rights here than the caller, root for one: what it sends neither moves the cursor
    nor names the folder of a file, unless the caller did.
    """
    if answer.jq:
        say(*run_filter(answer.jq, answer.text))
    elif answer.form != "blocks":
        say(escape_data(answer.text) if answer.form == "data" else escape_invisible(answer.text))
    else:
        text = import_heavy("bot.programs.screen_drawing").draw_answer(answer.text, screen)
        PROGRESS.clear()
        if not screen.page(text, os.environ):
            say(text)
    for file in answer.files:
        from bot.programs.output import write_new_file  # noqa: PLC0415 - few answers have files

        folder = Path(file.folder) if _names_folder(request.command, file.folder) else Path.cwd()
        written = escape_invisible_line(str(write_new_file(file, folder)))
        say(f"Written to {written}", to=sys.stderr if answer.form == "data" else sys.stdout)
    return answer.exit_code


def _names_folder(command: str, folder: str) -> bool:
    """Return whether the command line has `--out` with this folder."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    return f"--out={folder}" in words or ("--out", folder) in pairwise(words)


def run_filter(program: str, text: str) -> list[str]:
    """Return each result of a filter of `--jq` on a line: text as it is, anything else as JSON.

    Raises BadArgument for a filter that jq refuses, or that does not fit the answer.
    """
    jq = importlib.import_module("jq")  # few answers are filtered
    try:
        found = jq.compile(program).input_text(text).all()
    except ValueError as error:
        reason = escape_invisible_line(
            str(error).removeprefix("jq: error: ").partition("\n")[0].rstrip(":. ")
        )
        raise BadArgument(f"--jq can't be run: {reason}.", "See jqlang.org for its language.") from None
    return [escape_data(each) if isinstance(each, str) else json.dumps(each) for each in found]
