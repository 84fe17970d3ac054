"""Forms as modals: built from a command's fields, and read back as values.

An element is the input for one field.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from math import isfinite
from typing import Any

from pydantic.fields import FieldInfo

from bot.commands.declaration import TIMES, Command, InForm, Picked, Registry, field_choices, size_limits
from bot.commands.form_layout import NOTHING, FormChoice, ShownChoice, ShownField, arrange, list_choices_of
from bot.commands.parser import is_list
from bot.domain.block_kit import slack_limits as limits
from bot.domain.byte_sizes import parse_gigabytes
from bot.domain.closed_choices import find_choice, find_switch
from bot.domain.text_safety import clip_text
from bot.slack.block_renderer import bold, context, emoji, literal, rich
from bot.slack.local_times import localize
from bot.slack.message_budget import Block

CALLBACK = "form"
_FIELD, _CHOICE = "field:", "choice:"

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

_UNSET = "unset"
_NUMBERS = {int, float, int | None, float | None}


@dataclass(frozen=True, slots=True)
class ModalForm:
    """A command whose form is being filled in, with the channel and thread of its answer.

    `hidden`: values without a field. `line`: the command line that a reviewed form runs, empty before the
    review. `about`, `needed`, `hides`, `lacks` and `submit`: the command's `FormPrompt`, and what policy
    demands.
    `kept`: values of fields that the present answers do not show.
    """

    command: str
    channel: str
    thread: str = ""
    hidden: Mapping[str, Any] = field(default_factory=dict)
    line: str = ""
    about: str = ""
    needed: Sequence[str] = ()
    hides: Sequence[str] = ()
    lacks: Sequence[str] = ()
    submit: str = ""
    kept: Mapping[str, Any] = field(default_factory=dict)

    def metadata(self) -> str:
        """Return the form as JSON for a view's `private_metadata`; without `kept` where that is too long."""
        whole = {"command": self.command, "channel": self.channel, "thread": self.thread}
        more = {"about": self.about, "needed": [*self.needed], "kept": dict(self.kept)}
        known = {**whole, "hidden": dict(self.hidden), "line": self.line}
        known |= {name: value for name, value in more.items() if value}
        text = json.dumps(known, ensure_ascii=False)  # Slack counts characters, and an escape has six
        is_long = len(text) > limits.PRIVATE_METADATA and self.kept
        return replace(self, kept={}).metadata() if is_long else text


@dataclass(frozen=True, slots=True)
class FormContent:
    """The content of a form: `values` by field as typed, and `picked` ones as a calendar takes them
    (seconds since 1970, a date); the `answers` to its questions by number, those missing following from the
    values; and `suggested` values where none is given.
    """

    values: Mapping[str, Any]
    picked: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[int, int | None] = field(default_factory=dict)
    suggested: Mapping[str, Any] = field(default_factory=dict)


def read_form(view: Mapping[str, Any]) -> ModalForm | None:
    """Return the form in a view, None for a view without one."""
    if view.get("callback_id") != CALLBACK:
        return None
    try:
        return ModalForm(**json.loads(view.get("private_metadata") or ""))
    except (TypeError, ValueError):
        return None


def find_form(view: Mapping[str, Any], registry: Registry) -> tuple[ModalForm, Command] | None:
    """Return the form in a view with its command; None for a view without either."""
    form = read_form(view)
    command = registry.get(tuple(form.command.split())) if form else None
    return (form, command) if form and command else None


def form_view(form: ModalForm, command: Command, content: FormContent, complaint: str = "") -> Block:
    """Return a modal with the inputs that the answers call for, and the values of all others kept."""
    blocks = [rich(emoji("x"), bold(f" {clip_text(complaint, 1_000)}"))] if complaint else []
    blocks += localize([rich(bold(form.about))]) if form.about else []
    blocks += [] if form.submit else [context(clip_text(command.summary, 1_000))]
    shown = set()
    for item in _arrange(command, find_answers(command, content, form.lacks)):
        if isinstance(item, str):
            blocks.append({"type": "header", "text": literal(item)})
        elif isinstance(item, ShownChoice):
            blocks.append(_choice_block(item, form.lacks))
        elif item.name not in form.hides:
            shown.add(item.name)
            blocks.append(_field_block(form, command, item, content))
    kept = {name: value for name, value in content.values.items() if name not in shown | {*form.hidden}}
    submit = form.submit or ("Review" if command.change is not None else "Run")
    title = form.submit or command.name.capitalize()
    return {**_modal(replace(form, kept=kept), title, blocks), "submit": literal(submit)}


def review_view(form: ModalForm, command: Command, blocks: list[Block], submit: str) -> Block:
    """Return a modal that previews a change; submitting it runs `form.line`."""
    return {**_modal(form, command.name.capitalize(), blocks), "submit": literal(submit)}


def text_view(title: str, blocks: list[Block]) -> Block:
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
    """Return the entered values by field, with what the answers to questions set.

    Empty fields are left out, and those with their default or what was suggested: the command knows both.
    """
    found: dict[str, Any] = {}
    fields = command.arguments.model_fields
    for block, state in _states(view):
        name = _name_of(block)
        value = read_state(state)
        if name not in fields or value in NOTHING:
            continue
        if block.endswith(_mark_of(value)) or str(value) == str(command.default(name) or ""):
            continue
        if is_list(fields[name]):
            value = [part.strip() for part in value.split(",") if part.strip()]
        found[name] = value
    for number, answer in read_answers(view, command).items():
        option = list_choices_of(command.layout)[number].options[answer]
        found |= {option.sets: True} if option.sets else {}
    return found


def read_answers(view: Mapping[str, Any], command: Command) -> dict[int, int]:
    """Return the answers given to the questions of the form, by number."""
    choices = list_choices_of(command.layout)
    found = {}
    for block, state in _states(view):
        number, answer = block.removeprefix(_CHOICE), str(read_state(state))
        if not block.startswith(_CHOICE) or not (number.isdecimal() and answer.isdecimal()):
            continue
        if int(number) < len(choices) and int(answer) < len(choices[int(number)].options):
            found[int(number)] = int(answer)
    return found


def read_all_values(view: Mapping[str, Any], command: Command) -> dict[str, Any]:
    """Return the values as `read_values` does, and the initial ones of searched fields, which Slack's state
    lacks until the person edits them."""
    edited = {block for block, _ in _states(view)}
    found: dict[str, Any] = {}
    for block in view.get("blocks") or []:
        element, block_id = block.get("element") or {}, str(block.get("block_id", ""))
        chosen = (element.get("initial_option") or {}).get("value")
        if chosen and element.get("type") == "external_select" and block_id not in edited:
            found[_name_of(block_id)] = str(chosen)
    return found | read_values(view, command)


def find_block_id(view: Mapping[str, Any], name: str) -> str:
    """Return the block_id of a field in a view; Slack shows errors beside that block."""
    blocks = [str(block.get("block_id", "")) for block in view.get("blocks") or []]
    return next((block for block in blocks if _name_of(block) == name), f"{_FIELD}{name}")


def field_names(view: Mapping[str, Any]) -> list[str]:
    blocks = [block for block in view.get("blocks") or [] if block.get("type") == "input"]
    return [name for block in blocks if (name := _name_of(str(block.get("block_id", ""))))]


def _states(view: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for block, states in ((view.get("state") or {}).get("values") or {}).items():
        yield from ((block, state) for state in states.values())


def _name_of(block_id: str) -> str:
    """Return the field of a block, empty for a block without one."""
    return block_id.removeprefix(_FIELD).partition(":")[0] if block_id.startswith(_FIELD) else ""


def _modal(form: ModalForm, title: str, blocks: list[Block]) -> Block:
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": form.metadata(),
        "title": literal(clip_text(title, limits.VIEW_TITLE)),
        "close": literal("Cancel"),
        "blocks": blocks,
    }


def find_answers(command: Command, content: FormContent, lacks: Sequence[str] = ()) -> dict[int, int | None]:
    """Return the answers to the questions of the form, by number; None for one that needs what it `lacks`."""
    found = {}
    for number, choice in enumerate(list_choices_of(command.layout)):
        answer = content.answers.get(number, choice.find_answer(content.values))
        is_possible = answer is not None and choice.options[answer].names.isdisjoint(lacks)
        found[number] = answer if is_possible else None
    return found


def _arrange(command: Command, answers: Mapping[int, int | None]) -> Iterator[str | ShownField | ShownChoice]:
    """Yield what the form shows; positional arguments first, as on the command line."""
    names = [name for name in command.arguments.model_fields if command.picks(name) != "hidden"]
    placed = [name for name, _, _ in command.positionals() if name in names]
    return arrange(
        command.layout, [*placed, *(name for name in names if name not in placed)], placed, answers
    )


def _field_block(form: ModalForm, command: Command, item: ShownField, content: FormContent) -> Block:
    name, info = item.name, command.arguments.model_fields[item.name]
    is_needed = info.is_required() if item.is_needed is None else item.is_needed
    suggested = content.suggested.get(name)
    default = command.default(name) if command.picks(name) is None else None
    known = (content.picked.get(name), content.values.get(name), suggested, default)
    value = next((each for each in known if each not in NOTHING), None)
    hint = command.in_form(name).hint
    hint = command.describe(name) if hint is None else hint
    return {
        "type": "input",
        "block_id": f"{_FIELD}{name}{_mark_of(suggested)}",
        "label": literal(command.label(name)),
        **({"hint": literal(clip_text(hint, limits.INPUT_TEXT))} if hint else {}),
        "optional": not (is_needed or name in form.needed),
        **({"dispatch_action": True} if _updates(command, name) else {}),
        "element": make_element(command, name, value),
    }


def _mark_of(suggested: Any) -> str:
    """Return the ending of a block_id that changes with the suggestion: Slack keeps what is in a block whose
    id stays, so that a new suggestion would not be seen."""
    return "" if suggested in NOTHING else f":{sha256(str(suggested).encode()).hexdigest()[:8]}"


def _updates(command: Command, name: str) -> bool:
    """Return whether the rest of the form depends on the field, as what policy demands on the cluster."""
    is_target = command.change is not None and command.picks(name) == "cluster"
    return is_target or (command.suggestion is not None and name in command.suggestion.on)


def _choice_block(item: ShownChoice, lacks: Sequence[str]) -> Block:
    choice: FormChoice = item.choice
    options = enumerate(choice.options)
    labels = {str(number): each.label for number, each in options if each.names.isdisjoint(lacks)}
    return {
        "type": "input",
        "block_id": f"{_CHOICE}{item.number}",
        "label": literal(choice.label),
        **({"hint": literal(choice.hint)} if choice.hint else {}),
        "optional": False,
        "dispatch_action": True,
        "element": radio_buttons(labels, None if item.answer is None else str(item.answer)),
    }


def make_element(command: Command, name: str, value: Any) -> Block:
    """Return the element for a field, filled in with `value`: times in seconds since 1970."""
    info, form, what = command.arguments.model_fields[name], command.in_form(name), command.picks(name)
    if what in SEARCHED:
        search = {"type": "external_select", "action_id": f"{PICK}{what}", "min_query_length": 0}
        return search | _example(form) | ({"initial_option": option(str(value))} if value else {})
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
    options = [option(value, label) for value, label in labels.items()]
    start = {} if chosen is None else {"initial_option": option(chosen, labels[chosen])}
    return {"type": "radio_buttons", "action_id": VALUE, "options": options, **start}


def option(value: str, text: str = "") -> Block:
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
        start = {}
        with suppress(ValueError):
            start = {"initial_date": date.fromisoformat(str(value)).isoformat()}
        return {"type": "datepicker", "action_id": VALUE, **start}
    kind, more = ("conversation", _CHANNELS) if what == "channel" else ("user", {})
    initial = {f"initial_{kind}": str(value)} if value else {}
    return {"type": f"{kind}s_select", "action_id": VALUE, **more, **initial}


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
    if first == "ram":
        first = "RAM"
    elif first.isalpha() and first.islower():
        first = first.capitalize()
    return " ".join((first, *rest))


def _checkbox(*, checked: bool) -> Block:
    yes = option("yes", "Yes")
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
    element = {"type": "number_input", "action_id": VALUE, "is_decimal_allowed": decimals}
    return element | _example(form) | shown


def _numeral(value: Any, *, is_size: bool) -> str | None:
    """Return a value as a number input takes it; None for any other."""
    try:
        number = float(str(parse_gigabytes(value) if is_size else value))
    except ValueError:
        return None
    return (f"{number:.0f}" if number.is_integer() else str(number)) if isfinite(number) else None
