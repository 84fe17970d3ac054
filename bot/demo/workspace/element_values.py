"""A person's choices in elements as the actions and state of payloads."""

from collections.abc import Iterable, Mapping
from typing import Any

from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.domain.block_kit.elements import DATE, TIME
from bot.domain.block_kit.validation import interactive_elements

_SIMPLE = {
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
    "multi_users_select": "selected_users",
    "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
    "plain_text_input": "value",
    "number_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "rich_text_input": "rich_text_value",
    "file_input": "files",
}

_WRITTEN = {"datepicker": DATE, "timepicker": TIME}

_SEVERAL_OPTIONS = {"checkboxes", "multi_static_select", "multi_external_select"}

Offered = Mapping[str, Json]
"""Options of an external select by value, as far as the app has offered them to this person."""


def find_element(blocks: list[Json], target: Json) -> tuple[Json, Json]:
    """Return the block and element with this `action_id` (and `block_id`, if given) or button `label`.

    Raises MethodRefusal `action_not_found`.
    """
    for block, element in interactive_elements(blocks):
        if target.get("block_id") not in {None, block.get("block_id")}:
            continue
        named = (target.get("action_id") or "") == element.get("action_id")
        if named or (target.get("label") or "") == (element.get("text") or {}).get("text"):
            return block, element
    raise MethodRefusal("action_not_found")


def chosen_state(element: Json, value: Any, offered: Offered) -> Json:
    """Return the element's state after choosing `value`: an option or its value, a date, or typed text.

    Raises MethodRefusal `option_not_found`, `too_many_options`, or `invalid_value` for what no picker of
    Slack's sends.
    """
    kind = str(element["type"])
    if isinstance(value, list) and len(value) > element.get("max_selected_items", len(value)):
        raise MethodRefusal("too_many_options")
    if kind == "button":
        return {
            "type": kind,
            **{name: element[name] for name in ("text", "value", "style") if name in element},
        }
    if kind in _SIMPLE:
        if not _is_possible(kind, value):
            raise MethodRefusal("invalid_value")
        return {"type": kind, _SIMPLE[kind]: value}
    if kind in _SEVERAL_OPTIONS:
        return {"type": kind, "selected_options": [_option(element, each, offered) for each in value or []]}
    return {"type": kind, "selected_option": None if value is None else _option(element, value, offered)}


def _is_possible(kind: str, value: Any) -> bool:
    if value is None:
        return True
    if kind in _WRITTEN:
        return isinstance(value, str) and _WRITTEN[kind].fullmatch(value) is not None
    return kind != "datetimepicker" or (isinstance(value, int) and len(str(value)) == 10)


def initial_state(element: Json) -> Json | None:
    """Return the element's state before any use, None if its type has no state."""
    kind = str(element["type"])
    if kind in {"button", "overflow"}:
        return None
    if "initial_option" in element:
        return {"type": kind, "selected_option": element["initial_option"]}
    if kind in _SEVERAL_OPTIONS:
        return {"type": kind, "selected_options": element.get("initial_options", [])}
    if kind in _SIMPLE:
        return {"type": kind, _SIMPLE[kind]: _initial_value(element)}
    return {"type": kind, "selected_option": None}


def _initial_value(element: Json) -> Any:
    given = [value for name, value in element.items() if name.startswith("initial_")]
    return given[0] if given else None


def _option(element: Json, value: Any, offered: Offered) -> Json:
    chosen = value.get("value") if isinstance(value, dict) else value
    options = [*element.get("options", []), *element.get("initial_options", []), *offered.values()]
    for group in element.get("option_groups", []):
        options += group["options"]
    if "initial_option" in element:
        options.append(element["initial_option"])
    for option in options:
        if option["value"] == chosen:
            return dict(option)
    raise MethodRefusal("option_not_found")


def state_of(blocks: list[Json], held: Json) -> Json:
    """Return `state.values` of these blocks: the held values by block_id and action_id, else initial ones."""
    values: Json = {}
    for block, element in interactive_elements(blocks):
        state = initial_state(element)
        if state is not None:
            own = held.get(block["block_id"], {}).get(element["action_id"])
            values.setdefault(block["block_id"], {})[element["action_id"]] = own or state
    return values


def kept_values(values: Json, blocks: Iterable[Json]) -> Json:
    """Return the part of `state.values` whose block_id and action_id these blocks still have."""
    names = {
        (block.get("block_id"), element.get("action_id")) for block, element in interactive_elements(blocks)
    }
    kept = {
        block_id: {action: value for action, value in actions.items() if (block_id, action) in names}
        for block_id, actions in values.items()
    }
    return {block_id: actions for block_id, actions in kept.items() if actions}
