"""The Unix socket between `pgbot run` and `pgbot serve`, and its protocol: one request for each connection.

A frame is the length of what follows (4 bytes, big-endian) and a JSON object. The caller sends one; `serve`
answers with any number of `progress` and, last, either `answer` or `refused`. No frame says who the caller
is: the kernel does. Light to import: a command at the terminal loads nothing else.
"""

import base64
import json
import os
import re
import struct
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from bot.domain.error_codes import ErrorCode, ExitCode
from bot.domain.errors import ConfigError, PgbotError
from bot.domain.result import Output
from bot.domain.text_safety import escape_invisible
from bot.runtime.instance_lock import follow_links
from bot.settings.data_folder import find_data_folder
from bot.settings.settings_file import find_settings_file

if TYPE_CHECKING:
    from bot.domain.reply import File
    from bot.settings.model import Setup

VERSION = 3

REQUEST_BYTES = 64 << 10
"""The most that a caller may send: longer than any command line."""

ANSWER_BYTES = 64 << 20
"""The most that `serve` sends back in one frame, files included."""

_HEADER = struct.Struct(">I")
HEADER_BYTES = _HEADER.size

Reading = Literal["audit export", "audit backup", "data backup"]
"""A program that reads the audit log past the bot, which the log records."""


class ProtocolError(PgbotError):
    """A frame that is not of this protocol, or of another version."""

    error_code = ErrorCode.SETTINGS_INVALID


class ProgressStep(str):
    """Words of progress that stay on the screen, and in a log."""

    __slots__ = ()


AnswerForm = Literal["text", "blocks", "data"]


class ServeIsAway(PgbotError):
    """No `serve` answers at the socket, or this user may not use it; nothing was sent."""

    error_code = ErrorCode.SERVE_AWAY


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalRequest:
    """A command to run, a reading of the audit log to record, or a reason to take the Slack app over from
    another bot; one of them.

    `output` is the form of the answer where the command names none. `as_screen` asks for blocks that the
    caller draws, as `bot.domain.reply_text` makes them, unless the answer has another form.
    """

    command: str = ""
    output: Output = Output.SCREEN
    as_screen: bool = False
    reading: Reading | None = None
    takeover: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer with its files. `form` says whether `text` is for people, JSON of blocks to draw, or data for
    programs; `jq` is a filter that the caller runs on the text.
    """

    text: str
    exit_code: ExitCode = ExitCode.OK
    files: "tuple[File, ...]" = ()
    form: AnswerForm = "text"
    jq: str = ""


def pack_frame(message: Mapping[str, Any]) -> bytes:
    body = json.dumps(message, separators=(",", ":")).encode()
    return _HEADER.pack(len(body)) + body


def pack_request(request: TerminalRequest) -> bytes:
    """Return the frame of a request. Raises ProtocolError for one that is too long."""
    frame = pack_frame({"version": VERSION, **asdict(request)})
    if len(frame) > HEADER_BYTES + REQUEST_BYTES:
        raise ProtocolError(f"The command is longer than {REQUEST_BYTES // 1024} KB.", "Shorten it.")
    return frame


def body_length(header: bytes, limit: int) -> int:
    """Return the number of bytes that follow the header. Raises ProtocolError for more than `limit`."""
    (length,) = _HEADER.unpack(header)
    if length > limit:
        raise ProtocolError(
            f"The other process announced {length:,} bytes, but at most {limit:,} are allowed."
        )
    return int(length)


def unpack_body(body: bytes) -> dict[str, Any]:
    """Return the content of a frame. Raises ProtocolError."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise ProtocolError("The other process does not use the protocol of “pgbot run”.")
    return message


def parse_request(body: bytes) -> TerminalRequest:
    """Return the request of a frame. Raises ProtocolError."""
    message = unpack_body(body)
    version = message.pop("version", None)
    if version != VERSION or isinstance(version, bool):
        raise ProtocolError(
            f"“pgbot run” and “pgbot serve” are different releases: protocol {version} and {VERSION}.",
            "Use the same pgbot as pgbot serve.",
        )
    known = {each.name for each in fields(TerminalRequest)}
    request = TerminalRequest(**{name: message.get(name) for name in known & message.keys()})  # type: ignore[arg-type]
    is_sound = (
        message.keys() <= known
        and isinstance(request.command, str)
        and isinstance(request.takeover, str)
        and request.output in list(Output)
        and isinstance(request.as_screen, bool)
        and request.reading in {None, *get_args(Reading)}
    )
    if not is_sound:
        raise ProtocolError("This release does not know the request.")
    return replace(request, output=Output(request.output))


def pack_answer(answer: Answer) -> bytes:
    """Return the frame of an answer. Raises ProtocolError for one that is too long."""
    files = [
        {"name": each.name, "folder": each.folder, "content": base64.b64encode(each.content).decode()}
        for each in answer.files
    ]
    said = {"text": answer.text, "exit_code": answer.exit_code, "form": answer.form, "jq": answer.jq}
    frame = pack_frame({"answer": {**said, "files": files}})
    if len(frame) > HEADER_BYTES + ANSWER_BYTES:
        raise ProtocolError(f"The answer is larger than {ANSWER_BYTES >> 20} MB.", "Request less at a time.")
    return frame


def pack_refusal(error: PgbotError) -> bytes:
    said = {"sentence": error.sentence, "next_step": error.next_step, "code": error.error_code}
    return pack_frame({"refused": said})


def parse_answer(body: bytes) -> Answer | str:
    """Return the answer of a frame, or words of progress. Raises PgbotError for a refusal."""
    message = unpack_body(body)
    try:
        if "progress" in message:
            words = str(message["progress"])
            return ProgressStep(words) if message.get("stays") is True else words
        if "refused" in message:
            refused = message["refused"]
            sentence, step = (escape_invisible(str(refused[key])) for key in ("sentence", "next_step"))
            code = _read_code(refused.get("code"))
        else:
            answer = message["answer"]
            return Answer(
                text=str(answer["text"]),
                exit_code=ExitCode(answer["exit_code"]),
                files=tuple(_unpack_file(each) for each in answer["files"]),
                form=next(each for each in get_args(AnswerForm) if each == answer["form"]),
                jq=str(answer["jq"]),
            )
    except (KeyError, TypeError, ValueError, StopIteration):
        raise ProtocolError("The other process does not use the protocol of “pgbot run”.") from None
    error = PgbotError(sentence, step)
    error.error_code = code
    raise error


def _read_code(said: object) -> ErrorCode:
    """Return the code; that of a plain refusal for one that only another release knows."""
    return next((each for each in ErrorCode if each == said), ErrorCode.COMMAND_REFUSED)


def _unpack_file(file: Any) -> "File":
    from bot.domain.reply import File  # noqa: PLC0415 - few answers have files

    return File(str(file["name"]), base64.b64decode(file["content"]), str(file["folder"]))


# The socket: where it is by the settings, and where it is likely to be without them. To read and check the
# settings takes four times as long as to ask `serve`.

_SOCKET_KEY = re.compile(r"""^[^#\n]*\bsocket["']?[ \t]*:(.*)""", re.MULTILINE)
_PLAIN_PATH = re.compile(r"""[ \t]+(["']?)(/[\w./-]+)\1[ \t]*(?:[ \t]#.*)?""")


def find_socket(setup: "Setup") -> Path:
    """Return the path of serve's socket: by default beside the database, wherever links lead.

    Raises ConfigError for links in a circle.
    """
    named = setup.settings.terminal.socket
    return Path(named) if named else _socket_beside(setup.data)


def guess_socket(config: Path | None, environment: Mapping[str, str]) -> Path | None:
    """Return the path that these settings most likely give; None where only reading them tells.

    Raises ConfigError for links in a circle and a user without a home folder.
    """
    if "PGBOT_TERMINAL" in environment:
        return None
    if "PGBOT_TERMINAL__SOCKET" in environment:
        given = environment["PGBOT_TERMINAL__SOCKET"].strip()
        return Path(given) if given.startswith("/") else None
    file = find_settings_file(config, environment)
    try:
        named = _SOCKET_KEY.findall(file.read_text(encoding="utf-8")) if file else []
    except (OSError, ValueError):
        return None
    if not named:
        return _socket_beside(find_data_folder(environment))
    plain = _PLAIN_PATH.fullmatch(named[0])
    return Path(plain[2]) if plain and len(named) == 1 else None


def _socket_beside(data: Path) -> Path:
    return follow_links(data / "pgbot.db").with_name("pgbot.sock")


LONGEST_ADDRESS = 107 if sys.platform == "linux" else 103
"""Bytes of a socket's path that the system takes (`sun_path` less its end)."""


@contextmanager
def socket_address(path: Path) -> Iterator[str]:
    """Provide the address for `bind` and `connect`, also of a path that is longer than the system takes.

    Linux reaches it through the folder's descriptor. Raises ConfigError where that does not help, and OSError
    for a folder that cannot be opened.
    """
    if len(os.fsencode(path)) <= LONGEST_ADDRESS:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        address = f"/proc/self/fd/{folder}/{path.name}"
        if sys.platform != "linux" or len(os.fsencode(address)) > LONGEST_ADDRESS:
            raise ConfigError(
                (
                    f"The socket path has {len(os.fsencode(path))} bytes, but the system allows "
                    f"{LONGEST_ADDRESS}: {path}."
                ),
                "Set terminal.socket in app.yaml to a shorter path.",
            )
        yield address
    finally:
        os.close(folder)
