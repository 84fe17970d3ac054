"""The limits of Block Kit's composition objects. Source: Slack documentation, "Block Kit"."""

import re
from typing import Any

from bot.demo.workspace.refusal import Json
from bot.demo.workspace.shapes import Check, boolean, items, kinds, one_of, shape, string

_NUMBER = re.compile(r"-?\d+(\.\d+)?")


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

CHOICES = {"options": items(OPTION, 100), "option_groups": items(OPTION_GROUP, 100)}
"""The options of a menu, in one of two ways."""


def has_options(value: Json) -> str | None:
    """A menu has a list of options or of groups, not both."""
    both = ("options" in value) + ("option_groups" in value)
    return None if both == 1 else "must define exactly one of: options, option_groups"


def _options_of(value: Json) -> list[Json]:
    groups = value.get("option_groups")
    groups = [group for group in groups if isinstance(group, dict)] if isinstance(groups, list) else []
    lists = [value.get("options"), *(group.get("options") for group in groups)]
    return [option for options in lists if isinstance(options, list) for option in options]


def starts_with_own_options(value: Json) -> str | None:
    """What a menu begins with is one of its options, by value and text."""
    first = [value["initial_option"]] if "initial_option" in value else value.get("initial_options")
    own = [_likeness(option) for option in _options_of(value)]
    if not isinstance(first, list) or all(_likeness(option) in own for option in first):
        return None
    return "initial options must be among the options"


def _likeness(option: Any) -> tuple[Any, Any]:
    words = option.get("text") if isinstance(option, dict) else None
    return (option.get("value"), words.get("text")) if isinstance(words, dict) else (None, option)


def least_below_most(value: Json) -> str | None:
    """A text can be as long as its input asks for."""
    least, most = value.get("min_length"), value.get("max_length")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        return "min_length must not be greater than max_length"
    return None


def numbers_are_numbers(value: Json) -> str | None:
    """The bounds of a number are numbers too, though written as strings."""
    given = [value[name] for name in ("initial_value", "min_value", "max_value") if name in value]
    bad = any(isinstance(text_, str) and not _NUMBER.fullmatch(text_) for text_ in given)
    return "must be a number in a string" if bad else None


def has_image_source(value: Json) -> str | None:
    """A picture comes from an address or from Slack's own files, not from both."""
    one = ("image_url" in value) + ("slack_file" in value)
    return None if one == 1 else "must define exactly one of: image_url, slack_file"
