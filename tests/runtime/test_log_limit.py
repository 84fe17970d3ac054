"""`bot.runtime.logging`: a flood of one kind of line is cut, counted, and hides nothing else."""

import json
import logging
import sys

import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.runtime.logging import (
    BURST,
    LEFT_OUT,
    LINES_PER_SECOND,
    MAX_KINDS,
    MAX_LENGTH,
    LineLimit,
    configure_logging,
)


class Clock:
    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


def written(limit, event, level="warning"):
    """Return the lines that come of one: none, itself, or with notes before it."""
    try:
        line = limit(None, "", {"event": event, "level": level})
    except structlog.DropEvent:
        return []
    return [*line.pop("notes", []), line]


LINES = st.lists(
    st.tuples(st.sampled_from(["bad signature", "odd body", "frozen"]), st.floats(0, 3)), max_size=400
)


@given(LINES)
def test_every_line_is_written_or_counted(lines):
    clock = Clock()
    limit, out = LineLimit(clock), []
    for event, seconds in lines:
        clock.seconds += seconds / 20
        out += written(limit, event)
    out += limit.take_rest()

    for event in {each for each, _ in lines}:
        shown = sum(line["event"] == event for line in out)
        counted = sum(line["count"] for line in out if line["event"] == LEFT_OUT and event in line["of"])
        assert shown + counted == sum(each == event for each, _ in lines)


@given(LINES, st.integers(0, 20_000))
def test_no_flood_drops_a_line_of_another_kind(lines, flood):
    clock = Clock()
    limit = LineLimit(clock)
    for _ in range(min(flood, 2_000)):
        written(limit, "trivial")
    for event, seconds in lines[: int(BURST)]:
        clock.seconds += seconds / 100
        written(limit, "trivial")
        assert written(limit, f"important {event}")[-1]["event"] == f"important {event}"


def test_a_flood_leaves_a_bounded_number_of_lines_and_says_so_at_once():
    clock = Clock()
    limit, out = LineLimit(clock), []
    for _ in range(60_000):
        clock.seconds += 0.001
        out += written(limit, "flood")

    flood = [line for line in out if line["event"] == "flood"]
    assert len(flood) <= BURST + 60 * LINES_PER_SECOND + 1
    assert out[int(BURST)]["event"].startswith(LEFT_OUT)
    assert len(out) <= 3 * len(flood)


def test_a_silent_flood_is_counted_by_the_next_line_of_any_kind():
    clock = Clock()
    limit = LineLimit(clock)
    for _ in range(int(BURST) + 7):
        written(limit, "flood")
    assert written(limit, "other") == [{"event": "other", "level": "warning"}]
    clock.seconds += 1
    note, line = written(limit, "other")

    assert (note["count"], note["of"], line["event"]) == (7, "warning flood", "other")
    assert limit.take_rest() == []


def test_kinds_are_forgotten_before_they_fill_the_memory():
    clock = Clock()
    limit = LineLimit(clock)
    for number in range(5 * MAX_KINDS):
        clock.seconds += 0.1
        assert written(limit, f"kind {number}")

    assert len(limit._kinds) <= MAX_KINDS


def logged(capsys):
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_library_is_counted_by_its_place_in_the_code_whatever_it_says(capsys):
    configure_logging(clock=Clock())
    library = logging.getLogger("uvicorn.error")
    for number in range(500):
        library.warning("Invalid request number %d", number)
    library.warning("another place")
    out = logged(capsys)

    assert len(out) == BURST + 2
    assert out[-1]["event"] == "another place"


def test_a_long_traceback_is_cut(capsys):
    configure_logging()

    def deeper(depth):
        return 1 / 0 if not depth else deeper(depth - 1) + len(locals())

    structlog.get_logger().error("failed", text="x" * 10 * MAX_LENGTH, exc_info=_raised(deeper))
    [line] = logged(capsys)

    assert len(line["text"]) < MAX_LENGTH + 50
    assert line["text"].endswith(f"[{10 * MAX_LENGTH} characters]")


def _raised(call):
    try:
        return call(sys.getrecursionlimit() // 2)
    except ZeroDivisionError as error:
        return error
