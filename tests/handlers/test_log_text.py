"""Log lines as text that may be shown."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.cluster import LogLine
from handlers.log_show import (
    SHOWN_CHARACTERS,
    SHOWN_LINES,
    LogEntry,
    as_text,
    instance_of,
    newest_first,
    take_beginning,
)

AT = datetime(2026, 11, 23, 8, 59, 25, 175_000, tzinfo=UTC)


def make_line(text="LOG:  ready", at=AT, instance="ionos-4711-abc-1"):
    return LogLine(instance=instance, at=at, text=text)


def make_entry(*line, **fields):
    return LogEntry.of(make_line(*line, **fields))


def test_the_newest_line_comes_first_and_one_without_a_time_last():
    old, new, timeless = make_line(at=AT - timedelta(hours=1)), make_line(), make_line(at=None)

    assert newest_first([timeless, old, new]) == [new, old, timeless]


def test_lines_of_the_same_time_keep_their_order():
    error, statement = make_line("ERROR:  no"), make_line("STATEMENT:  SELECT")

    assert newest_first([error, statement]) == [error, statement]


@pytest.mark.parametrize(
    ("name", "instance"),
    [("ionos-4711-abc-1", "1"), ("ionos-4711-abc-02", "2"), ("primary", "primary"), ("", "")],
)
def test_an_instance_is_the_number_at_the_end_of_its_name(name, instance):
    assert instance_of(make_line(instance=name)) == instance


def test_a_line_has_its_time_in_utc_and_its_instance():
    assert as_text(make_entry()) == "2026-11-23T08:59:25.175Z [1] LOG:  ready"
    assert as_text(make_entry(at=None)).startswith("no time [1] ")


def test_a_line_cannot_forge_another_or_move_the_cursor():
    text = as_text(make_entry("first\n2026-11-23T09:00:00Z [0] forged\x1b[2J"))

    assert [row for row in text.splitlines()[1:] if not row.startswith("    ")] == []
    assert "\\x1b[2J" in text


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER ROLE a WITH PASSWORD 'canary-9'",
        "alter role a password\n\t'canary-9'",
        "ALTER ROLE a PASSWORD'canary-9'",
        "ALTER ROLE a PASSWORD E'x\\'canary-9'",
        "ALTER ROLE a PASSWORD 'x''canary-9'",
        "ALTER ROLE a PASSWORD\tU&'canary-9' UESCAPE '!'",
        "ALTER ROLE a PASSWORD $$canary-9$$",
        "ALTER ROLE a PASSWORD $x$canary-9$$still$x$",
        "ALTER ROLE a PASSWORD /* new */ 'canary-9'",
        "ALTER ROLE a PASSWORD -- new\n'canary-9'",
        "ALTER ROLE a PASSWORD\n'canary-9 cut off",
        "connecting to postgres://a:canary-9@db/orders",
        "could not connect: password=canary-9 host=db",
    ],
)
def test_no_way_to_write_a_password_is_shown(sql):
    shown = as_text(make_entry(sql))

    assert "canary-9" not in shown
    assert "[hidden]" in shown


def test_what_is_no_password_stays():
    words = "FATAL:  password authentication failed for user 'orders'"

    assert as_text(make_entry(words)).endswith(words)


def test_the_beginning_is_what_a_message_takes():
    many = [f"{number} short" for number in range(100)]
    long = ["x" * 10_000] * 100

    assert take_beginning(many) == many[:SHOWN_LINES]
    assert len("\n".join(take_beginning(long))) <= SHOWN_CHARACTERS
    assert len(take_beginning(long)) > 5
    assert take_beginning([]) == []
