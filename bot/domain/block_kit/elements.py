"""The shapes of Block Kit's composition objects and elements (Slack docs, "Block Kit")."""

import re

from bot.domain.block_kit import slack_limits as limits
from bot.domain.block_kit.checks import (
    Check,
    Json,
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
    written_as,
)

_NUMERAL = re.compile(r"-?\d+(\.\d+)?")
_NUMBERS = ("initial_value", "min_value", "max_value")
DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)

IDENTIFIER = string(limits.IDENTIFIER)


def text_object(most: int, *kinds: str) -> Check:
    """Accept a text object of at most `most` characters; without `kinds`, plain_text and mrkdwn."""
    texts = {
        "plain_text": shape({"text": string(most)}, {"emoji": boolean}),
        "mrkdwn": shape({"text": string(most)}, {"verbatim": boolean}),
    }
    return typed(texts, *kinds)


def plain(most: int) -> Check:
    """Accept a plain_text object of at most `most` characters."""
    return text_object(most, "plain_text")


_CONFIRM = shape(
    {
        "title": plain(limits.CONFIRM_TITLE),
        "text": text_object(limits.CONFIRM_TEXT),
        "confirm": plain(limits.CONFIRM_BUTTON),
        "deny": plain(limits.CONFIRM_BUTTON),
    },
    {"style": one_of("primary", "danger")},
)
OPTION = shape(
    {"text": text_object(limits.LABEL), "value": string(limits.OPTION_VALUE)},
    {"description": text_object(limits.LABEL), "url": string(limits.BUTTON_URL)},
)
OPTION_GROUP = shape({"label": plain(limits.LABEL), "options": array(OPTION, limits.OPTIONS)})


def _exactly_one_of(one: str, other: str) -> Check:
    words = f"must define exactly one of: {one}, {other}"
    return accept(lambda value: (one in value) != (other in value), words)


def _starts_with_own_options(value: Json) -> bool:
    """Compare options by value and text."""
    first = [value["initial_option"]] if "initial_option" in value else value.get("initial_options", [])
    groups = [value, *value.get("option_groups", [])]
    own = [_option_key(option) for group in groups for option in group.get("options", [])]
    return all(_option_key(option) in own for option in first)


def _option_key(option: Json) -> tuple[str, str]:
    return option["value"], option["text"]["text"]


ONE_IMAGE_SOURCE = _exactly_one_of("image_url", "slack_file")
IMAGE_ALT_TEXT = {"alt_text": string(limits.IMAGE_TEXT)}
IMAGE_SOURCE: dict[str, Check] = {
    "image_url": string(limits.IMAGE_URL),
    "slack_file": shape({}, {"id": IDENTIFIER, "url": string(limits.IMAGE_URL)}),
}

_ID = {"action_id": IDENTIFIER}
_FOCUS = {"focus_on_load": boolean}
_PLACEHOLDER = {"placeholder": plain(limits.PLACEHOLDER)}
_CHOICE = {**_ID, **_FOCUS, "confirm": _CONFIRM}
_MENU = {**_CHOICE, **_PLACEHOLDER}
_MULTI_MENU = {**_MENU, "max_selected_items": number(1)}
_CHOICES = {
    "options": array(OPTION, limits.OPTIONS),
    "option_groups": array(OPTION_GROUP, limits.OPTIONS),
}
_HAS_OPTIONS = _exactly_one_of("options", "option_groups")
_STARTS_WITH_OWN = accept(_starts_with_own_options, "initial options must be among the options")
_SEARCH = {"min_query_length": number(0)}
_INITIAL_OPTIONS = {"initial_options": array(OPTION, limits.OPTIONS)}
_CONVERSATION_FILTER = when_valid(
    shape(
        {},
        {
            "include": array(one_of("im", "mpim", "private", "public"), 4),
            "exclude_external_shared_channels": boolean,
            "exclude_bot_users": boolean,
        },
    ),
    accept(bool, "must have at least one key"),
)
_CONVERSATIONS = {
    "filter": _CONVERSATION_FILTER,
    "response_url_enabled": boolean,
    "default_to_current_conversation": boolean,
}
_INPUT = {**_ID, **_FOCUS, **_PLACEHOLDER, "dispatch_action_config": anything}
_IDENTIFIERS = array(IDENTIFIER, limits.OPTIONS, 0)
_FEW_OPTIONS = array(OPTION, limits.CHOICE_OPTIONS)
_FEEDBACK = shape(
    {"text": plain(limits.LABEL), "value": string(limits.BUTTON_VALUE)},
    {"accessibility_label": string(limits.LABEL)},
)
_ACTION = {**_ID, "value": string(limits.BUTTON_VALUE), "accessibility_label": string(limits.LABEL)}

ELEMENTS: dict[str, Check] = {
    "button": shape(
        {"text": plain(limits.LABEL)},
        {
            **_ACTION,
            "url": string(limits.BUTTON_URL),
            "style": one_of("primary", "danger"),
            "confirm": _CONFIRM,
        },
    ),
    "image": when_valid(shape(IMAGE_ALT_TEXT, IMAGE_SOURCE), ONE_IMAGE_SOURCE),
    "overflow": shape({"options": array(OPTION, limits.OVERFLOW_OPTIONS)}, {**_ID, "confirm": _CONFIRM}),
    "static_select": when_valid(
        shape({}, {**_MENU, **_CHOICES, "initial_option": OPTION}), _HAS_OPTIONS, _STARTS_WITH_OWN
    ),
    "multi_static_select": when_valid(
        shape({}, {**_MULTI_MENU, **_CHOICES, **_INITIAL_OPTIONS}), _HAS_OPTIONS, _STARTS_WITH_OWN
    ),
    "external_select": shape({}, {**_MENU, **_SEARCH, "initial_option": OPTION}),
    "multi_external_select": shape({}, {**_MULTI_MENU, **_SEARCH, **_INITIAL_OPTIONS}),
    "users_select": shape({}, {**_MENU, "initial_user": IDENTIFIER}),
    "multi_users_select": shape({}, {**_MULTI_MENU, "initial_users": _IDENTIFIERS}),
    "conversations_select": shape({}, {**_MENU, **_CONVERSATIONS, "initial_conversation": IDENTIFIER}),
    "multi_conversations_select": shape(
        {}, {**_MULTI_MENU, **_CONVERSATIONS, "initial_conversations": _IDENTIFIERS}
    ),
    "channels_select": shape({}, {**_MENU, "response_url_enabled": boolean, "initial_channel": IDENTIFIER}),
    "multi_channels_select": shape({}, {**_MULTI_MENU, "initial_channels": _IDENTIFIERS}),
    "datepicker": shape({}, {**_MENU, "initial_date": written_as(DATE, "must be a date as YYYY-MM-DD")}),
    "timepicker": shape(
        {}, {**_MENU, "initial_time": written_as(TIME, "must be a time as HH:mm"), "timezone": IDENTIFIER}
    ),
    "datetimepicker": shape({}, {**_CHOICE, "initial_date_time": number(1_000_000_000, 9_999_999_999)}),
    "checkboxes": when_valid(
        shape({"options": _FEW_OPTIONS}, {**_CHOICE, "initial_options": _FEW_OPTIONS}),
        _STARTS_WITH_OWN,
    ),
    "radio_buttons": when_valid(
        shape({"options": _FEW_OPTIONS}, {**_CHOICE, "initial_option": OPTION}),
        _STARTS_WITH_OWN,
    ),
    "plain_text_input": when_valid(
        shape(
            {},
            {
                **_INPUT,
                "initial_value": string(limits.INPUT_LENGTH, 0),
                "multiline": boolean,
                "min_length": number(0, limits.INPUT_LENGTH),
                "max_length": number(1, limits.INPUT_LENGTH),
            },
        ),
        accept(
            lambda value: value.get("min_length", 0) <= value.get("max_length", limits.INPUT_LENGTH),
            "min_length must not be greater than max_length",
        ),
    ),
    "number_input": when_valid(
        shape(
            {"is_decimal_allowed": boolean},
            {**_INPUT, **dict.fromkeys(_NUMBERS, string(255))},
        ),
        accept(
            lambda value: all(_NUMERAL.fullmatch(value[name]) for name in _NUMBERS if name in value),
            "must be a number in a string",
        ),
    ),
    "rich_text_input": shape({}, {**_INPUT, "initial_value": anything}),
    "email_text_input": shape({}, {**_INPUT, "initial_value": string(limits.INPUT_LENGTH)}),
    "url_text_input": shape({}, {**_INPUT, "initial_value": string(limits.INPUT_LENGTH)}),
    "file_input": shape({}, {**_ID, "filetypes": anything, "max_files": number(1, limits.INPUT_FILES)}),
    "icon_button": shape(
        {"icon": IDENTIFIER, "text": plain(limits.LABEL)},
        {**_ACTION, "confirm": _CONFIRM, "visible_to_user_ids": _IDENTIFIERS},
    ),
    "feedback_buttons": shape({"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, _ID),
}

_INPUTS = {name for name in ELEMENTS if name.endswith("_input")}
_MULTI = {name for name in ELEMENTS if name.startswith("multi_")}
_FEEDBACKS = {"feedback_buttons", "icon_button"}


def _all_but(*unfit: str) -> Check:
    return typed(ELEMENTS, *(name for name in ELEMENTS if name not in unfit))


ACCESSORY = _all_but(*_INPUTS, *_FEEDBACKS, "datetimepicker")
ACTION_ELEMENT = _all_but(*_INPUTS, *_MULTI, *_FEEDBACKS, "image")
INPUT_ELEMENT = _all_but(*_FEEDBACKS, "button", "image", "overflow")
FEEDBACK_ELEMENT = typed(ELEMENTS, *_FEEDBACKS)
"""Which elements a block takes: each element's page in Slack's docs lists its blocks."""
