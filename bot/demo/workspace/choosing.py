"""Turns what a person chose in an element into the action and state that a payload carries."""

from typing import Any

from bot.demo.workspace.refusal import Json, Refusal
from bot.demo.workspace.state import elements_of

_SIMPLE = {
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
    "multi_users_select": "selected_users",
    "plain_text_input": "value",
    "number_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
}


def find_element(blocks: list[Json], wanted: Json) -> tuple[Json, Json]:
    """The block and element with this `action_id` (and `block_id`, where given) or button `label`.

    Raises Refusal `action_not_found`.
    """
    for block in blocks:
        if wanted.get("block_id") not in {None, block.get("block_id")} and block.get("type") != "container":
            continue
        for element in elements_of(block):
            label = (element.get("text") or {}).get("text")
            if (wanted.get("action_id") or "") == element.get("action_id") or (
                wanted.get("label") or ""
            ) == label:
                return block, element
    raise Refusal("action_not_found")


def chosen(element: Json, value: Any) -> Json:
    """What the element holds once `value` is chosen: an option's value, a date, or typed text."""
    kind = str(element["type"])
    if kind == "button":
        return {
            "type": kind,
            **{name: element[name] for name in ("text", "value", "style") if name in element},
        }
    if kind in _SIMPLE:
        return {"type": kind, _SIMPLE[kind]: value}
    if kind in {"checkboxes", "multi_static_select", "multi_external_select"}:
        return {"type": kind, "selected_options": [_option(element, each) for each in value or []]}
    return {"type": kind, "selected_option": None if value is None else _option(element, value)}


def initial(element: Json) -> Json | None:
    """What the element holds before anyone touches it; None for those without a state."""
    kind = str(element["type"])
    if kind in {"button", "overflow", "file_input"}:
        return None
    if "initial_option" in element:
        return {"type": kind, "selected_option": element["initial_option"]}
    if kind in {"checkboxes", "multi_static_select", "multi_external_select"}:
        return {"type": kind, "selected_options": element.get("initial_options", [])}
    if kind in _SIMPLE:
        return {"type": kind, _SIMPLE[kind]: _initial_value(element)}
    return {"type": kind, "selected_option": None}


def _initial_value(element: Json) -> Any:
    given = [value for name, value in element.items() if name.startswith("initial_")]
    return given[0] if given else None


def _option(element: Json, value: Any) -> Json:
    """The element's own option of that value; an external select gets one from what was typed ahead."""
    if isinstance(value, dict):
        return value
    options = list(element.get("options", []))
    for group in element.get("option_groups", []):
        options += group["options"]
    for option in options:
        if option["value"] == value:
            return dict(option)
    if "external" in str(element["type"]):
        return {"text": {"type": "plain_text", "text": str(value), "emoji": True}, "value": str(value)}
    raise Refusal("option_not_found")


def initial_state(blocks: list[Json]) -> Json:
    """`state.values` of blocks that nobody has touched, for a message's payload."""
    values: Json = {}
    for block in blocks:
        for element in elements_of(block):
            state = initial(element)
            if state is not None:
                values.setdefault(block["block_id"], {})[element["action_id"]] = state
    return values
