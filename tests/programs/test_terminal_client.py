"""`pgbot run` by itself: what it sends, and what it makes of answers that it cannot trust in everything."""

import json
import os
import socket
import threading
from contextlib import closing, contextmanager, suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.error_codes import ExitCode
from bot.domain.errors import ConfigError
from bot.domain.reply import File
from bot.programs.cli import main
from bot.programs.terminal_client import OutcomeIsUnknown, ask_serve
from bot.programs.terminal_protocol import (
    HEADER_BYTES,
    VERSION,
    Answer,
    ProtocolError,
    TerminalRequest,
    pack_answer,
    pack_frame,
    unpack_body,
)
from bot.settings.model import Setup, load_settings

CANARIES = {
    "SLACK_BOT_TOKEN": "xoxb-canary-1",
    "IONOS_TOKEN": "canary-token-2",
    "AUDIT_KEY": "canary-key-3",
    "PGBOT_TERMINAL__PEOPLE": '{"root": "U0CANARY"}',
    "PGBOT_AUDIT__KEY": "env:AUDIT_KEY",
}


@contextmanager
def serve_that_says(path, *sent, heard=None):
    """Listen as `serve` does; read one request, send these bytes and hang up."""

    def answer():
        connection, _ = listener.accept()
        with connection:
            request = connection.recv(1 << 20)
            if heard is not None:
                heard.append(request)
            for each in sent:
                connection.sendall(each)

    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(path))
        listener.listen()
        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield
        thread.join(30)


@pytest.fixture
def socket_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PGBOT_TERMINAL__SOCKET", f"{tmp_path}/s")
    return tmp_path / "s"


def test_the_command_line_is_all_that_is_sent(socket_path, monkeypatch, capsys):
    for name, value in CANARIES.items():
        monkeypatch.setenv(name, value)
    (socket_path.parent / "app.yaml").write_text("people: {dba: [U0CANARY]}\n")
    heard = []

    with serve_that_says(socket_path, pack_answer(Answer(text="done")), heard=heard):
        code = main(["run", "--json", "change approve", "c-7kq2mf", "--note", "two words"])

    assert (code, capsys.readouterr().out) == (0, "done\n")
    assert unpack_body(heard[0][HEADER_BYTES:]) == {
        "version": VERSION,
        "command": "change approve c-7kq2mf --note 'two words'",
        "output": "json",
        "as_screen": False,
        "reading": None,
        "takeover": "",
    }
    assert "canary" not in str(heard).casefold()


def test_an_answer_neither_moves_the_cursor_nor_turns_text_around(socket_path, capsys):
    frames = (
        pack_frame({"progress": "\x1b[2Jhalf\u202edone"}),
        pack_answer(
            Answer(exit_code=ExitCode.FAILED, text="\x1b]0;title\x07red \x1b[31m\u202ered\r\nnext line")
        ),
    )
    with serve_that_says(socket_path, *frames):
        code = main(["run", "status"])

    printed = capsys.readouterr()
    assert code == 1
    assert all(each.isprintable() or each == "\n" for each in printed.out + printed.err)
    assert printed.out.endswith("\nnext line\n")


def test_a_refusal_is_one_sentence_without_escapes(socket_path, capsys):
    refused = {"refused": {"sentence": "No.\x1b[1m", "next_step": "Wait.", "code": "policy.limit_reached"}}
    with serve_that_says(socket_path, pack_frame(refused)):
        code = main(["run", "status"])

    assert (code, capsys.readouterr().err) == (ExitCode.DENIED, "No.\\x1b[1m\nWait.\n")


@pytest.mark.parametrize(
    ("line", "folder", "written"),
    [
        ("migration plan x --out pack", "pack", "pack/f"),
        ("migration plan x --out=pack", "pack", "pack/f"),
        ("migration plan x --out 'my pack'", "my pack", "my pack/f"),
        ("migration plan x --out pack", "elsewhere", "f"),
        ("migration plan x --out pack", "../..", "f"),
        ("migration plan pack", "pack", "f"),
        ("cluster list", "/etc/cron.d", "f"),
        ("cluster list '--out", "/etc/cron.d", "f"),
        ("cluster list", "", "f"),
    ],
)
def test_a_file_goes_to_no_folder_that_the_caller_did_not_name(socket_path, line, folder, written):
    answer = Answer(text="", files=(File("f", b"x", folder),))
    with serve_that_says(socket_path, pack_answer(answer)):
        assert main(["run", line]) == 0

    found = [str(each.relative_to(socket_path.parent)) for each in socket_path.parent.rglob("f")]
    assert found == [written]


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\0\0",
        (9).to_bytes(4, "big") + b"half",
        pack_frame({"progress": "x"}),
        pack_frame({"progress": 1}) * 3,
    ],
)
def test_a_serve_that_hangs_up_leaves_the_outcome_unknown(socket_path, capsys, sent):
    with serve_that_says(socket_path, sent):
        code = main(["run", "change approve c-1"])

    assert code is ExitCode.UNKNOWN_OUTCOME
    assert "so the outcome is unknown.\n" in capsys.readouterr().err


KEYS = ("answer", "refused", "ok", "text", "files", "name", "content", "folder", "sentence")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.binary(max_size=60), JSON.map(lambda value: json.dumps(value).encode())))
def test_whatever_answers_there_is_a_sentence(socket_path, sent):
    frame = len(sent).to_bytes(4, "big") + sent
    setup = Setup(load_settings(environment=dict(os.environ)).settings, None, socket_path.parent)
    socket_path.unlink(missing_ok=True)
    with serve_that_says(socket_path, frame), suppress(ConfigError, OutcomeIsUnknown, ProtocolError):
        assert isinstance(ask_serve(setup, TerminalRequest(command="status")), Answer)
