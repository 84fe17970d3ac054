"""What Slack's own client says of an input before it sends a form: empty, too long, too many, no number."""

from decimal import Decimal, InvalidOperation
from typing import Any

from bot.demo.workspace.refusal import Json
from bot.domain.block_kit import slack_limits as limits
from bot.domain.block_kit.block_tree import leaf_blocks
from bot.domain.phrases import counted

REQUIRED = "Please complete this required field."


def complaints(blocks: list[Json], values: Json) -> dict[str, str]:
    """What keeps a form from being sent, by block_id; `values` is `state.values` of all its blocks."""
    found: dict[str, str] = {}
    for block in leaf_blocks(blocks):
        if block["type"] != "input":
            continue
        element = block["element"]
        held = values[block["block_id"]][element["action_id"]]
        value = next((inner for name, inner in held.items() if name != "type"), None)
        words = _unfit(element, value, optional=bool(block.get("optional")))
        if words:
            found[block["block_id"]] = words
    return found


def _unfit(element: Json, value: Any, *, optional: bool) -> str | None:
    if value in (None, "", [], {}):
        return None if optional else REQUIRED
    if element["type"] == "file_input":
        most = element.get("max_files", limits.INPUT_FILES)
        return f"Add at most {counted(most, 'file')}." if len(value) > most else None
    if element["type"] == "plain_text_input":
        return _unfit_text(element, str(value))
    return _unfit_number(element, str(value)) if element["type"] == "number_input" else None


def _unfit_text(element: Json, value: str) -> str | None:
    least, most = element.get("min_length", 0), element.get("max_length", limits.INPUT_LENGTH)
    if len(value) < least:
        return f"Use at least {least} characters."
    return f"Use at most {most} characters." if len(value) > most else None


def _unfit_number(element: Json, value: str) -> str | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return "Enter a number."
    if not number.is_finite() or (number != number.to_integral_value() and not element["is_decimal_allowed"]):
        return "Enter a whole number."
    least, most = element.get("min_value"), element.get("max_value")
    if least is not None and number < Decimal(least):
        return f"Enter {least} or more."
    return f"Enter {most} or less." if most is not None and number > Decimal(most) else None
