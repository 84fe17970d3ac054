"""Forms as modals: built from a command's fields, and read back as values."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from bot.commands.declaration import Command
from bot.commands.form_layout import NOTHING, FormChoice, ShownChoice, ShownField, arrange, list_choices_of
from bot.commands.parser import is_list
from bot.domain.block_kit import slack_limits as limits
from bot.domain.text_safety import clip_text
from bot.slack.block_renderer import bold, context, emoji, literal, rich
from bot.slack.form_elements import make_element, radio_buttons, read_state
from bot.slack.local_times import localize
from bot.slack.message_budget import Block

CALLBACK = "form"
_FIELD, _CHOICE = "field:", "choice:"


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


def form_view(form: ModalForm, command: Command, content: FormContent, complaint: str = "") -> Block:
    """Return a modal with the inputs that the answers call for, and the values of all others kept."""
    blocks = [rich(emoji("x"), bold(f" {clip_text(complaint, 1_000)}"))] if complaint else []
    blocks += localize([rich(bold(form.about))]) if form.about else []
    blocks += [] if form.submit else [context(clip_text(command.summary, 1_000))]
    shown = set()
    for item in _arrange(command, find_answers(command, content, form.lacks)):
        if isinstance(item, ShownField) and item.name in form.hides:
            continue
        if isinstance(item, ShownField):
            shown.add(item.name)
            blocks.append(_field_block(form, command, item, content))
        else:
            blocks.append(
                _choice_block(item, form.lacks) if isinstance(item, ShownChoice) else _heading(item)
            )
    kept = {name: value for name, value in content.values.items() if name not in shown | {*form.hidden}}
    submit = form.submit or ("Review" if command.change is not None else "Run")
    title = form.submit or _title(command)
    return {**_modal(replace(form, kept=kept), title, blocks), "submit": literal(submit)}


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
        found[name] = _split_list(value) if is_list(fields[name]) else value
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


def read_initial_options(view: Mapping[str, Any]) -> dict[str, str]:
    """Return the initial values of searched fields, which Slack's state lacks until the person edits them."""
    edited = {block for block, _ in _states(view)}
    found = {}
    for block in view.get("blocks") or []:
        element, block_id = block.get("element") or {}, str(block.get("block_id", ""))
        chosen = (element.get("initial_option") or {}).get("value")
        if chosen and element.get("type") == "external_select" and block_id not in edited:
            found[_name_of(block_id)] = str(chosen)
    return found


def find_block_id(view: Mapping[str, Any], name: str) -> str:
    """Return the block_id of a field in a view; Slack shows errors beside that block."""
    blocks = [str(block.get("block_id", "")) for block in view.get("blocks") or []]
    return next((block for block in blocks if _name_of(block) == name), f"{_FIELD}{name}")


def field_names(view: Mapping[str, Any]) -> list[str]:
    """Return the fields of a view, in order."""
    blocks = [block for block in view.get("blocks") or [] if block.get("type") == "input"]
    return [name for block in blocks if (name := _name_of(str(block.get("block_id", ""))))]


def hidden_values(command: Command, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that have no field in the form."""
    return {name: value for name, value in values.items() if command.picks(name) == "hidden"}


def _states(view: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the state of every input with its block_id."""
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


def _title(command: Command) -> str:
    return command.name.capitalize()


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


def _heading(text: str) -> Block:
    return {"type": "header", "text": literal(text)}


def _split_list(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]
