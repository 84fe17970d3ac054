"""The limits of Block Kit's elements and composition objects. Source: Slack documentation, "Block Kit"."""

from bot.demo.workspace.refusal import Json
from bot.demo.workspace.shapes import (
    Check,
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


def plain(most: int) -> Check:
    """A plain_text object."""
    return kinds({"plain_text": shape({"text": string(most)}, {"emoji": boolean})})


def text(most: int) -> Check:
    """A plain_text or mrkdwn object."""
    return kinds(
        {
            "plain_text": shape({"text": string(most)}, {"emoji": boolean}),
            "mrkdwn": shape({"text": string(most)}, {"verbatim": boolean}),
        }
    )


CONFIRM = shape(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)

OPTION = shape({"text": text(75), "value": string(150)}, {"description": text(75), "url": string(3_000)})

OPTION_GROUP = shape({"label": plain(75), "options": items(OPTION, 100)})

NAME = {"action_id": string(255)}
_ASKING = {**NAME, "confirm": CONFIRM, "focus_on_load": boolean}
_PLACEHOLDER = {"placeholder": plain(150)}
_MANY = {"max_selected_items": number(1)}


def _has_options(value: Json) -> str | None:
    both = ("options" in value) + ("option_groups" in value)
    return None if both == 1 else "must define exactly one of: options, option_groups"


_CHOICES = {"options": items(OPTION, 100), "option_groups": items(OPTION_GROUP, 100)}
_FILTER = {"filter": anything, "response_url_enabled": boolean, "default_to_current_conversation": boolean}
_TYPING = {**NAME, **_PLACEHOLDER, "focus_on_load": boolean, "dispatch_action_config": anything}

ELEMENTS: dict[str, Check] = {
    "button": shape(
        {"text": plain(75)},
        {
            **NAME,
            "value": string(2_000),
            "url": string(3_000),
            "style": one_of("primary", "danger"),
            "confirm": CONFIRM,
            "accessibility_label": string(75),
        },
    ),
    "image": shape({"alt_text": string(2_000)}, {"image_url": string(3_000), "slack_file": anything}),
    "overflow": shape({"options": items(OPTION, 5)}, {**NAME, "confirm": CONFIRM}),
    "static_select": all_of(
        shape({}, {**_ASKING, **_PLACEHOLDER, **_CHOICES, "initial_option": OPTION}), rule(_has_options)
    ),
    "multi_static_select": all_of(
        shape({}, {**_ASKING, **_PLACEHOLDER, **_CHOICES, **_MANY, "initial_options": items(OPTION, 100)}),
        rule(_has_options),
    ),
    "external_select": shape(
        {}, {**_ASKING, **_PLACEHOLDER, "initial_option": OPTION, "min_query_length": number(0)}
    ),
    "multi_external_select": shape(
        {},
        {
            **_ASKING,
            **_PLACEHOLDER,
            **_MANY,
            "initial_options": items(OPTION, 100),
            "min_query_length": number(0),
        },
    ),
    "users_select": shape({}, {**_ASKING, **_PLACEHOLDER, "initial_user": string(255)}),
    "multi_users_select": shape({}, {**_ASKING, **_PLACEHOLDER, **_MANY, "initial_users": anything}),
    "conversations_select": shape(
        {}, {**_ASKING, **_PLACEHOLDER, **_FILTER, "initial_conversation": string(255)}
    ),
    "channels_select": shape({}, {**_ASKING, **_PLACEHOLDER, **_FILTER, "initial_channel": string(255)}),
    "datepicker": shape({}, {**_ASKING, **_PLACEHOLDER, "initial_date": string(10)}),
    "timepicker": shape({}, {**_ASKING, **_PLACEHOLDER, "initial_time": string(5), "timezone": string(255)}),
    "datetimepicker": shape({}, {**_ASKING, "initial_date_time": number(1_000_000_000, 9_999_999_999)}),
    "checkboxes": shape({"options": items(OPTION, 10)}, {**_ASKING, "initial_options": items(OPTION, 10)}),
    "radio_buttons": shape({"options": items(OPTION, 10)}, {**_ASKING, "initial_option": OPTION}),
    "plain_text_input": shape(
        {},
        {
            **_TYPING,
            "initial_value": string(3_000, 0),
            "multiline": boolean,
            "min_length": number(0, 3_000),
            "max_length": number(1, 3_000),
        },
    ),
    "number_input": shape(
        {"is_decimal_allowed": boolean},
        {**_TYPING, "initial_value": string(255), "min_value": string(255), "max_value": string(255)},
    ),
    "email_text_input": shape({}, {**_TYPING, "initial_value": string(3_000)}),
    "url_text_input": shape({}, {**_TYPING, "initial_value": string(3_000)}),
    "file_input": shape({}, {**NAME, "filetypes": anything, "max_files": number(1, 10)}),
}
"""Every element that the stand-in knows, with its limits."""

TYPED = {"plain_text_input", "number_input", "email_text_input", "url_text_input", "file_input"}
"""Elements that stand in an input block only."""

ACCESSORIES = tuple(name for name in ELEMENTS if name not in TYPED)
ACTIONS = tuple(name for name in ELEMENTS if name not in TYPED and name != "image")
INPUTS = tuple(name for name in ELEMENTS if name not in {"button", "image", "overflow"})


def element(allowed: tuple[str, ...]) -> Check:
    """An element of one of these types."""
    return kinds(ELEMENTS, allowed)
