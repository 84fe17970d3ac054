"""The limits of Block Kit's blocks, and where each may stand. Source: Slack documentation, "Block Kit"."""

from typing import Any

from bot.demo.workspace.element_rules import (
    ACCESSORIES,
    ACTIONS,
    ELEMENTS,
    FEEDBACK,
    INPUTS,
    element,
)
from bot.demo.workspace.object_rules import has_image_source, plain, text
from bot.demo.workspace.refusal import Json
from bot.demo.workspace.shapes import (
    Check,
    Findings,
    all_of,
    anything,
    boolean,
    items,
    kinds,
    number,
    one_of,
    rule,
    shape,
    string,
)
from bot.demo.workspace.table_rules import DATA_VISUALIZATION, cells, data_table, table

MARKDOWN_CHARS = 12_000

_ID = {"block_id": string(255)}
_STYLE = {"style": anything}

_PARTS: dict[str, Check] = {
    "text": shape({"text": string(100_000)}, _STYLE),
    "link": shape({"url": string(3_000)}, {"text": string(100_000), "unsafe": boolean, **_STYLE}),
    "user": shape({"user_id": string(255)}, _STYLE),
    "usergroup": shape({"usergroup_id": string(255)}, _STYLE),
    "channel": shape({"channel_id": string(255)}, _STYLE),
    "emoji": shape({"name": string(255)}, {"unicode": string(255), "skin_tone": number(), **_STYLE}),
    "date": shape(
        {"timestamp": number(0), "format": string(1_000)},
        {"url": string(3_000), "fallback": string(1_000), **_STYLE},
    ),
    "color": shape({"value": string(255)}, _STYLE),
    "broadcast": shape({"range": one_of("here", "channel", "everyone")}, _STYLE),
    "team": shape({"team_id": string(255)}, _STYLE),
}
_MANY = 10_000

_INDENT = {"indent": number(0, 8), "offset": number(0), "border": number(0, 1)}
_SECTION = shape({"elements": items(kinds(_PARTS), _MANY, 0)})

_RICH: dict[str, Check] = {
    "rich_text_section": _SECTION,
    "rich_text_preformatted": shape(
        {"elements": items(kinds(_PARTS, ("text", "link")), _MANY)},
        {"border": number(0, 1), "language": string(50)},
    ),
    "rich_text_quote": shape({"elements": items(kinds(_PARTS), _MANY)}, {"border": number(0, 1)}),
    "rich_text_list": shape(
        {
            "elements": items(kinds({"rich_text_section": _SECTION}), _MANY),
            "style": one_of("bullet", "ordered"),
        },
        _INDENT,
    ),
}

RICH_TEXT = shape({"elements": items(kinds(_RICH), _MANY)}, _ID)
_CELL = cells(RICH_TEXT)


def _section_says_something(value: Json) -> str | None:
    return None if value.get("text") or value.get("fields") else "must define either `text` or `fields`"


def _markdown_total(found: Findings, pointer: str, value: Any) -> None:
    text_ = value.get("text") if isinstance(value, dict) else None
    if isinstance(text_, str) and found.count("markdown", len(text_)) > MARKDOWN_CHARS:
        found.add(
            pointer, f"the text of all markdown blocks must be less than {MARKDOWN_CHARS + 1} characters"
        )


_CONTEXT = kinds(
    {"image": ELEMENTS["image"], "plain_text": text(3_000), "mrkdwn": text(3_000)},
)
_TASK_STATES = ("pending", "in_progress", "complete", "error")


def _task(*states: str) -> Check:
    details = {"details": RICH_TEXT, "output": RICH_TEXT, "sources": anything}
    return shape(
        {"task_id": string(255), "title": string(256), "status": one_of(*states)}, {**details, **_ID}
    )


_CARD_TEXTS = {"title": text(150), "subtitle": text(150), "body": text(200), "subtext": text(200)}
_CARD = shape(
    {},
    {
        **_CARD_TEXTS,
        "actions": items(element(("button",)), 3),
        "icon": anything,
        "slack_icon": anything,
        "hero_image": anything,
        **_ID,
    },
)

BLOCKS: dict[str, Check] = {
    "section": all_of(
        shape(
            {},
            {
                "text": text(3_000),
                "fields": items(text(2_000), 10),
                "accessory": element(ACCESSORIES),
                "expand": boolean,
                **_ID,
            },
        ),
        rule(_section_says_something),
    ),
    "header": shape({"text": plain(150)}, {"level": number(1, 4), **_ID}),
    "divider": shape({}, _ID),
    "image": all_of(
        shape(
            {"alt_text": string(2_000)},
            {"image_url": string(3_000), "slack_file": anything, "title": plain(2_000), **_ID},
        ),
        rule(has_image_source),
    ),
    "context": shape({"elements": items(_CONTEXT, 10)}, _ID),
    "actions": shape({"elements": items(element(ACTIONS), 25)}, _ID),
    "context_actions": shape({"elements": items(element(FEEDBACK), 5)}, _ID),
    "input": shape(
        {"label": plain(2_000), "element": element(INPUTS)},
        {"hint": plain(2_000), "optional": boolean, "dispatch_action": boolean, **_ID},
    ),
    "markdown": all_of(shape({"text": string(MARKDOWN_CHARS)}, _ID), _markdown_total),
    "rich_text": RICH_TEXT,
    "table": table(_CELL),
    "data_table": data_table(_CELL),
    "data_visualization": DATA_VISUALIZATION,
    "plan": shape(
        {"title": string(256)}, {"tasks": items(kinds({"task_card": _task(*_TASK_STATES)}), 50), **_ID}
    ),
    "task_card": _task(*_TASK_STATES[1:]),
    "card": _CARD,
    "carousel": shape({"elements": items(kinds({"card": _CARD}), 10)}, _ID),
    "alert": shape(
        {"text": text(200)}, {"level": one_of("default", "info", "warning", "error", "success"), **_ID}
    ),
    "video": shape(
        {
            "alt_text": string(2_000),
            "title": plain(199),
            "thumbnail_url": string(3_000),
            "video_url": string(3_000),
        },
        {
            "title_url": string(3_000),
            "description": plain(200),
            "author_name": string(49),
            "provider_name": string(255),
            "provider_icon_url": string(3_000),
            **_ID,
        },
    ),
    "file": shape({"external_id": string(255), "source": one_of("remote")}, _ID),
}
"""Every block that the stand-in knows, with its limits. `container` is added below: it holds the others."""

_CONTAINED = (
    "actions",
    "context",
    "divider",
    "file",
    "header",
    "image",
    "input",
    "rich_text",
    "section",
    "table",
    "video",
)

BLOCKS["container"] = shape(
    {"child_blocks": items(kinds(BLOCKS, _CONTAINED), 10)},
    {
        "title": plain(150),
        "subtitle": plain(150),
        "width": one_of("narrow", "standard", "wide", "full"),
        "is_collapsible": boolean,
        "default_collapsed": boolean,
        "icon": anything,
        **_ID,
    },
)

_MESSAGE_ONLY = {"markdown", "data_visualization", "plan", "task_card", "context_actions"}
_NOT_IN_MODALS = {"table", "data_table", "container", "carousel"}

SURFACES: dict[str, tuple[str, ...]] = {
    "message": tuple(name for name in BLOCKS if name != "alert"),
    "modal": tuple(name for name in BLOCKS if name not in _MESSAGE_ONLY | _NOT_IN_MODALS),
    "home": tuple(name for name in BLOCKS if name not in _MESSAGE_ONLY | {"alert"}),
}
"""Which blocks may stand where."""
