"""The limits of Block Kit's elements, and where each may stand. Source: Slack documentation, "Block Kit"."""

from bot.demo.workspace.object_rules import (
    CHOICES,
    CONFIRM,
    OPTION,
    has_image_source,
    has_options,
    least_below_most,
    numbers_are_numbers,
    plain,
    starts_with_own_options,
)
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

NAME = {"action_id": string(255)}
_ASKING = {**NAME, "confirm": CONFIRM, "focus_on_load": boolean}
_PLACEHOLDER = {"placeholder": plain(150)}
_MANY = {"max_selected_items": number(1)}


_FILTER = {"filter": anything, "response_url_enabled": boolean, "default_to_current_conversation": boolean}
_TYPING = {**NAME, **_PLACEHOLDER, "focus_on_load": boolean, "dispatch_action_config": anything}

_FEEDBACK = shape({"text": plain(75), "value": string(2_000)}, {"accessibility_label": string(75)})

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
    "image": all_of(
        shape({"alt_text": string(2_000)}, {"image_url": string(3_000), "slack_file": anything}),
        rule(has_image_source),
    ),
    "overflow": shape({"options": items(OPTION, 5)}, {**NAME, "confirm": CONFIRM}),
    "static_select": all_of(
        shape({}, {**_ASKING, **_PLACEHOLDER, **CHOICES, "initial_option": OPTION}),
        rule(has_options),
        rule(starts_with_own_options),
    ),
    "multi_static_select": all_of(
        shape({}, {**_ASKING, **_PLACEHOLDER, **CHOICES, **_MANY, "initial_options": items(OPTION, 100)}),
        rule(has_options),
        rule(starts_with_own_options),
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
    "multi_conversations_select": shape(
        {}, {**_ASKING, **_PLACEHOLDER, **_FILTER, **_MANY, "initial_conversations": anything}
    ),
    "multi_channels_select": shape({}, {**_ASKING, **_PLACEHOLDER, **_MANY, "initial_channels": anything}),
    "datepicker": shape({}, {**_ASKING, **_PLACEHOLDER, "initial_date": string(10)}),
    "timepicker": shape({}, {**_ASKING, **_PLACEHOLDER, "initial_time": string(5), "timezone": string(255)}),
    "datetimepicker": shape({}, {**_ASKING, "initial_date_time": number(1_000_000_000, 9_999_999_999)}),
    "checkboxes": all_of(
        shape({"options": items(OPTION, 10)}, {**_ASKING, "initial_options": items(OPTION, 10)}),
        rule(starts_with_own_options),
    ),
    "radio_buttons": all_of(
        shape({"options": items(OPTION, 10)}, {**_ASKING, "initial_option": OPTION}),
        rule(starts_with_own_options),
    ),
    "plain_text_input": all_of(
        shape(
            {},
            {
                **_TYPING,
                "initial_value": string(3_000, 0),
                "multiline": boolean,
                "min_length": number(0, 3_000),
                "max_length": number(1, 3_000),
            },
        ),
        rule(least_below_most),
    ),
    "number_input": all_of(
        shape(
            {"is_decimal_allowed": boolean},
            {**_TYPING, "initial_value": string(255), "min_value": string(255), "max_value": string(255)},
        ),
        rule(numbers_are_numbers),
    ),
    "rich_text_input": shape({}, {**_TYPING, "initial_value": anything}),
    "icon_button": shape(
        {"icon": string(255), "text": plain(75)},
        {
            **NAME,
            "value": string(2_000),
            "confirm": CONFIRM,
            "accessibility_label": string(75),
            "visible_to_user_ids": anything,
        },
    ),
    "feedback_buttons": shape({"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, NAME),
    "email_text_input": shape({}, {**_TYPING, "initial_value": string(3_000)}),
    "url_text_input": shape({}, {**_TYPING, "initial_value": string(3_000)}),
    "file_input": shape({}, {**NAME, "filetypes": anything, "max_files": number(1, 10)}),
}
"""Every element that the stand-in knows, with its limits."""

_TYPED = {name for name in ELEMENTS if name.endswith("_input")}
_SEVERAL = {name for name in ELEMENTS if name.startswith("multi_")}

FEEDBACK = ("feedback_buttons", "icon_button")
ACCESSORIES = tuple(name for name in ELEMENTS if name not in {*_TYPED, *FEEDBACK, "datetimepicker"})
ACTIONS = tuple(name for name in ELEMENTS if name not in {*_TYPED, *_SEVERAL, *FEEDBACK, "image"})
INPUTS = tuple(name for name in ELEMENTS if name not in {*FEEDBACK, "button", "image", "overflow"})
"""Where elements may stand: each element's page has a list of blocks."""


def element(allowed: tuple[str, ...]) -> Check:
    """An element of one of these types."""
    return kinds(ELEMENTS, allowed)
