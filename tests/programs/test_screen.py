"""Answers on a terminal: fitted, coloured and paged there, plain elsewhere, and never steered by names."""

import argparse
import asyncio
import fcntl
import json
import os
import re
import struct
import termios

import pytest
from forked_programs import ROOT
from hypothesis import given, settings
from programs_site import PGBOT, clean_environment
from reply_strategies import NASTY, replies

from bot.domain.reply import Column, Fields, Note, Reply, Table, Text, Warn
from bot.domain.reply_text import make_blocks
from bot.domain.text_safety import terminal_width
from bot.programs.screen_drawing import draw_answer
from bot.programs.terminal_protocol import ProtocolError
from bot.programs.terminal_screen import TerminalScreen, find_screen

pytestmark = pytest.mark.anyio

COLOUR = "\x1b["
SGR = re.compile(r"\x1b\[[0-9;]*m")
WIDE = TerminalScreen(draws=True, colours=False, pages=False, columns=2_000)
COLOURED = TerminalScreen(draws=True, colours=True, pages=False, columns=80)


class Stream:
    """A standard output that is a terminal or not."""

    def __init__(self, *, is_terminal):
        self.isatty = lambda: is_terminal


def screen(*flags, is_terminal=True, **environment):
    args = argparse.Namespace(**dict.fromkeys(flags, True))
    return find_screen(args, {"TERM": "xterm", **environment}, Stream(is_terminal=is_terminal))


def draw(reply, on):
    return draw_answer(json.dumps(list(make_blocks(reply))), on)


@pytest.mark.parametrize(
    ("flags", "is_terminal", "environment", "expected"),
    [
        ((), True, {}, (True, True, True)),
        ((), False, {}, (False, False, False)),
        (("no_color",), True, {}, (True, False, True)),
        (("no_pager",), True, {}, (True, True, False)),
        ((), True, {"NO_COLOR": "1"}, (True, False, True)),
        ((), True, {"NO_COLOR": ""}, (True, True, True)),
        ((), True, {"CLICOLOR": "0"}, (True, False, True)),
        ((), True, {"TERM": "dumb"}, (False, False, False)),
        ((), False, {"FORCE_COLOR": "1"}, (True, True, False)),
        ((), False, {"FORCE_COLOR": "0"}, (False, False, False)),
        ((), False, {"CLICOLOR_FORCE": "1"}, (True, True, False)),
        ((), False, {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, (False, False, False)),
        (("no_color",), False, {"FORCE_COLOR": "1"}, (False, False, False)),
    ],
)
def test_a_screen_follows_the_terminal_the_flags_and_the_known_variables(
    flags, is_terminal, environment, expected
):
    found = screen(*flags, is_terminal=is_terminal, **environment)

    assert (found.draws, found.colours, found.pages) == expected


CLUSTERS = Reply(
    "2 clusters",
    (
        Warn("Could not read v2 de/fra"),
        Table(
            "Clusters",
            ("Name", "State", "Cores", Column("Owner", is_wide=True)),
            (
                ("orders-prod", "AVAILABLE", 4, "shop"),
                ("a name of many words that is long", "FAILED", 16, None),
            ),
        ),
        Fields((("Region", "de/txl"),)),
        Note("A note."),
    ),
)


def test_a_table_is_fitted_to_the_width_with_nothing_lost():
    drawn = draw(CLUSTERS, TerminalScreen(draws=True, colours=False, pages=False, columns=40))

    assert max(map(len, drawn.splitlines())) <= 40
    for word in ("orders-prod", "AVAILABLE", "many", "words", "16", "Region:", "de/txl", "A note."):
        assert word in drawn
    assert "More columns with --wide: owner" in drawn
    assert "shop" not in drawn


def test_states_titles_and_warnings_have_colours_and_without_colour_there_is_no_code_at_all():
    drawn = draw(CLUSTERS, COLOURED)

    assert "\x1b[32mAVAILABLE" in drawn
    assert "\x1b[31mFAILED" in drawn
    assert drawn.startswith("\x1b[1m2 clusters")
    assert "\x1b[33mWarning: Could not read v2 de/fra" in drawn
    assert COLOUR not in draw(CLUSTERS, WIDE)


def test_a_refusal_is_an_error():
    assert draw(Reply("no", ok=False), COLOURED) == "\x1b[1;31mError: no\x1b[0m"


@pytest.mark.parametrize(
    "name", [*NASTY, "[bold]orders[/bold]", "[link=https://x]y[/link]", ":smile:", "\x1b]0;x\x07"]
)
def test_a_name_is_neither_markup_nor_an_escape(name):
    reply = Reply(name, (Text(name), Table(name, (name, "B"), ((name, name),)), Fields(((name, name),))))

    drawn = SGR.sub("", draw(reply, COLOURED))

    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", drawn)
    if name.isascii() and name.isprintable() and name.strip() and len(name) < 30:
        assert drawn.count(name.strip()) >= 5


@settings(max_examples=15, deadline=None)
@given(replies)
def test_any_reply_can_be_drawn_and_steers_no_terminal(reply):
    drawn = draw(reply, COLOURED)

    assert "\x1b" not in SGR.sub("", drawn)
    assert COLOUR not in draw(reply, WIDE)


@pytest.mark.parametrize(
    "text", ["", "[1]", '{"kind": "text"}', '[{"kind": "table", "text": "x"}]', '[{"kind": "text"}]']
)
def test_an_answer_of_another_form_is_refused(text):
    with pytest.raises(ProtocolError):
        draw_answer(text, WIDE)


async def on_terminal(*words, cwd, columns=80, lines=24, **environment):
    """Run pgbot on a pseudo-terminal of this size; return what it wrote there, and its exit code."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    process = await asyncio.create_subprocess_exec(
        *PGBOT,
        *words,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env=clean_environment({"TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **environment}),
        cwd=cwd,
    )
    os.close(theirs)
    written = await asyncio.to_thread(_read_all, ours)
    return written.replace("\r\n", "\n"), await process.wait()


def _read_all(descriptor):
    parts = []
    with os.fdopen(descriptor, "rb", buffering=0) as terminal:
        try:
            while part := terminal.read(65_536):
                parts.append(part)
        except OSError:  # Linux says so when the other end is closed
            pass
    return b"".join(parts).decode()


async def test_a_long_answer_is_paged_on_a_terminal_in_colour(tmp_path):
    written, code = await on_terminal("run", "help all", cwd=tmp_path, PAGER="sed s/^/paged:/")

    lines = written.splitlines()
    assert code == 0
    assert len([line for line in lines if line.startswith("paged:")]) > 24
    assert "\x1b[1m" in written
    assert max(terminal_width(SGR.sub("", line)) for line in lines if line.startswith("paged:")) <= 86


async def test_without_pager_and_colour_it_is_neither(tmp_path):
    written, code = await on_terminal(
        "run", "help all", "--no-pager", "--no-color", cwd=tmp_path, PAGER="sed s/^/paged:/"
    )

    assert code == 0
    assert "paged:" not in written
    assert COLOUR not in written.partition("\n")[2]


def test_a_text_that_fits_needs_no_pager_and_one_that_is_missing_is_done_without(capfd):
    paging = TerminalScreen(draws=True, colours=False, pages=True, lines=3)

    assert not paging.page("one\ntwo", {"PAGER": "cat"})
    assert not paging.page("one\ntwo\nthree", {"PAGER": "no-such-pager"})
    assert not paging.page("one\ntwo\nthree", {"PAGER": ""})
    assert paging.page("one\ntwo\nthree", {**os.environ, "PAGER": "sed s/^/paged:/"})
    assert paging.page("one\ntwo\nthree\n" * 100_000, {**os.environ, "PAGER": "true"})
    assert capfd.readouterr().out == "paged:one\npaged:two\npaged:three\n"


async def test_a_report_is_paged_too(tmp_path):
    (tmp_path / "deploy.sh").write_text("ionosctl dbaas postgres cluster list\n" * 20)
    written, code = await on_terminal("scan", ".", cwd=tmp_path, PAGER="sed s/^/paged:/")

    assert code == 1
    assert written.count("paged:") > 24
    assert "\x1b[33m[action]\x1b[0m" in written


def test_only_the_labels_of_a_report_in_text_are_in_colour():
    text = "a.sh:1:1: [blocker] PGS001 x [y]\n  [info] z\n"

    assert screen().colour_labels(text) == (
        "a.sh:1:1: \x1b[1;31m[blocker]\x1b[0m PGS001 x [y]\n  \x1b[2m[info]\x1b[0m z\n"
    )
    assert screen("no_color").colour_labels(text) == text
    document = find_screen(argparse.Namespace(format="json"), {"FORCE_COLOR": "1"}, Stream(is_terminal=True))
    assert document.colour_labels(text) == text
