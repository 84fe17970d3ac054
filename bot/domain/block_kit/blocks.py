"""The shapes of Block Kit's blocks, the surfaces that take them, and views (Slack docs, "Block Kit")."""

from enum import StrEnum, auto
from typing import Any

from bot.domain.block_kit import slack_limits as limits
from bot.domain.block_kit.checks import (
    BlockProblem,
    Check,
    Place,
    Problems,
    accept,
    anything,
    array,
    boolean,
    number,
    one_of,
    shape,
    string,
    typed,
    when_valid,
)
from bot.domain.block_kit.elements import (
    ACCESSORY,
    ACTION_ELEMENT,
    ELEMENTS,
    FEEDBACK_ELEMENT,
    IDENTIFIER,
    IMAGE_ALT_TEXT,
    IMAGE_SOURCE,
    INPUT_ELEMENT,
    ONE_IMAGE_SOURCE,
    plain,
    text_object,
)

_ID = {"block_id": IDENTIFIER}
_IMAGE = typed({"image": ELEMENTS["image"]})

# Rich text. Slack documents no limits here; these keep a typing error from passing.
_MANY = 10_000
_URL = string(3_000)
_LONG = string(100_000, may_be_blank=True)
_FORMATS = ("bold", "italic", "strike", "underline", "code", "highlight", "client_highlight", "unlink")
_STYLE = {"style": shape({}, dict.fromkeys(_FORMATS, boolean))}
_DATE_TEXT = string(1_000, may_be_blank=True)

_SPANS: dict[str, Check] = {
    "text": shape({"text": _LONG}, _STYLE),
    "link": shape({"url": _URL}, {"text": _LONG, "unsafe": boolean, **_STYLE}),
    "user": shape({"user_id": IDENTIFIER}, _STYLE),
    "usergroup": shape({"usergroup_id": IDENTIFIER}, _STYLE),
    "channel": shape({"channel_id": IDENTIFIER}, _STYLE),
    "team": shape({"team_id": IDENTIFIER}, _STYLE),
    "emoji": shape({"name": IDENTIFIER}, {"unicode": IDENTIFIER, "skin_tone": number(), **_STYLE}),
    "date": shape(
        {"timestamp": number(0), "format": _DATE_TEXT}, {"url": _URL, "fallback": _DATE_TEXT, **_STYLE}
    ),
    "color": shape({"value": IDENTIFIER}, _STYLE),
    "broadcast": shape({"range": one_of("here", "channel", "everyone")}, _STYLE),
}
_BORDER = {"border": number(0, 1)}
_RICH_SECTION = shape({"elements": array(typed(_SPANS), _MANY)})
_RICH: dict[str, Check] = {
    "rich_text_section": _RICH_SECTION,
    "rich_text_preformatted": shape(
        {"elements": array(typed(_SPANS, "text", "link"), _MANY)}, {**_BORDER, "language": string(50)}
    ),
    "rich_text_quote": shape({"elements": array(typed(_SPANS), _MANY)}, _BORDER),
    "rich_text_list": shape(
        {
            "elements": array(typed({"rich_text_section": _RICH_SECTION}), _MANY),
            "style": one_of("bullet", "ordered"),
        },
        {**_BORDER, "indent": number(0, 8), "offset": number(0)},
    ),
}
_RICH_TEXT = shape({"elements": array(typed(_RICH), _MANY)}, _ID)

# Tables
_CELLS: dict[str, Check] = {
    "raw_text": shape({"text": string(100_000)}),
    "raw_number": shape({"value": number(whole=False), "text": string(100_000)}),
    "rich_text": _RICH_TEXT,
}
_COLUMN = shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})


def _has_even_rows(value: Any, place: Place) -> Problems:
    for index, row in enumerate(value["rows"]):
        if len(row) != len(value["rows"][0]):
            yield BlockProblem((*place, "rows", index), "all rows must have the same number of cells")


def _has_plain_header(value: Any, place: Place) -> Problems:
    for column, cell in enumerate(value["rows"][0]):
        if cell["type"] == "rich_text":
            words = "rich_text is not allowed in the header row"
            yield BlockProblem((*place, "rows", 0, column), words)


def _has_header_column(value: Any, place: Place) -> Problems:
    if value.get("row_header_column_index", 0) >= len(value["rows"][0]):
        words = "row_header_column_index must be one of the columns"
        yield BlockProblem((*place, "row_header_column_index"), words)


def _rows(most: int, least: int = 1) -> dict[str, Check]:
    return {"rows": array(array(typed(_CELLS), limits.TABLE_COLUMNS), most, least)}


# Charts
_LABEL = string(limits.CHART_LABEL)
_POINT = shape({"label": _LABEL, "value": number(whole=False)})
_SERIES = shape({"name": _LABEL, "data": array(_POINT, limits.CHART_POINTS)})
_AXES = shape(
    {"categories": array(_LABEL, limits.CHART_POINTS)},
    {"x_label": string(limits.CHART_TITLE), "y_label": string(limits.CHART_TITLE)},
)


def _has_positive_segments(value: Any, place: Place) -> Problems:
    for index, segment in enumerate(value["segments"]):
        if segment["value"] <= 0:
            yield BlockProblem((*place, "segments", index, "value"), "pie segments must be greater than 0")


def _has_every_category(value: Any, place: Place) -> Problems:
    names = [series["name"] for series in value["series"]]
    categories = sorted(value["axis_config"]["categories"])
    if len(set(names)) != len(names):
        yield BlockProblem((*place, "series"), "series names must be unique")
    if len(set(categories)) != len(categories):
        yield BlockProblem((*place, "axis_config", "categories"), "categories must be unique")
    for index, series in enumerate(value["series"]):
        if sorted(point["label"] for point in series["data"]) != categories:
            words = "every category must be present in every series"
            yield BlockProblem((*place, "series", index), words)


_PLOT = when_valid(
    shape({"series": array(_SERIES, limits.CHART_SERIES), "axis_config": _AXES}), _has_every_category
)
_CHART: dict[str, Check] = {
    "pie": when_valid(shape({"segments": array(_POINT, limits.CHART_SERIES)}), _has_positive_segments),
    **dict.fromkeys(("bar", "area", "line"), _PLOT),
}


def _block(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    return shape(required, {**_ID, **(optional or {})})


_STATES = ("pending", "in_progress", "complete", "error")


def _task(*states: str) -> Check:
    details = typed({"rich_text": _RICH_TEXT})
    return _block(
        {"task_id": IDENTIFIER, "title": string(limits.TASK_TITLE), "status": one_of(*states)},
        {"details": details, "output": details, "sources": anything},
    )


_CARD = _block(
    {},
    {
        **dict.fromkeys(("title", "subtitle"), text_object(limits.CARD_TITLE)),
        **dict.fromkeys(("body", "subtext"), text_object(limits.CARD_BODY)),
        **dict.fromkeys(("icon", "hero_image"), _IMAGE),
        "slack_icon": anything,
        "actions": array(typed(ELEMENTS, "button"), limits.CARD_BUTTONS),
    },
)
_TEXT = text_object(limits.TEXT_OBJECT)
_CONTEXT = {"image": ELEMENTS["image"], "plain_text": _TEXT, "mrkdwn": _TEXT}

BLOCKS: dict[str, Check] = {
    "actions": _block({"elements": array(ACTION_ELEMENT, limits.ACTIONS_ELEMENTS)}),
    "alert": _block(
        {"text": text_object(limits.ALERT_TEXT)},
        {"level": one_of("default", "info", "warning", "error", "success")},
    ),
    "card": _CARD,
    "carousel": _block({"elements": array(typed({"card": _CARD}), limits.CAROUSEL_CARDS)}),
    "context": _block({"elements": array(typed(_CONTEXT), limits.CONTEXT_ELEMENTS)}),
    "context_actions": _block({"elements": array(FEEDBACK_ELEMENT, limits.CONTEXT_ACTIONS)}),
    "data_table": when_valid(
        _block(
            {"caption": string(limits.TABLE_CAPTION), **_rows(limits.DATA_TABLE_ROWS, 2)},
            {
                "page_size": number(1, limits.DATA_TABLE_PAGE),
                "row_header_column_index": number(0, limits.TABLE_COLUMNS - 1),
            },
        ),
        _has_even_rows,
        _has_plain_header,
        _has_header_column,
    ),
    "data_visualization": _block({"title": string(limits.CHART_TITLE), "chart": typed(_CHART)}),
    "divider": _block({}),
    "file": _block({"external_id": IDENTIFIER, "source": one_of("remote")}),
    "header": _block({"text": plain(limits.HEADER_TEXT)}, {"level": number(1, limits.HEADER_LEVEL)}),
    "image": when_valid(
        _block(IMAGE_ALT_TEXT, {**IMAGE_SOURCE, "title": plain(limits.IMAGE_TEXT)}), ONE_IMAGE_SOURCE
    ),
    "input": _block(
        {"label": plain(limits.INPUT_TEXT), "element": INPUT_ELEMENT},
        {"hint": plain(limits.INPUT_TEXT), "optional": boolean, "dispatch_action": boolean},
    ),
    "markdown": _block({"text": string(limits.MARKDOWN_TEXT)}),
    "plan": _block(
        {"title": string(limits.TASK_TITLE)},
        {"tasks": array(typed({"task_card": _task(*_STATES)}), limits.MESSAGE_BLOCKS)},
    ),
    "rich_text": _RICH_TEXT,
    "section": when_valid(
        _block(
            {},
            {
                "text": _TEXT,
                "fields": array(text_object(limits.SECTION_FIELD), limits.SECTION_FIELDS),
                "accessory": ACCESSORY,
                "expand": boolean,
            },
        ),
        accept(
            lambda value: bool(value.get("text") or value.get("fields")),
            "must define either `text` or `fields`",
        ),
    ),
    "table": when_valid(
        _block(_rows(limits.TABLE_ROWS), {"column_settings": array(_COLUMN, limits.TABLE_COLUMNS, 0)}),
        _has_even_rows,
    ),
    "task_card": _task(*_STATES[1:]),
    "video": _block(
        {
            **IMAGE_ALT_TEXT,
            "title": plain(limits.VIDEO_TITLE),
            "thumbnail_url": string(limits.IMAGE_URL),
            "video_url": string(limits.IMAGE_URL),
        },
        {
            **dict.fromkeys(("title_url", "provider_icon_url"), string(limits.IMAGE_URL)),
            "description": plain(limits.VIDEO_DESCRIPTION),
            "author_name": string(limits.VIDEO_AUTHOR),
            "provider_name": IDENTIFIER,
        },
    ),
}
"""Every block but `call` and those for signing in, which neither the bot nor the simulator uses."""

_CONTAINED = (
    *("actions", "context", "divider", "file", "header", "image", "input", "rich_text", "section", "table"),
    "video",
)
BLOCKS["container"] = _block(
    {"child_blocks": array(typed(BLOCKS, *_CONTAINED), limits.CONTAINER_BLOCKS)},
    {
        **dict.fromkeys(("title", "subtitle"), plain(limits.CONTAINER_TITLE)),
        **dict.fromkeys(("is_collapsible", "default_collapsed"), boolean),
        "width": one_of("narrow", "standard", "wide", "full"),
        "icon": anything,
    },
)


class Surface(StrEnum):
    """A place where Slack shows blocks."""

    MESSAGE = auto()
    MODAL = auto()
    HOME = auto()


_MESSAGE_ONLY = {"markdown", "data_visualization", "plan", "task_card", "context_actions"}
_NOT_ON = {
    Surface.MESSAGE: {"alert"},
    Surface.MODAL: _MESSAGE_ONLY | {"table", "data_table", "container", "carousel"},
    Surface.HOME: _MESSAGE_ONLY | {"alert"},
}

BLOCKS_ON: dict[Surface, Check] = {
    surface: array(
        typed(BLOCKS, *(BLOCKS.keys() - unfit)),
        limits.MESSAGE_BLOCKS if surface is Surface.MESSAGE else limits.VIEW_BLOCKS,
        0,
    )
    for surface, unfit in _NOT_ON.items()
}
"""The blocks of a message or view, by surface."""

_VIEW: dict[str, Check] = {
    **dict.fromkeys(("title", "submit", "close"), plain(limits.VIEW_TITLE)),
    **dict.fromkeys(("clear_on_close", "notify_on_close", "submit_disabled"), boolean),
    **dict.fromkeys(("callback_id", "external_id"), string(limits.IDENTIFIER, 0)),
    "private_metadata": string(limits.PRIVATE_METADATA, 0),
}


def _has_submit_button(view: Any, place: Place) -> Problems:
    if "submit" not in view and any(block["type"] == "input" for block in view["blocks"]):
        words = "must be defined when an input block is used within the blocks array"
        yield BlockProblem((*place, "submit"), words)


VIEWS: dict[str, Check] = {
    Surface.HOME: shape({"blocks": BLOCKS_ON[Surface.HOME]}, _VIEW),
    Surface.MODAL: when_valid(
        shape({"blocks": BLOCKS_ON[Surface.MODAL], "title": _VIEW["title"]}, _VIEW), _has_submit_button
    ),
}
"""A modal or Home page by its `type`."""
