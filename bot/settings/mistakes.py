"""Mistakes in app.yaml in words for people who know neither the YAML parser nor the validator."""

from typing import Annotated, Any

import yaml
from pydantic import BeforeValidator

_WHOLE = "this must be a whole number."

_BY_TYPE = {
    **dict.fromkeys(("tuple_type", "list_type", "frozen_set_type"), "this must be a list, such as [a, b]."),
    **dict.fromkeys(
        ("dict_type", "model_type", "model_attributes_type"),
        "this must be a section with keys and values, such as {key: value}.",
    ),
    "too_short": "this list must not be empty.",
    "missing": "this is missing.",
    "string_type": "this must be text. Put it in quotes if it looks like a number, a date, a time, yes or "
    "no.",
    "invalid_key": "a key in this section is not text. Put it in quotes.",
    "string_too_short": "this must not be empty.",
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), _WHOLE),
    "int_parsing_size": "this number is too large.",
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), "this must be a number."),
    **dict.fromkeys(("bool_type", "bool_parsing"), "this must be true or false."),
    **dict.fromkeys(
        ("date_type", "date_parsing", "date_from_datetime_parsing"), "this must be a day, such as 2027-01-31."
    ),
    "date_from_datetime_inexact": "this must be a day without a time, such as 2027-01-31.",
    **dict.fromkeys(("time_delta_type", "time_delta_parsing"), "it must be a duration such as 24h or 3d."),
}
"""Our words for the validator's types of error."""

_BOUNDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}

BY_PATTERN = {
    r"^/[a-z0-9_-]{1,31}$": "this must be a / followed by lowercase letters, digits, - or _, such as /pg.",
    r"^\d+$": "this must be a number of digits only, such as 31884391.",
    r"^[A-Za-z_][A-Za-z0-9_]*$": "this must be the name of an environment variable, such as VAULT_ADDR.",
    r"^[a-z0-9][a-z0-9-]{0,39}$": "this must be at most 40 lowercase letters, digits and dashes.",
    r"^[UW][A-Z0-9]{2,}$": "this must be a person's Slack id, such as U0123456789. /pg whoami shows yours.",
    r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$": 'this must be a time of day in quotes, such as "16:00".',
}
"""Our words for text that does not have the form it needs."""

MISREAD = "YAML reads this as a different number: a leading 0 means octal, and 16:00 means minutes."


def refuse_bool(value: object) -> object:
    """Refuse yes and no, which count as 1 and 0 for the validator."""
    if isinstance(value, bool):
        raise ValueError(_WHOLE)  # noqa: TRY004 - pydantic's
    return value


WholeNumber = Annotated[int, BeforeValidator(refuse_bool)]


def describe_mistake(error: Any) -> str:
    """Return one error of the validator as a sentence that quotes no value: it may be a secret."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        words = error["msg"].removeprefix("Value error, ")
        # “I can't read …” stays as it is.
        words = words if words[:2] == "I " else f"{words[0].lower()}{words[1:]}"
        return words if words.endswith((".", "?")) else f"{words}."
    if kind in {"literal_error", "enum"}:
        return f"this must be one of {context['expected'].replace(' or ', ', ').replace(chr(39), '')}."
    if kind in {"greater_than_equal", "greater_than", "less_than_equal", "less_than"}:
        (bound, number), *_ = context.items()
        return f"this must be {_BOUNDS[bound]} {number}."
    if kind == "string_pattern_mismatch":
        return BY_PATTERN.get(context["pattern"], _UNREADABLE)
    return _BY_TYPE.get(kind, _UNREADABLE)


_UNREADABLE = "this can't be used here. The app.yaml that came with pgbot shows what can."

_YAML = (
    ("'\\t'", "a tab can't be used for indentation. Use spaces."),
    ("mapping values are not allowed", "the indentation does not match, or text with “: ” needs quotes."),
    ("unexpected end of stream", "a quotation mark that opens here is not closed."),
    ("undefined alias", "the file does not define this anchor. Put text with * in quotes."),
    ("alphabetic or numeric character", "a value that starts with * or & needs quotes."),
    ("escape", "a \\ in double quotes must be doubled. Or use single quotes."),
    ("digit", "a line can't start with %. Put it in quotes."),
    ("',' or", "a bracket is not closed, or a comma is missing."),
    ("node content", "a bracket is not closed, or a value is missing. Quote text with #."),
    ("constructor for the tag", "a value that starts with ! needs quotes."),
    ("another document", "the file must not have a second part. Remove the line “---”."),
    ("<block end>", "the indentation does not match, or a bracket or dash is in the wrong place."),
    ("could not find expected ':'", "a key needs a colon after it. Write it as “key: value”."),
    ("cannot start any token", "a value that starts with this character needs quotes."),
    ("not allowed here", "the indentation does not match the lines above."),
    ("duplicate anchor", "another anchor has this name. Rename this one."),
    ("merging", "only a section can be merged with “<<”."),
    ("unhashable", "a key must be text. Put text with { or [ in quotes."),
    ("special characters", "the file has a character that can't be shown. Remove it."),
)
"""Our words for the parser's, by a part of them."""


def describe_yaml_error(error: yaml.YAMLError) -> tuple[int, str]:
    """Return the line of a parser's error, 0 for none, and a sentence."""
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "")
    mark = getattr(error, "problem_mark", None)
    if "end of stream" in problem:
        mark = getattr(error, "context_mark", None) or mark
    known = (words for part, words in _YAML if part in problem)
    words = next(known, "this is not YAML. Check indentation, colons and quotes here and in the line above.")
    return (mark.line + 1 if mark else 0), words
