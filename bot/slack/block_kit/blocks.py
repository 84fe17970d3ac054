"""The shape of every Block Kit block and element that we know, as checks over plain dicts."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.slack.block_kit import sizes
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
_NUMERAL = re.compile(r"-?\d+(\.\d+)?")


def text_object(most: int, *kinds: str) -> Check:
    """A text object of at most `most` characters; without `kinds`, either of the two there are."""
    texts = {
        "plain_text": shape({"text": string(most)}, {"emoji": boolean}),
        "mrkdwn": shape({"text": string(most)}, {"verbatim": boolean}),
    }
    return typed(texts, *kinds)


def _plain(most: int) -> Check:
    return text_object(most, "plain_text")


_confirm = shape(
    {
        "title": _plain(sizes.CONFIRM_TITLE),
        "text": text_object(sizes.CONFIRM_TEXT),
        "confirm": _plain(sizes.CONFIRM_BUTTON),
        "deny": _plain(sizes.CONFIRM_BUTTON),
    },
    {"style": word("primary", "danger")},
)
_option = shape(
    {"text": text_object(sizes.LABEL), "value": string(sizes.OPTION_VALUE)},
    {"description": text_object(sizes.LABEL), "url": string(sizes.BUTTON_URL)},
)
_options = array(_option, sizes.OPTIONS)
_groups = array(shape({"label": _plain(sizes.LABEL), "options": _options}), sizes.OPTIONS)


def _either_options_or_groups(value: Any, path: str) -> Iterator[Problem]:
    if ("options" in value) == ("option_groups" in value):
        yield Problem(path, "needs either options or option_groups")


def _starts_with_its_own(value: Any, path: str) -> Iterator[Problem]:
    """What a menu begins with is one of its options, by value and text."""
    groups = [value, *(group for group in _some(value.get("option_groups")) if isinstance(group, Mapping))]
    own = [option for group in groups for option in _some(group.get("options"))]
    first = [value["initial_option"]] if "initial_option" in value else _some(value.get("initial_options"))
    for option in first:
        if option not in own:
            yield Problem(path, "begins with something that is not among its options")


def _some(value: Any) -> list[Any]:
    """The elements of what may be no list at all; the shape says so."""
    return list(value) if isinstance(value, list | tuple) else []


def _shortest_below_longest(value: Any, path: str) -> Iterator[Problem]:
    least, most = value.get("min_length"), value.get("max_length")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        yield Problem(path, "min_length is above max_length")


def _numeral(value: Any, path: str) -> Iterator[Problem]:
    if not isinstance(value, str) or not _NUMERAL.fullmatch(value):
        yield Problem(path, "not a number written as a string")


_MENU = {
    "action_id": _id,
    "placeholder": _plain(sizes.PLACEHOLDER),
    "confirm": _confirm,
    "focus_on_load": boolean,
}
_MANY = {**_MENU, "max_selected_items": number(least=1)}
_STATIC = {"options": _options, "option_groups": _groups}
_CHOSEN = {"action_id": _id, "confirm": _confirm, "focus_on_load": boolean}
_TYPED = {"action_id": _id, "placeholder": _plain(sizes.PLACEHOLDER), "focus_on_load": boolean}
_LENGTH = number(0, sizes.INPUT_LENGTH)

_image_object = {
    "alt_text": string(sizes.IMAGE_TEXT),
    "image_url": string(sizes.IMAGE_URL),
    "slack_file": shape({}, {"id": literal, "url": literal}),
}


def _one_image_source(value: Any, path: str) -> Iterator[Problem]:
    if ("image_url" in value) == ("slack_file" in value):
        yield Problem(path, "needs either image_url or slack_file")


_image_element = every(shape({"alt_text": _image_object["alt_text"]}, _image_object), _one_image_source)

_button = shape(
    {"text": _plain(sizes.LABEL)},
    {
        "action_id": _id,
        "value": string(sizes.BUTTON_VALUE),
        "url": string(sizes.BUTTON_URL),
        "style": word("primary", "danger"),
        "confirm": _confirm,
        "accessibility_label": string(sizes.LABEL),
    },
)

ELEMENTS: dict[str, Check] = {
    "button": _button,
    "static_select": every(
        shape({}, {**_MENU, **_STATIC, "initial_option": _option}),
        _either_options_or_groups,
        _starts_with_its_own,
    ),
    "multi_static_select": every(
        shape({}, {**_MANY, **_STATIC, "initial_options": array(_option, sizes.OPTIONS)}),
        _either_options_or_groups,
        _starts_with_its_own,
    ),
    "external_select": shape({}, {**_MENU, "initial_option": _option, "min_query_length": number(0)}),
    "multi_external_select": shape(
        {}, {**_MANY, "initial_options": array(_option, sizes.OPTIONS), "min_query_length": number(0)}
    ),
    "users_select": shape({}, {**_MENU, "initial_user": literal}),
    "multi_users_select": shape({}, {**_MANY, "initial_users": array(literal)}),
    "conversations_select": shape(
        {}, {**_MENU, "initial_conversation": literal, "default_to_current_conversation": boolean}
    ),
    "channels_select": shape({}, {**_MENU, "initial_channel": literal}),
    "overflow": shape(
        {"options": array(_option, sizes.OVERFLOW_OPTIONS)}, {"action_id": _id, "confirm": _confirm}
    ),
    "radio_buttons": every(
        shape({"options": array(_option, sizes.CHOICE_OPTIONS)}, {**_CHOSEN, "initial_option": _option}),
        _starts_with_its_own,
    ),
    "checkboxes": every(
        shape(
            {"options": array(_option, sizes.CHOICE_OPTIONS)},
            {**_CHOSEN, "initial_options": array(_option, sizes.CHOICE_OPTIONS)},
        ),
        _starts_with_its_own,
    ),
    "datepicker": shape({}, {**_MENU, "initial_date": literal}),
    "timepicker": shape({}, {**_MENU, "initial_time": literal, "timezone": literal}),
    "datetimepicker": shape({}, {**_CHOSEN, "initial_date_time": number(0)}),
    "plain_text_input": every(
        shape(
            {},
            {
                **_TYPED,
                "initial_value": string(sizes.INPUT_LENGTH, least=0),
                "multiline": boolean,
                "min_length": _LENGTH,
                "max_length": _LENGTH,
            },
        ),
        _shortest_below_longest,
    ),
    "number_input": shape(
        {"is_decimal_allowed": boolean},
        {**_TYPED, "initial_value": _numeral, "min_value": _numeral, "max_value": _numeral},
    ),
    "email_text_input": shape({}, {**_TYPED, "initial_value": literal}),
    "url_text_input": shape({}, {**_TYPED, "initial_value": literal}),
    "image": _image_element,
}
_INPUTS = tuple(kind for kind in ELEMENTS if kind not in {"button", "overflow", "image"})
_ACTIONS = tuple(
    kind
    for kind in ELEMENTS
    if not kind.endswith("_input") and not kind.startswith("multi_") and kind != "image"
)
_ACCESSORIES = tuple(kind for kind in ELEMENTS if not kind.endswith("_input") and kind != "datetimepicker")

_STYLE = dict.fromkeys(("bold", "italic", "strike", "underline", "code", "highlight"), boolean)
_style = {"style": shape({}, _STYLE)}
_rich_parts = typed(
    {
        "text": shape({"text": literal}, _style),
        "link": shape({"url": literal}, {"text": literal, "unsafe": boolean, **_style}),
        "emoji": shape({"name": literal}, {"unicode": literal, **_style}),
        "user": shape({"user_id": literal}, _style),
        "usergroup": shape({"usergroup_id": literal}, _style),
        "channel": shape({"channel_id": literal}, _style),
        "date": shape({"timestamp": number(), "format": literal}, {"url": literal, "fallback": literal}),
        "color": shape({"value": literal}),
        "broadcast": shape({"range": word("here", "channel", "everyone")}),
    }
)
_border = {"border": number(0, 1)}
_rich_section = shape({"elements": array(_rich_parts)})
rich_text = shape(
    {
        "elements": array(
            typed(
                {
                    "rich_text_section": _rich_section,
                    "rich_text_preformatted": shape(
                        {"elements": array(_rich_parts)}, {**_border, "language": literal}
                    ),
                    "rich_text_quote": shape({"elements": array(_rich_parts)}, _border),
                    "rich_text_list": shape(
                        {
                            "elements": array(typed({"rich_text_section": _rich_section})),
                            "style": word("bullet", "ordered"),
                        },
                        {**_border, "indent": number(0, 8), "offset": number(0)},
                    ),
                }
            )
        )
    },
    {"block_id": _id},
)
rich_text_only = typed({"rich_text": rich_text})


def _text_or_fields(value: Any, path: str) -> Iterator[Problem]:
    if "text" not in value and "fields" not in value:
        yield Problem(path, "a section needs text or fields")


def _block(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    return shape(required, {"block_id": _id, **(optional or {})})


BASIC: dict[str, Check] = {
    "actions": _block({"elements": array(typed(ELEMENTS, *_ACTIONS), sizes.ACTIONS_ELEMENTS)}),
    "context": _block(
        {
            "elements": array(
                typed(
                    {
                        "image": _image_element,
                        "plain_text": text_object(sizes.TEXT_OBJECT),
                        "mrkdwn": text_object(sizes.TEXT_OBJECT),
                    }
                ),
                sizes.CONTEXT_ELEMENTS,
            )
        }
    ),
    "divider": _block({}),
    "file": _block({"external_id": literal, "source": word("remote")}),
    "header": _block({"text": _plain(sizes.HEADER_TEXT)}, {"level": number(1, sizes.HEADER_LEVEL)}),
    "image": every(
        _block({"alt_text": _image_object["alt_text"]}, {**_image_object, "title": _plain(sizes.IMAGE_TEXT)}),
        _one_image_source,
    ),
    "input": _block(
        {"label": _plain(sizes.INPUT_TEXT), "element": typed(ELEMENTS, *_INPUTS)},
        {"hint": _plain(sizes.INPUT_TEXT), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": rich_text,
    "section": every(
        _block(
            {},
            {
                "text": text_object(sizes.TEXT_OBJECT),
                "fields": array(text_object(sizes.SECTION_FIELD), sizes.SECTION_FIELDS),
                "accessory": typed(ELEMENTS, *_ACCESSORIES),
                "expand": boolean,
            },
        ),
        _text_or_fields,
    ),
}
"""The blocks from before 2025, without `video`, `call` and the blocks for signing in, which we never send."""
