"""Forms as modals: built from a command's fields, and read back as values."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic.fields import FieldInfo

from bot.commands.declaration import TIMES, Command, Picked, field_choices, size_limits
from bot.commands.parser import describe_field, is_list
from bot.domain.block_kit import slack_limits as limits
from bot.domain.closed_choices import find_choice, find_switch
from bot.domain.text_safety import clip_text
from bot.slack.block_renderer import bold, context, emoji, literal, rich
from bot.slack.message_budget import Block

CALLBACK = "form"
PICK = "pick:"
"""Prefix of the action id of a field with searched options, followed by their kind."""

SEARCHED: frozenset[Picked] = frozenset({"cluster", "backup", "user", "database", "change"})

_FIELD = "field:"
_VALUE = "value"
_YES = "yes"


@dataclass(frozen=True, slots=True)
class ModalForm:
    """A command whose form is being filled in, with the channel and thread of its answer.

    `hidden`: values without a field. `line`: the command line that a reviewed form runs, empty before the
    review. `about` and `needed`: the command's `FormPrompt`.
    """

    command: str
    channel: str
    thread: str = ""
    hidden: Mapping[str, Any] = field(default_factory=dict)
    line: str = ""
    about: str = ""
    needed: Sequence[str] = ()

    def metadata(self) -> str:
        """Return the form as JSON for a view's `private_metadata`."""
        whole = {"command": self.command, "channel": self.channel, "thread": self.thread}
        prompt = {"about": self.about, "needed": [*self.needed]} if self.about else {}
        known = {**whole, "hidden": dict(self.hidden), "line": self.line, **prompt}
        return json.dumps(known, ensure_ascii=False)  # Slack counts characters, and an escape has six


def read_form(view: Mapping[str, Any]) -> ModalForm | None:
    """Return the form in a view, None for a view without one."""
    if view.get("callback_id") != CALLBACK:
        return None
    try:
        return ModalForm(**json.loads(view.get("private_metadata") or ""))
    except (TypeError, ValueError):
        return None


def form_view(form: ModalForm, command: Command, values: Mapping[str, Any], complaint: str = "") -> Block:
    """Return a modal with an input for each field; `values` are filled in, times in seconds since 1970."""
    blocks = [rich(emoji("x"), bold(f" {clip_text(complaint, 1_000)}"))] if complaint else []
    blocks += [rich(bold(form.about))] if form.about else []
    blocks.append(context(clip_text(command.summary, 1_000)))
    for name, info in _fields(command):
        optional = not info.is_required() and name not in form.needed
        blocks.append(_input(command, name, info, values.get(name), optional=optional))
    submit = "Review" if command.change is not None else "Run"
    return {**_modal(form, _title(command), blocks), "submit": literal(submit)}


def review_view(form: ModalForm, command: Command, blocks: list[Block], submit: str) -> Block:
    """Return a modal that previews a change; submitting it runs `form.line`."""
    return {**_modal(form, _title(command), blocks), "submit": literal(submit)}


def text_view(title: str, blocks: list[Block]) -> Block:
    """Return a modal that shows text and has no inputs."""
    return {
        "type": "modal",
        "title": literal(clip_text(title, limits.VIEW_TITLE)),
        "close": literal("Close"),
        "blocks": blocks,
    }


def waiting_view(title: str) -> Block:
    """Return a modal for the time until the content is ready."""
    return text_view(title, [context("One moment …")])


def read_values(view: Mapping[str, Any], command: Command) -> dict[str, Any]:
    """Return the entered values by field, without empty fields."""
    found: dict[str, Any] = {}
    states = (view.get("state") or {}).get("values") or {}
    for name, info in command.arguments.model_fields.items():
        for state in (states.get(block_id(name)) or {}).values():
            value = _value(state)
            if value not in (None, "", []):
                found[name] = _split_list(value) if is_list(info) else value
    return found


def read_initial_options(view: Mapping[str, Any]) -> dict[str, str]:
    """Return the initial values of searched fields, which Slack's state lacks until the person edits them."""
    found = {}
    for block in view.get("blocks") or []:
        chosen = (block.get("element") or {}).get("initial_option") or {}
        if chosen.get("value"):
            found[str(block.get("block_id", "")).removeprefix(_FIELD)] = str(chosen["value"])
    return found


def block_id(name: str) -> str:
    """Return the block_id of a field; Slack shows errors beside that block."""
    return f"{_FIELD}{name}"


def field_names(view: Mapping[str, Any]) -> list[str]:
    """Return the fields of a view, in order."""
    blocks = view.get("blocks") or []
    return [
        str(block.get("block_id", "")).removeprefix(_FIELD)
        for block in blocks
        if block.get("type") == "input"
    ]


def hidden_values(command: Command, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that have no field in the form."""
    return {name: value for name, value in values.items() if command.picks(name) == "hidden"}


def _modal(form: ModalForm, title: str, blocks: list[Block]) -> Block:
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": form.metadata(),
        "title": literal(clip_text(title, limits.VIEW_TITLE)),
        "close": literal("Cancel"),
        "blocks": blocks,
    }


def _title(command: Command) -> str:
    return command.name.capitalize()


def _fields(command: Command) -> Iterator[tuple[str, FieldInfo]]:
    """Yield positional arguments first, as on the command line."""
    placed = [name for name, _, _ in command.positionals()]
    fields = command.arguments.model_fields
    for name in [*placed, *(name for name in fields if name not in placed)]:
        if command.picks(name) != "hidden":
            yield name, fields[name]


def _input(command: Command, name: str, info: FieldInfo, value: Any, *, optional: bool) -> Block:
    return {
        "type": "input",
        "block_id": block_id(name),
        "label": literal(name.replace("_", " ").capitalize()),
        "hint": literal(clip_text(describe_field(info), limits.INPUT_TEXT)),
        "optional": optional,
        "element": _element(command.picks(name), info, value),
    }


def _element(what: Picked | None, info: FieldInfo, value: Any) -> Block:
    if what in SEARCHED:
        return _with_initial(
            {"type": "external_select", "action_id": f"{PICK}{what}", "min_query_length": 0}, value
        )
    if what == "person":
        return {
            "type": "users_select",
            "action_id": _VALUE,
            **({"initial_user": str(value)} if value else {}),
        }
    if what in TIMES:
        at = {"initial_date_time": value} if isinstance(value, int) else {}
        return {"type": "datetimepicker", "action_id": _VALUE, **at}
    if info.annotation is bool:
        return _checkbox(checked=find_switch(value) or False)
    options = field_choices(info)
    if options:
        select = {"type": "static_select", "action_id": _VALUE, "options": [option(one) for one in options]}
        return _with_initial(select, find_choice(value, options))
    return _text_input(info, value)


def _with_initial(element: Block, value: Any) -> Block:
    return {**element, "initial_option": option(str(value))} if value else element


def option(value: str, text: str = "") -> Block:
    """Return one option of a select menu."""
    return {"text": literal(clip_text(text or value, limits.LABEL)), "value": value[: limits.OPTION_VALUE]}


def _checkbox(*, checked: bool) -> Block:
    yes = option(_YES, "Yes")
    start = {"initial_options": [yes]} if checked else {}
    return {"type": "checkboxes", "action_id": _VALUE, "options": [yes], **start}


def _text_input(info: FieldInfo, value: Any) -> Block:
    start = {"initial_value": ", ".join(value) if isinstance(value, list) else str(value)} if value else {}
    is_size = size_limits(info) is not None
    if is_size or info.annotation not in {int, float, int | None, float | None}:
        return {
            "type": "plain_text_input",
            "action_id": _VALUE,
            "max_length": limits.INPUT_LENGTH // 2,
            **({"placeholder": literal("Such as 16 GB")} if is_size else {}),
            **start,
        }
    bounds = {}
    for mark in info.metadata:
        for attribute, key in (("ge", "min_value"), ("le", "max_value")):
            if getattr(mark, attribute, None) is not None:
                bounds[key] = str(getattr(mark, attribute))
    decimals = info.annotation in {float, float | None}
    return {"type": "number_input", "action_id": _VALUE, "is_decimal_allowed": decimals, **bounds, **start}


def _split_list(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _value(state: Mapping[str, Any]) -> Any:
    """Return the value of one element's state."""
    if state.get("type") == "checkboxes":
        return bool(state.get("selected_options")) or None
    if state.get("type") == "datetimepicker":
        at = state.get("selected_date_time")
        return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}" if isinstance(at, int) else None
    chosen = state.get("selected_option")
    if isinstance(chosen, dict):
        return chosen.get("value")
    return state.get("selected_user") or state.get("value")
