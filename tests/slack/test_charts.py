"""Charts: Slack's own block within its limits, lines of bars where it takes none."""

import math

import pytest

from bot.demo.workspace.validator import check_message
from bot.domain.reply import Chart, Reply
from bot.domain.reply_text import render_plain, summarize
from bot.slack.message_budget import message_problems
from bot.slack.message_renderer import render

PENDING = Chart("Still on v1", "line", ("20 Nov", "21 Nov", "22 Nov"), (("pending", (8, 4, 0)),))


def blocks(*charts):
    message = render(Reply("History", charts))
    assert message_problems(message.payload()) == []
    check_message([dict(block) for block in message.blocks])
    return [block for block in message.blocks if block["type"] != "header"]


def test_in_the_terminal_it_is_a_line_of_bars_with_its_first_and_last_number():
    assert render_plain(Reply("History", (PENDING,))) == (
        "History\n\nStill on v1 (20 Nov to 22 Nov)\npending  █▅▁  8 → 0\n"
    )
    assert "pending  █▅▁  8 → 0" in summarize(Reply("History", (PENDING,)))


def test_in_slack_it_is_slacks_own_chart():
    (block,) = blocks(PENDING)

    assert block["type"] == "data_visualization"
    assert block["title"] == "Still on v1"
    assert block["chart"]["type"] == "line"
    assert block["chart"]["axis_config"] == {"categories": ["20 Nov", "21 Nov", "22 Nov"]}
    assert [point["value"] for point in block["chart"]["series"][0]["data"]] == [8, 4, 0]


def test_more_points_than_slack_takes_are_thinned_out_and_the_ends_stay():
    labels = tuple(f"day {number}" for number in range(90))
    (block,) = blocks(Chart("Long", "area", labels, (("pending", tuple(range(90))),)))

    values = [point["value"] for point in block["chart"]["series"][0]["data"]]
    assert len(values) == 20
    assert (values[0], values[-1]) == (0, 89)
    assert values == sorted(values)


def test_labels_and_names_that_are_alike_when_shortened_stay_apart():
    labels = ("a" * 30, "a" * 31, "", "")
    (block,) = blocks(Chart("", "bar", labels, (("x", (1, 2, 3, 4)), ("x", (4, 3, 2, 1)))))

    names = [one["name"] for one in block["chart"]["series"]]
    categories = block["chart"]["axis_config"]["categories"]
    assert len(set(names)) == 2
    assert len(set(categories)) == 4
    assert block["title"] == "Chart"


@pytest.mark.parametrize(
    "chart",
    [
        Chart("Empty", "line", (), ()),
        Chart("No number", "line", ("a",), (("x", (math.nan,)),)),
        Chart("Too short", "line", ("a", "b"), (("x", ()),)),
    ],
)
def test_what_cannot_be_drawn_is_written(chart):
    (block,) = blocks(chart)

    assert block["type"] == "rich_text"
    assert chart.caption in block["elements"][0]["elements"][0]["text"]


def test_a_third_chart_is_written_since_slack_takes_two():
    kinds = [block["type"] for block in blocks(PENDING, PENDING, PENDING)]

    assert kinds == ["data_visualization", "data_visualization", "rich_text"]
