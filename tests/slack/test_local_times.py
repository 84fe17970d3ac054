"""Times in messages and forms: a date in each reader's zone, once, and UTC where Slack takes none."""

import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.block_kit.validation import block_problems, view_problems
from bot.domain.reply import Fields, Note, Reply, Table, Text, Warn
from bot.domain.times import say_in_utc, say_locally
from bot.slack.local_times import localize
from bot.slack.message_renderer import home_blocks, modal_blocks, plain_message, render

BOTH = "2026-11-23 08:00:00 UTC (2026-11-23 09:00:00 Europe/Berlin)"
UTC = "2026-11-23 08:00:00 UTC"
SECONDS = 1_795_420_800
NOW = dt.datetime.fromtimestamp(SECONDS, dt.UTC)
DAY_AND_TIME = "{date_short_pretty} at {time}"


def rich(text, **style):
    span = {"type": "text", "text": text, **({"style": style} if style else {})}
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [span]}]}


def date(form=DAY_AND_TIME, fallback=UTC, seconds=SECONDS, **style):
    shown = {"type": "date", "timestamp": seconds, "format": form, "fallback": fallback}
    return {**shown, **({"style": style} if style else {})}


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        (f"Expires {BOTH}.", ["Expires ", date(), "."]),
        (f"{UTC} to {UTC}", [date(), " to ", date()]),
        ("At 2026-11-23 08:00 UTC", ["At ", date(fallback="2026-11-23 08:00 UTC")]),
        (
            "2026-11-23 08:00:07 UTC",
            [date("{date_short_pretty} at {time_secs}", "2026-11-23 08:00:07 UTC", SECONDS + 7)],
        ),
        ("2026-13-45 08:00 UTC", ["2026-13-45 08:00 UTC"]),
        ("2026-11-23 08:00", ["2026-11-23 08:00"]),
        ("Sunday 03:00 UTC", ["Sunday 03:00 UTC"]),
    ],
)
def test_a_time_in_rich_text_is_a_date_with_utc_to_fall_back_on(text, spans):
    (block,) = localize([rich(text)])
    expected = [{"type": "text", "text": each} if isinstance(each, str) else each for each in spans]

    assert block["elements"][0]["elements"] == expected


def test_the_style_stays_and_code_is_left_alone():
    (bold,) = localize([rich(f"By {UTC}", bold=True)])
    code = rich(f"restore a --to {UTC}", code=True)

    assert bold["elements"][0]["elements"][1] == date(bold=True)
    assert localize([code]) == [code]


def test_a_reply_says_each_moment_once_and_lets_slack_show_it():
    reply = Reply(
        f"Restore orders-prod to {BOTH}",
        (
            Text(f"All writes after {BOTH} will be lost."),
            Warn(f"Expires {BOTH}"),
            Note(f"Requested {BOTH} by <bob> & co"),
            Note(f"See `{BOTH}`"),
            Fields((("Target time", BOTH),)),
            Table("Backups", ("Until",), ((BOTH,),)),
        ),
    )
    for blocks in (render(reply).blocks, modal_blocks(reply), home_blocks(reply, NOW)):
        whole = json.dumps(blocks)

        assert "Europe/Berlin" not in whole
        assert whole.count('"type": "date"') + whole.count("<!date^") >= 3
    assert f"<!date^{SECONDS}^{DAY_AND_TIME}|{UTC}> by &lt;bob&gt; &amp; co" in json.dumps(
        render(reply).blocks
    )
    assert "Europe/Berlin" not in render(reply).text + str(plain_message(reply).blocks)
    assert UTC in render(reply).text


def test_the_title_and_the_cells_of_a_card_read_as_the_text_below():
    plan = Table("Plan", ("What", "Before", "After"), (("Data", "now", BOTH), ("State", "–", "available")))
    title, text, table = render(Reply(f"Restore to {BOTH}", (Text(f"Until {BOTH}."), plan))).blocks

    assert title["elements"][0]["elements"][1] == date(bold=True)
    assert text["elements"][0]["elements"][1] == date()
    assert table["rows"][1][2]["elements"][0]["elements"] == [date()]
    assert {cell["type"] for row in (table["rows"][0], table["rows"][2]) for cell in row} == {"raw_text"}


def test_a_column_of_times_can_be_sorted_and_says_utc():
    message = render(Reply("T", (Table(f"Since {BOTH}", ("Name", "At"), (("a", NOW), ("b", BOTH))),)))
    table = message.blocks[1]

    assert [row[1]["text"] for row in table["rows"][1:]] == ["2026-11-23 08:00 UTC", UTC]
    assert table["caption"] == f"Since {UTC}"


@pytest.mark.parametrize("words", ["*bold*", "_all_", "a `b`", ":tada: now", "~x"])
def test_text_that_slack_would_format_keeps_utc(words):
    note = render(Reply("T", (Note(f"{words} {BOTH}"),))).blocks[1]

    assert note["elements"][0] == {"type": "plain_text", "text": f"{words} {UTC}", "emoji": False}


def test_the_command_of_a_button_is_not_touched():
    button = {
        "type": "button",
        "text": {"type": "plain_text", "text": BOTH},
        "value": f'restore a --to "{BOTH}"',
    }
    (row,) = localize([{"type": "actions", "elements": [button]}])

    assert row["elements"][0]["value"] == button["value"]
    assert row["elements"][0]["text"]["text"] == UTC


PIECES = st.sampled_from(
    [BOTH, UTC, "2026-11-23 08:00 UTC", "2026-02-30 10:00 UTC", " ", "<", "&", "*", "x" * 50]
)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.lists(PIECES, max_size=60).map("".join), max_size=12))
def test_a_message_stays_within_the_limits_however_many_times_it_says(texts):
    parts = [kind(text) for text in texts for kind in (Text, Note, Warn)]
    parts.append(Fields(tuple((f"F{n}", text) for n, text in enumerate(texts))))
    reply = Reply("".join(texts)[:200] or "T", tuple(parts))

    assert block_problems(list(render(reply).blocks)) == []
    assert view_problems({"type": "home", "blocks": home_blocks(reply, NOW)}) == []


def test_other_text_stays_where_a_time_is_said_once():
    local = "2026-11-23 09:00:00 Europe/Berlin"

    assert say_in_utc(f"{BOTH}, {UTC}, x (y)") == f"{UTC}, {UTC}, x (y)"
    assert say_locally(f"{BOTH}, {UTC}, x (y)") == f"{local}, {UTC}, x (y)"
