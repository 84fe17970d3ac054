"""Replies become messages that Slack takes, whatever they hold."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from golden_files import assert_golden
from hypothesis import HealthCheck, given, settings
from reply_strategies import replies

from bot.demo.workspace.validator import check_message
from bot.domain.block_kit import slack_limits as limits
from bot.domain.reply import (
    Audience,
    Choice,
    Choices,
    Code,
    Fields,
    File,
    Note,
    Part,
    Reply,
    Table,
    Text,
    Warn,
)
from bot.slack.block_renderer import render_part
from bot.slack.message_budget import message_problems
from bot.slack.message_renderer import SlackMessage, plain_message, render

AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)

CLUSTERS = Reply(
    "3 clusters",
    (
        Table(
            "Clusters",
            ("Name", "State", "API", "Region", "Storage GB", "Created"),
            (
                ("orders-prod", "AVAILABLE", "v1", "de/txl", 200, AT),
                ("<!channel>", "BUSY", "v2", "de/fra", 20, AT),
                ("legacy", "FAILED", "v1", "gb/lhr", None, None),
            ),
            "clusters",
        ),
        Warn("es/vit did not answer within 10 seconds: clusters there are missing."),
        Note("One cluster: `/pg cluster show NAME`"),
        Choices(
            (
                Choice("Share to channel", "cluster list --share"),
                Choice("Refresh", "cluster list", primary=True),
            )
        ),
    ),
)
ERROR = Reply(
    "I know no cluster called “ordrs-prod”.",
    (Text("Did you mean `orders-prod`?"), Choices((Choice("Show orders-prod", "cluster show orders-prod"),))),
    ok=False,
)
HELP = Reply(
    "What you can do here",
    (
        Fields((("cluster list", "Lists the clusters that you may see."), ("whoami", "Says who you are."))),
        Code("/pg cluster list --state BUSY\n/pg help cluster show"),
        Note("More about one command: `/pg help cluster list`"),
    ),
)


def kinds(message: SlackMessage) -> list[str]:
    return [block["type"] for block in message.blocks]


def shown(message: SlackMessage) -> str:
    return json.dumps(message.blocks, ensure_ascii=False)


def accepted(message: SlackMessage) -> bool:
    """Assert that the bot's check and the simulator take the message."""
    check_message([dict(block) for block in message.blocks])
    return message_problems(message.payload()) == []


@pytest.mark.parametrize(("name", "reply"), [("clusters", CLUSTERS), ("error", ERROR), ("help", HELP)])
def test_a_reply_looks_as_it_was_reviewed(name, reply):
    message = render(reply)
    assert accepted(message)
    assert_golden(f"slack_{name}", message.payload())


@given(replies)
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
def test_whatever_a_reply_holds_slack_takes_it(reply):
    assert accepted(render(reply))
    assert accepted(plain_message(reply))


@pytest.mark.parametrize("filler", ["x", "<", "`", "日", "\x00"])
def test_a_reply_far_beyond_every_limit_is_taken(filler):
    table = Table("T", ("A", "B"), ((filler * 20, 1),) * 1_000)
    fields = Fields(((filler * 3_000, filler * 3_000),) * 12)
    some = (Text(filler * 4_000), Code(filler * 4_000), Note(filler * 4_000), fields)
    reply = Reply(filler * 5_000, (*some * 10, table, *(Warn(filler * 4_000),) * 3), ok=False)
    message = render(reply)
    assert accepted(message)
    assert accepted(plain_message(reply))
    assert "reply.txt" in {file.name for file in message.files}


def test_five_thousand_rows_and_sixty_parts_are_taken():
    table = Table("T", ("A", "B"), tuple((f"row {n} <&>", n) for n in range(5_000)))
    message = render(Reply("x", (table, *(Text(f"part {n}") for n in range(60)))))
    assert accepted(message)
    assert [file.name for file in message.files] == ["table.csv", "reply.txt"]


def test_every_kind_of_part_can_be_rendered():
    """Warnings, notes and tables are rendered by functions of their own."""
    assert set(Part.__args__) - {Warn, Note, Table} <= render_part.registry.keys()


def test_a_long_table_shows_what_fits_and_comes_whole_as_csv():
    rows = tuple((f"orders-{n}", "AVAILABLE", n) for n in range(412))
    message = render(Reply("412 clusters", (Table("Clusters", ("Name", "State", "GB"), rows, "clusters"),)))
    (table,) = [block for block in message.blocks if block["type"] == "data_table"]
    assert len(table["rows"]) == 201
    assert table["page_size"] == 10
    assert table["row_header_column_index"] == 0
    assert "Showing 200 of 412 rows; clusters.csv has everything." in shown(message)
    assert [file.name for file in message.files] == ["clusters.csv"]
    whole = list(csv.reader(io.StringIO(message.files[0].content.decode())))
    assert len(whole) == 413
    assert whole[-1] == ["orders-411", "AVAILABLE", "411"]


def test_a_table_that_fits_comes_without_file_or_note():
    message = render(Reply("x", (Table("Clusters", ("Name",), (("orders",),)),)))
    assert kinds(message) == ["header", "data_table"]
    assert message.files == ()


def test_tables_share_the_room_and_small_ones_stay_whole():
    small = Table("Small", ("Name",), (("orders",),) * 5)
    large = Table("Large", ("Name",), (("x" * 50,),) * 1_000)
    message = render(Reply("x", (large, small, large)))
    rows = [len(block["rows"]) for block in message.blocks if block["type"] == "data_table"]
    assert rows[1] == 6
    assert rows[0] > 80
    assert rows[2] > 80
    assert [file.name for file in message.files] == ["table.csv", "table-2.csv"]


def test_a_long_cell_is_shortened_rather_than_the_rows_left_out():
    rows = tuple((f"orders-{n}", "why " * 100) for n in range(100))
    message = render(Reply("x", (Table("T", ("Name", "Why"), rows),)))
    (table,) = [block for block in message.blocks if block["type"] == "data_table"]
    assert len(table["rows"]) == 101
    assert "Long values are shortened; table.csv has everything." in shown(message)


def test_too_many_columns_are_left_to_the_file():
    message = render(Reply("x", (Table("T", tuple("abcdefghijklmnopqrstuvwxy"), (tuple(range(25)),)),)))
    assert "Showing 20 of 25 columns; table.csv has everything." in shown(message)


def test_an_empty_table_is_said_to_be_empty():
    message = render(Reply("x", (Table("Clusters", ("Name",), ()),)))
    assert kinds(message) == ["header", "rich_text"]
    assert "Clusters: none" in shown(message)


@pytest.mark.parametrize("cell", [None, "", "  ", "\u200b"])
def test_an_empty_cell_is_a_dash(cell):
    message = render(Reply("x", (Table("T", ("Name",), ((cell,),)), Fields((("Name", cell),)))))
    assert message.blocks[1]["rows"][1] == [{"type": "raw_text", "text": "–"}]
    assert message.blocks[2]["fields"][1] == {"type": "plain_text", "text": "–", "emoji": False}


def test_names_from_outside_stay_literal_everywhere():
    name = "<!channel> *b* <@U1> :x:"
    some = (Text(name), Note(name), Warn(name), Fields(((name, name),)), Table(name, (name,), ((name,),)))
    message = render(Reply(name, (*some, Code(name), Choices((Choice(name, name),)))))
    assert "<!channel>" not in message.text
    for block in message.blocks:
        for element in _objects(block):
            assert element.get("type") != "mrkdwn" or "channel" not in element["text"]
            assert element.get("type") != "plain_text" or element["emoji"] is False


def _objects(value):
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


def test_markup_of_our_own_never_makes_links():
    message = render(HELP)
    marked = [one for block in message.blocks for one in _objects(block) if one.get("type") == "mrkdwn"]
    assert marked
    assert all(one["verbatim"] is True for one in marked)


def test_buttons_run_exactly_their_command_and_are_numbered_over_the_message():
    row = Choices(tuple(Choice(f"Show {n}", f'cluster show c-{n} <x> & "y"') for n in range(30)))
    message = render(Reply("x", (row, Choices((Choice("Go", "help", primary=True),)))))
    buttons = [one for block in message.blocks if block["type"] == "actions" for one in block["elements"]]
    assert [button["action_id"] for button in buttons] == [f"run:{n}" for n in range(1, 32)]
    assert buttons[3]["value"] == 'cluster show c-3 <x> & "y"'
    assert buttons[-1]["style"] == "primary"


@pytest.mark.parametrize("command", ["", " ", "x" * 2_001, "help\x1b", "help \u202egnp."])
def test_a_command_that_a_button_cannot_carry_is_left_out_and_said_to_be(command):
    message = render(Reply("x", (Choices((Choice("Go", command), Choice("Help", "help"))),)))
    (row,) = [block for block in message.blocks if block["type"] == "actions"]
    assert [button["value"] for button in row["elements"]] == ["help"]
    assert "Buttons left out: 1" in shown(message)


def test_long_code_is_shown_from_its_beginning_and_sent_whole():
    text = "SELECT 1;\n" * 1_000
    message = render(Reply("x", (Code(text),)))
    assert [(file.name, file.content) for file in message.files] == [("output.txt", text.encode())]
    assert "Only the beginning is shown; output.txt has all of it." in shown(message)
    assert "reply.txt" not in shown(message)


def test_files_keep_distinct_and_harmless_names():
    files = tuple(File(name, b"x") for name in ("a.csv", "a.csv", "../../etc/passwd", "\u202e", "x/y.txt"))
    message = render(Reply("x", files))
    names = [file.name for file in message.files]
    assert names == ["a.csv", "a-2.csv", "etc-passwd", "file", "x-y.txt"]
    assert "Sent by direct message: a.csv, a-2.csv" in shown(message)


def test_warnings_are_never_crowded_out():
    reply = Reply("x", (*(Text("x" * 3_000),) * 30, Warn("One region did not answer.")))
    message = render(reply)
    assert "One region did not answer." in shown(message)
    assert "Shortened for Slack." in shown(message)
    assert message.files[0].content.decode().count("x" * 3_000) == 30


def test_an_error_says_so_in_words():
    message = render(ERROR)
    assert message.text.startswith("Error: I know no cluster")
    assert "Error: I know no cluster" in shown(message)


def test_words_between_backticks_are_shown_as_code():
    message = render(Reply("x", (Text("Try `/pg help`."),)))
    spans = message.blocks[1]["elements"][0]["elements"]
    assert spans[1] == {"type": "text", "text": "/pg help", "style": {"code": True}}


def test_top_level_text_fits_into_an_ephemeral_message():
    message = render(Reply("日本語" * 2_000, (Text("<" * 5_000),)))
    assert len(message.text.encode()) <= limits.EPHEMERAL_TEXT_BYTES


def test_the_simplest_form_has_sections_only_and_everything_in_it():
    message = plain_message(CLUSTERS)
    assert set(kinds(message)) == {"section"}
    for words in ("orders-prod", "200", "es/vit did not answer", "&lt;!channel&gt;", "Share to channel"):
        assert words in shown(message)
    assert message.source is None


def test_the_simplest_form_sends_what_does_not_fit_as_a_file():
    message = plain_message(Reply("x", (Code("`" * 50_000), File("a.bin", b"1")), Audience.CHANNEL))
    assert [file.name for file in message.files] == ["a.bin", "reply.txt"]
    assert "Shortened for Slack." in shown(message)


def test_no_message_prints_the_reply_it_came_from():
    assert "source" not in repr(render(CLUSTERS))
