"""The validator finds what Slack would refuse, and nothing in what Slack takes."""

import pytest

from bot.domain.block_kit import slack_limits as limits
from bot.domain.block_kit.validation import view_problems
from bot.slack.message_budget import message_problems

BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "go", "value": "x"}
OPTION = {"text": {"type": "plain_text", "text": "One"}, "value": "1"}


def plain(text):
    return {"type": "plain_text", "text": text}


def section(text="words"):
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def cells(*texts):
    return [{"type": "raw_text", "text": text} for text in texts]


def data_table(rows=None, **more):
    return {"type": "data_table", "caption": "c", "rows": rows or [cells("a"), cells("b")], **more}


def actions(*elements):
    return {"type": "actions", "elements": list(elements)}


def rich(*parts):
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(parts)}]}


def chart(kind="bar", **more):
    series = [{"name": "s", "data": [{"label": "a", "value": 1}]}]
    plot = {"type": kind, "series": series, "axis_config": {"categories": ["a"]}, **more}
    return {"type": "data_visualization", "title": "t", "chart": plot}


def pie(*values):
    segments = [{"label": f"s{n}", "value": value} for n, value in enumerate(values)]
    return {"type": "data_visualization", "title": "t", "chart": {"type": "pie", "segments": segments}}


def message(*blocks, text="words"):
    return {"text": text, "blocks": list(blocks)}


def modal(*blocks, **more):
    return {"type": "modal", "title": plain("Title"), "blocks": list(blocks), **more}


TAKEN = {
    "a section": section("x" * 3_000),
    "fields": {"type": "section", "fields": [plain("x" * 1_000)] * 10},
    "a header": {"type": "header", "text": plain("x" * 150)},
    "a context": {"type": "context", "elements": [plain("x")] * 10},
    "buttons": actions(*({**BUTTON, "action_id": f"run:{n}"} for n in range(25))),
    "a select": actions({"type": "static_select", "action_id": "s", "options": [OPTION] * 100}),
    "groups": actions(
        {"type": "static_select", "option_groups": [{"label": plain("g"), "options": [OPTION]}]}
    ),
    "rich text": rich({"type": "text", "text": " ", "style": {"bold": True}}, {"type": "emoji", "name": "x"}),
    "a data table": data_table([cells("a", "b")] * 201, page_size=100, row_header_column_index=1),
    "a table": {"type": "table", "rows": [cells("a")] * 100, "column_settings": [{"align": "right"}]},
    "a chart": chart(),
    "a pie": pie(1, 2.5),
    "markdown": {"type": "markdown", "text": "x" * 12_000},
    "an image": {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a"},
    "a plan": {
        "type": "plan",
        "title": "t",
        "tasks": [{"type": "task_card", "task_id": "1", "title": "t", "status": "pending"}],
    },
    "a container": {"type": "container", "title": plain("t"), "child_blocks": [section()]},
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_slack_takes_has_no_problems(name):
    assert message_problems(message(TAKEN[name])) == []


REFUSED = {
    "no type": ({"text": "x"}, "blocks[0]"),
    "an unknown block": ({"type": "banner"}, "blocks[0]"),
    "an alert in a message": ({"type": "alert", "text": plain("x")}, "blocks[0]"),
    "an unknown key": ({**section(), "colour": "red"}, "blocks[0].colour"),
    "an empty section": ({"type": "section"}, "blocks[0]"),
    "a long section": (section("x" * 3_001), "blocks[0].text.text"),
    "blank text": (section(" \n"), "blocks[0].text.text"),
    "eleven fields": ({"type": "section", "fields": [plain("x")] * 11}, "blocks[0].fields"),
    "a long field": ({"type": "section", "fields": [plain("x" * 2_001)]}, "blocks[0].fields[0].text"),
    "a long header": ({"type": "header", "text": plain("x" * 151)}, "blocks[0].text.text"),
    "a header in mrkdwn": ({"type": "header", "text": section()["text"]}, "blocks[0].text"),
    "emoji in mrkdwn": (
        {"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}},
        "blocks[0].text.emoji",
    ),
    "eleven in a context": ({"type": "context", "elements": [plain("x")] * 11}, "blocks[0].elements"),
    "a button in a context": ({"type": "context", "elements": [BUTTON]}, "blocks[0].elements[0]"),
    "no buttons": (actions(), "blocks[0].elements"),
    "26 buttons": (
        actions(*({**BUTTON, "action_id": f"run:{n}"} for n in range(26))),
        "blocks[0].elements",
    ),
    "two of one action_id": (actions(BUTTON, BUTTON), "blocks[0]"),
    "a long label": (actions({**BUTTON, "text": plain("x" * 76)}), "blocks[0].elements[0].text.text"),
    "a long value": (actions({**BUTTON, "value": "x" * 2_001}), "blocks[0].elements[0].value"),
    "a long action_id": (actions({**BUTTON, "action_id": "x" * 256}), "blocks[0].elements[0].action_id"),
    "a style of its own": (actions({**BUTTON, "style": "green"}), "blocks[0].elements[0].style"),
    "a long confirm": (
        actions(
            {
                **BUTTON,
                "confirm": {
                    "title": plain("x" * 101),
                    "text": plain("x"),
                    "confirm": plain("x"),
                    "deny": plain("x"),
                },
            }
        ),
        "blocks[0].elements[0].confirm.title.text",
    ),
    "101 options": (
        actions({"type": "static_select", "options": [OPTION] * 101}),
        "blocks[0].elements[0].options",
    ),
    "neither options nor groups": (actions({"type": "static_select"}), "blocks[0].elements[0]"),
    "six in an overflow": (
        actions({"type": "overflow", "options": [OPTION] * 6}),
        "blocks[0].elements[0].options",
    ),
    "an image without source": ({"type": "image", "alt_text": "a"}, "blocks[0]"),
    "a long block_id": ({**section(), "block_id": "x" * 256}, "blocks[0].block_id"),
    "empty rich text": (rich(), "blocks[0].elements[0].elements"),
    "an empty span": (rich({"type": "text", "text": ""}), "blocks[0].elements[0].elements[0].text"),
    "a table without caption": (
        {"type": "data_table", "rows": [cells("a"), cells("b")]},
        "blocks[0].caption",
    ),
    "a header row only": (data_table([cells("a")]), "blocks[0].rows"),
    "202 rows": (data_table([cells("a")] * 202), "blocks[0].rows"),
    "21 columns": (data_table([cells(*"abcdefghijklmnopqrstu")] * 2), "blocks[0].rows[0]"),
    "a ragged row": (data_table([cells("a", "b"), cells("c")]), "blocks[0].rows[1]"),
    "an empty cell": (data_table([cells("a"), cells("")]), "blocks[0].rows[1][0].text"),
    "rich text in the header": (
        data_table([[rich({"type": "text", "text": "a"})], cells("b")]),
        "blocks[0].rows[0][0]",
    ),
    "a number without text": (
        data_table([cells("a"), [{"type": "raw_number", "value": 1}]]),
        "blocks[0].rows[1][0].text",
    ),
    "a page of none": (data_table(page_size=0), "blocks[0].page_size"),
    "a row header elsewhere": (data_table(row_header_column_index=1), "blocks[0].row_header_column_index"),
    "101 rows of a table": ({"type": "table", "rows": [cells("a")] * 101}, "blocks[0].rows"),
    "a pie with nothing": (pie(1, 0), "blocks[0].chart.segments[1].value"),
    "thirteen segments": (pie(*range(1, 14)), "blocks[0].chart.segments"),
    "another category": (chart(axis_config={"categories": ["b"]}), "blocks[0].chart.series[0]"),
    "eleven in a container": (
        {"type": "container", "child_blocks": [section()] * 11},
        "blocks[0].child_blocks",
    ),
    "a data table in a container": (
        {"type": "container", "child_blocks": [data_table()]},
        "blocks[0].child_blocks[0]",
    ),
    "a status of its own": (
        {"type": "task_card", "task_id": "1", "title": "t", "status": "pending"},
        "blocks[0].status",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_each_refusal_is_named_with_its_place(name):
    block, path = REFUSED[name]
    assert path in [problem.path for problem in message_problems(message(block))]


SUMS = {
    "51 blocks": ([section()] * 51, "invalid_blocks"),
    "two of one block_id": ([{**section(), "block_id": "b"}] * 2, "invalid_blocks"),
    "text over all blocks": ([section("x" * 2_700)] * 5, "msg_blocks_too_long"),
    "entities counted as such": (
        [rich({"type": "text", "text": "&" * 2_700})],
        "msg_blocks_too_long",
    ),
    "tables over the message": (
        [data_table([cells("h"), cells("x" * 10_001)]), data_table([cells("h"), cells("x" * 10_000)])],
        "invalid_blocks",
    ),
    "old tables over the message": (
        [{"type": "table", "rows": [cells("x" * 10_001)]}],
        "invalid_blocks",
    ),
    "two old tables": ([{"type": "table", "rows": [cells("a")]}] * 2, "only_one_table_allowed"),
    "three charts": ([chart()] * 3, "invalid_blocks"),
    "markdown over the message": ([{"type": "markdown", "text": "x" * 6_001}] * 2, "invalid_blocks"),
}


@pytest.mark.parametrize("name", SUMS)
def test_sums_over_a_message(name):
    blocks, code = SUMS[name]
    assert code in [problem.code for problem in message_problems(message(*blocks))]


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "no_text"), (" ", "no_text"), ("x" * 4_001, "msg_too_long"), ("é" * 2_001, "msg_too_long")],
)
def test_top_level_text_fits_every_posting_method(text, code):
    assert [problem.code for problem in message_problems(message(text=text))] == [code]


def test_a_modal_has_limits_of_its_own():
    block = {"type": "input", "label": plain("Name"), "element": {"type": "plain_text_input"}}
    assert view_problems(modal(block, submit=plain("Save"))) == []
    assert [str(problem) for problem in view_problems(modal(block))] == [
        "view.submit: must be defined when an input block is used within the blocks array (invalid_blocks)"
    ]
    too_long = modal(section(), title=plain("x" * 25), private_metadata="x" * 3_001)
    assert {problem.path for problem in view_problems(too_long)} == {
        "view.title.text",
        "view.private_metadata",
    }
    assert view_problems(modal(*[section()] * 100)) == []
    assert view_problems(modal(*[section()] * 101))[0].path == "view.blocks"
    assert view_problems(modal(data_table()))[0].path == "view.blocks[0]"
    assert view_problems(modal({"type": "alert", "text": plain("x" * 200)})) == []


def test_home_takes_tables_and_no_charts():
    assert view_problems({"type": "home", "blocks": [data_table()]}) == []
    assert view_problems({"type": "home", "blocks": [chart()]})[0].path == "view.blocks[0]"


def test_every_limit_names_its_source():
    found = [value for value in vars(limits).values() if isinstance(value, limits.SlackLimit)]
    assert len(found) > 40
    assert all(limit > 0 and limit.source for limit in found)
