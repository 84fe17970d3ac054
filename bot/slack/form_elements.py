"""Elements of a form: the input for a field of a command, and the value that a person put into it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from math import isfinite
from typing import Any

from pydantic.fields import FieldInfo

from bot.commands.declaration import TIMES, Command, Picked, field_choices, size_limits
from bot.commands.form_layout import InForm
from bot.domain.block_kit import slack_limits as limits
from bot.domain.byte_sizes import parse_gigabytes
from bot.domain.closed_choices import find_choice, find_switch
from bot.domain.text_safety import clip_text
from bot.slack.block_renderer import literal
from bot.slack.message_budget import Block

PICK = "pick:"
"""Prefix of the action id of a field with searched options, followed by their kind."""

VALUE = "value"
"""Action id of every other field."""

SEARCHED: frozenset[Picked] = frozenset(
    {"cluster", "backup", "any-backup", "user", "database", "change", "reference", "report"}
)
RADIO_OPTIONS = 5
"""Options up to which a closed choice shows all of them; more are a menu."""

_CHANNELS: Block = {
    "default_to_current_conversation": True,
    "filter": {
        "include": ["public", "private"],
        "exclude_bot_users": True,
        "exclude_external_shared_channels": True,
    },
}
"""Where a report may be posted: nobody's direct messages, and no channel shared with another company."""

_YES = "yes"
_UNSET = "unset"
_NUMBERS = {int, float, int | None, float | None}


def make_element(command: Command, name: str, value: Any) -> Block:
    """Return the element for a field, filled in with `value`: times in seconds since 1970."""
    info, form, what = command.arguments.model_fields[name], command.in_form(name), command.picks(name)
    if what in SEARCHED:
        search = {"type": "external_select", "action_id": f"{PICK}{what}", "min_query_length": 0}
        return _with_initial(search | _example(form), value)
    if what is not None:
        return _pick_element(what, value)
    if info.annotation is bool:
        return _checkbox(checked=find_switch(value) or False)
    if options := field_choices(info):
        return _choice_element(options, find_choice(value, options), _unset_words(command, info, form))
    if size_limits(info) is not None or info.annotation in _NUMBERS:
        return _number_input(info, form, value)
    words = ", ".join(value) if isinstance(value, list | tuple) else str(value or "")
    text = {"type": "plain_text_input", "action_id": VALUE, "max_length": limits.INPUT_LENGTH // 2}
    return text | _example(form) | ({"initial_value": words} if words else {})


def radio_buttons(labels: Mapping[str, str], chosen: str | None) -> Block:
    """Return radio buttons by value."""
    options = [option(value, label) for value, label in labels.items()]
    start = {} if chosen is None else {"initial_option": option(chosen, labels[chosen])}
    return {"type": "radio_buttons", "action_id": VALUE, "options": options, **start}


def option(value: str, text: str = "") -> Block:
    """Return one option of a select menu."""
    return {"text": literal(clip_text(text or value, limits.LABEL)), "value": value[: limits.OPTION_VALUE]}


def read_state(state: Mapping[str, Any]) -> Any:
    """Return the value of one element's state; None for an empty one."""
    if state.get("type") == "checkboxes":
        return bool(state.get("selected_options")) or None
    if state.get("type") == "datetimepicker":
        at = state.get("selected_date_time")
        return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}" if isinstance(at, int) else None
    chosen = state.get("selected_option")
    if isinstance(chosen, dict):
        return None if chosen.get("value") == _UNSET else chosen.get("value")
    names = ("selected_user", "selected_conversation", "selected_date", "value")
    return next((state[name] for name in names if state.get(name)), None)


def _pick_element(what: Picked, value: Any) -> Block:
    if what in TIMES:
        at = {"initial_date_time": value} if isinstance(value, int) else {}
        return {"type": "datetimepicker", "action_id": VALUE, **at}
    if what == "day":
        start = {"initial_date": str(value)} if _is_day(value) else {}
        return {"type": "datepicker", "action_id": VALUE, **start}
    kind, initial = ("users_select", "initial_user")
    more: Block = {}
    if what == "channel":
        kind, initial, more = "conversations_select", "initial_conversation", _CHANNELS
    return {"type": kind, "action_id": VALUE, **more, **({initial: str(value)} if value else {})}


def _is_day(value: Any) -> bool:
    try:
        date.fromisoformat(str(value))
    except ValueError:
        return False
    return True


def _with_initial(element: Block, value: Any) -> Block:
    return {**element, "initial_option": option(str(value))} if value else element


def _example(form: InForm) -> Block:
    return {"placeholder": literal(form.example)} if form.example else {}


def _choice_element(options: list[str], chosen: str | None, unset: str) -> Block:
    labels = {each: _spell_choice(each) for each in options}
    if unset:
        labels = {_UNSET: unset} | labels
    if len(labels) <= RADIO_OPTIONS:
        return radio_buttons(labels, chosen or (_UNSET if unset else None))
    menu = [option(value, label) for value, label in labels.items()]
    start = {"initial_option": option(chosen, labels[chosen])} if chosen else {}
    return {"type": "static_select", "action_id": VALUE, "options": menu, **start}


def _unset_words(command: Command, info: FieldInfo, form: InForm) -> str:
    """Return the answer that leaves a closed choice out: radio buttons cannot be cleared in Slack."""
    if info.is_required() or info.get_default() is not None:
        return ""
    return form.unset or ("Leave unchanged" if command.change is not None else "Any")


def _spell_choice(choice: str) -> str:
    """Return `Strictly synchronous` for `strictly-synchronous`; names such as `v1` and `SSD` as they are."""
    first, *rest = choice.split("-")
    first = (
        first.upper()
        if first == "ram"
        else first.capitalize()
        if first.isalpha() and first.islower()
        else first
    )
    return " ".join((first, *rest))


def _checkbox(*, checked: bool) -> Block:
    yes = option(_YES, "Yes")
    start = {"initial_options": [yes]} if checked else {}
    return {"type": "checkboxes", "action_id": VALUE, "options": [yes], **start}


def _number_input(info: FieldInfo, form: InForm, value: Any) -> Block:
    size = size_limits(info)
    least, most = (size.least, size.most) if size else (form.least, form.most)
    for mark in info.metadata:
        least = least if getattr(mark, "ge", None) is None else mark.ge
        most = most if getattr(mark, "le", None) is None else mark.le
    bounds = {
        "min_value": least,
        "max_value": most,
        "initial_value": _numeral(value, is_size=size is not None),
    }
    shown = {name: str(number) for name, number in bounds.items() if number is not None}
    decimals = info.annotation in {float, float | None}
    return {
        "type": "number_input",
        "action_id": VALUE,
        "is_decimal_allowed": decimals,
        **_example(form),
        **shown,
    }


def _numeral(value: Any, *, is_size: bool) -> str | None:
    """Return a value as a number input takes it; None for any other."""
    try:
        number = float(str(parse_gigabytes(value) if is_size else value))
    except ValueError:
        return None
    if not isfinite(number):
        return None
    return str(int(number)) if number.is_integer() else str(number)
