"""The shapes of the blocks that Slack added between August 2025 and June 2026: tables, charts, cards."""

from collections.abc import Iterator
from typing import Any

from bot.slack.block_kit import sizes
from bot.slack.block_kit.blocks import BASIC, ELEMENTS, rich_text, rich_text_only, text_object
from bot.slack.block_kit.checks import (
    Check,
    Problem,
    array,
    boolean,
    every,
    literal,
    number,
    shape,
    string,
    typed,
    word,
)

_id = string(sizes.IDENTIFIER)
_CELLS: dict[str, Check] = {
    "raw_text": shape({"text": string()}),
    "raw_number": shape({"value": number(), "text": string()}),
    "rich_text": rich_text,
}


def _rows(cells: Check, most: int, least: int) -> Check:
    return every(array(array(cells, sizes.TABLE_COLUMNS), most, least), _as_long_as_the_first)


def _as_long_as_the_first(value: Any, path: str) -> Iterator[Problem]:
    if not isinstance(value, list | tuple) or not all(isinstance(row, list | tuple) for row in value):
        return
    for index, row in enumerate(value):
        if len(row) != len(value[0]):
            yield Problem(f"{path}[{index}]", f"{len(row)} cells, the first row has {len(value[0])}")


def _header_without_rich_text(value: Any, path: str) -> Iterator[Problem]:
    rows = value.get("rows") or [[]]
    yield from array(typed(_CELLS, "raw_text", "raw_number"))(rows[0], f"{path}.rows[0]")


def _row_header_is_a_column(value: Any, path: str) -> Iterator[Problem]:
    rows = value.get("rows") or [[]]
    index = value.get("row_header_column_index", 0)
    if isinstance(index, int) and isinstance(rows[0], list | tuple) and not 0 <= index < len(rows[0]):
        yield Problem(f"{path}.row_header_column_index", "no such column")


_label = string(sizes.CHART_LABEL)
_points = array(shape({"label": _label, "value": number()}), sizes.CHART_POINTS)
_axes = shape(
    {"categories": array(_label, sizes.CHART_POINTS)},
    {"x_label": string(sizes.CHART_TITLE), "y_label": string(sizes.CHART_TITLE)},
)
_series = array(shape({"name": _label, "data": _points}), sizes.CHART_SERIES)


def _same_categories_everywhere(value: Any, path: str) -> Iterator[Problem]:
    try:
        series = [(one["name"], [point["label"] for point in one["data"]]) for one in value["series"]]
        categories = list(value["axis_config"]["categories"])
    except (KeyError, TypeError):
        return  # the shape says what is missing
    if len(set(map(str, categories))) != len(categories):
        yield Problem(f"{path}.axis_config.categories", "a category twice")
    if len({name for name, _ in series}) != len(series):
        yield Problem(f"{path}.series", "two series of one name")
    for index, (_, labels) in enumerate(series):
        if sorted(labels) != sorted(categories):
            yield Problem(f"{path}.series[{index}]", "not one point for every category")


def _positive_segments(value: Any, path: str) -> Iterator[Problem]:
    for index, segment in enumerate(value.get("segments") or ()):
        size = segment.get("value") if isinstance(segment, dict) else None
        if isinstance(size, int | float) and size <= 0:
            yield Problem(f"{path}.segments[{index}].value", "a pie has only positive segments")


_plot = every(shape({"series": _series, "axis_config": _axes}), _same_categories_everywhere)
_pie = every(
    shape({"segments": array(shape({"label": _label, "value": number()}), sizes.CHART_SERIES)}),
    _positive_segments,
)
_chart = typed({"pie": _pie, "bar": _plot, "area": _plot, "line": _plot})

_table = shape(
    {"rows": _rows(typed(_CELLS), sizes.TABLE_ROWS, 1)},
    {
        "block_id": _id,
        "column_settings": array(
            shape({}, {"align": word("left", "center", "right"), "is_wrapped": boolean}), sizes.TABLE_COLUMNS
        ),
    },
)
_data_table = every(
    shape(
        {"caption": string(), "rows": _rows(typed(_CELLS), sizes.DATA_TABLE_ROWS, 2)},
        {
            "block_id": _id,
            "page_size": number(1, sizes.DATA_TABLE_PAGE),
            "row_header_column_index": number(0),
        },
    ),
    _header_without_rich_text,
    _row_header_is_a_column,
)
_card = shape(
    {},
    {
        "block_id": _id,
        "hero_image": typed({"image": ELEMENTS["image"]}),
        "icon": typed({"image": ELEMENTS["image"]}),
        "title": text_object(sizes.CARD_TITLE),
        "subtitle": text_object(sizes.CARD_TITLE),
        "body": text_object(sizes.CARD_BODY),
        "subtext": text_object(sizes.CARD_BODY),
        "actions": array(typed(ELEMENTS, "button"), sizes.CARD_BUTTONS),
    },
)


_feedback = shape(
    {"text": text_object(sizes.LABEL, "plain_text"), "value": string(sizes.BUTTON_VALUE)},
    {"accessibility_label": string(sizes.LABEL)},
)
_ABOUT_A_MESSAGE: dict[str, Check] = {
    "icon_button": shape(
        {"icon": literal, "text": text_object(sizes.LABEL, "plain_text")},
        {
            "action_id": _id,
            "value": string(sizes.BUTTON_VALUE),
            "accessibility_label": string(sizes.LABEL),
            "visible_to_user_ids": array(literal),
        },
    ),
    "feedback_buttons": shape(
        {"positive_button": _feedback, "negative_button": _feedback}, {"action_id": _id}
    ),
}


def _task(*statuses: str) -> Check:
    return shape(
        {"task_id": literal, "title": literal, "status": word(*statuses)},
        {"block_id": _id, "details": rich_text_only, "output": rich_text_only},
    )


_STARTED = ("in_progress", "complete", "error")
_IN_CONTAINER = ("actions", "context", "divider", "file", "header", "image", "input", "rich_text", "section")

NEW: dict[str, Check] = {
    "table": _table,
    "data_table": _data_table,
    "data_visualization": shape({"title": string(sizes.CHART_TITLE), "chart": _chart}, {"block_id": _id}),
    "markdown": shape({"text": string(sizes.MARKDOWN_TEXT)}, {"block_id": _id}),
    "container": shape(
        {
            "child_blocks": array(
                typed({**BASIC, "table": _table}, *_IN_CONTAINER, "table"), sizes.CONTAINER_BLOCKS
            )
        },
        {
            "block_id": _id,
            "title": text_object(sizes.CONTAINER_TITLE),
            "subtitle": text_object(sizes.CONTAINER_TITLE),
            "width": word("narrow", "standard", "wide", "full"),
            "is_collapsible": boolean,
            "default_collapsed": boolean,
        },
    ),
    "card": _card,
    "carousel": shape({"elements": array(typed({"card": _card}), sizes.CAROUSEL_CARDS)}, {"block_id": _id}),
    "plan": shape(
        {"title": literal},
        {
            "block_id": _id,
            "tasks": array(typed({"task_card": _task("pending", *_STARTED)}), sizes.MESSAGE_BLOCKS),
        },
    ),
    "task_card": _task(*_STARTED),
    "alert": shape(
        {"text": text_object(sizes.ALERT_TEXT)},
        {"block_id": _id, "level": word("default", "info", "warning", "error", "success")},
    ),
    "context_actions": shape(
        {"elements": array(typed(_ABOUT_A_MESSAGE), sizes.CONTEXT_ACTIONS)}, {"block_id": _id}
    ),
}
