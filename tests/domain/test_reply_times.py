"""Answers for the terminal say each time once, in the zone of the person who asked."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.domain.reply import Code, Fields, Note, Reply, Table, Text, Warn
from bot.domain.reply_text import localize_reply, render_plain
from bot.domain.times import in_both

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
BOTH = in_both(AT, "Europe/Berlin")
LOCAL = "2026-11-23 09:00:00 Europe/Berlin"
REPLY = Reply(
    f"Restore to {BOTH}",
    (
        Text(f"Until {BOTH}."),
        Warn(f"Lost after {BOTH}"),
        Note(f"Expires {BOTH}"),
        Fields((("Target time", BOTH), ("Requested", AT.astimezone(ZoneInfo("Europe/Berlin"))))),
        Table("Backups", ("Until", "Size"), ((BOTH, 4),)),
        Code(f"-- {BOTH}"),
    ),
)


def test_each_time_is_said_once_and_locally_but_for_code():
    said = render_plain(localize_reply(REPLY))

    assert said.count(LOCAL) == 8
    assert said.count("UTC") == 1
    assert f"-- {BOTH}" in said


def test_a_time_without_a_zone_stays_in_utc():
    reply = Reply("T", (Text(f"Until {in_both(AT, 'UTC')}"), Fields((("At", AT),))))

    assert localize_reply(reply) == reply
