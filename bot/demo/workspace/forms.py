"""A person's use of a modal: fill in, submit, close."""

from decimal import Decimal, InvalidOperation
from typing import Any

from bot.demo.workspace.clicks import choose, find_view
from bot.demo.workspace.element_values import initial_state, state_of
from bot.demo.workspace.event_delivery import ActionOutcome, deliver, payload_head
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.state import WorkspaceState
from bot.demo.workspace.user_actions import find_person
from bot.demo.workspace.validator import check_view
from bot.demo.workspace.views import OpenView
from bot.domain.block_kit import slack_limits as limits
from bot.domain.block_kit.validation import interactive_elements, leaf_blocks
from bot.domain.phrases import format_count

_REQUIRED = "Please complete this required field."


async def submit(
    workspace: WorkspaceState, *, user: str, view_id: str, values: dict[str, Any] | None = None
) -> ActionOutcome:
    """Fill in a modal and submit it. `values` maps action_id (or block_id) to the typed or chosen value.

    Empty or invalid inputs give `missing_input` without a delivery to the bot. Raises MethodRefusal
    `not_found`, and what `find_person` and `choose` raise.
    """
    person = find_person(workspace, user)
    view = _topmost(workspace, user, view_id)
    _fill(workspace, view, values or {})
    errors = input_errors(view.blocks, view.values)
    if errors:
        view.errors = errors
        workspace.stream.announce("views", user=user)
        return ActionOutcome(error="missing_input", ack={"errors": errors})
    payload = payload_head(workspace, person, "view_submission") | {"view": view.json(), "response_urls": []}
    outcome = await deliver(workspace, payload)
    return _apply_ack(workspace, view, outcome.ack) if outcome.ok else outcome


async def close(
    workspace: WorkspaceState, *, user: str, view_id: str, everything: bool = False
) -> ActionOutcome:
    """Close the topmost modal with its button, or all of them with the cross.

    The bot gets a payload for each closed view with `notify_on_close`. Raises MethodRefusal `not_found`.
    """
    person = find_person(workspace, user)
    view = _topmost(workspace, user, view_id)
    cleared = everything or bool(view.content.get("clear_on_close"))
    closing = reversed(workspace.views.stack(user)) if cleared else [view]
    notified = [each for each in closing if each.content.get("notify_on_close")]
    workspace.views.close(view, everything=cleared)
    workspace.stream.announce("views", user=user)
    outcome = ActionOutcome()
    for each in notified:
        payload = payload_head(workspace, person, "view_closed")
        answer = await deliver(workspace, payload | {"view": each.json(), "is_cleared": cleared})
        outcome = outcome if answer.ok else ActionOutcome(error=answer.error)
    return outcome


def _fill(workspace: WorkspaceState, view: OpenView, values: dict[str, Any]) -> None:
    """Put values into a view's inputs; the others keep theirs."""
    view.values = state_of(view.blocks, view.values)
    for block, element in interactive_elements(view.blocks):
        block_id, action_id = block["block_id"], element["action_id"]
        for name in (block_id, action_id):
            if name in values and initial_state(element) is not None:
                view.values[block_id][action_id] = choose(
                    workspace, view.user, (block, element), values[name]
                )


def _topmost(workspace: WorkspaceState, user: str, view_id: str) -> OpenView:
    view = find_view(workspace, user, view_id)
    if view is workspace.views.home(user):
        raise MethodRefusal("not_found")
    return view


def _apply_ack(workspace: WorkspaceState, view: OpenView, answer: Json) -> ActionOutcome:
    """Apply the ack of a submission: close, clear, show errors or another view."""
    action = answer.get("response_action")
    views = workspace.views
    if action not in {None, "errors", "update", "push", "clear"}:
        return ActionOutcome(error="invalid_response_action", ack=answer)
    try:
        if action == "errors":
            view.errors = _checked_errors(view, answer)
        elif action in {"update", "push"}:
            content = _checked_view(answer)
            if action == "update":
                views.change(view, content)
            else:
                views.push(view.user, content)
            workspace.name_blocks(content["blocks"])
        else:
            views.close(view, everything=action == "clear")
    except MethodRefusal as refusal:
        return ActionOutcome(error=refusal.code, ack=answer)
    finally:
        workspace.stream.announce("views", user=view.user)
    return ActionOutcome(error="errors" if action == "errors" else None, ack=answer)


def _checked_view(answer: Json) -> Json:
    content = answer.get("view")
    if not isinstance(content, dict) or content.get("type") != "modal":
        raise MethodRefusal("invalid_arguments")
    check_view(content)
    return content


def _checked_errors(view: OpenView, answer: Json) -> dict[str, str]:
    """Return errors by block. Raises MethodRefusal for none, or for a block that is not an input."""
    inputs = {block["block_id"] for block in leaf_blocks(view.blocks) if block["type"] == "input"}
    errors = answer.get("errors")
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise MethodRefusal("invalid_errors")
    return {str(block_id): str(words) for block_id, words in errors.items()}


def input_errors(blocks: list[Json], values: Json) -> dict[str, str]:
    """Return the errors that Slack's client shows before sending a form, by block_id.

    `values` is `state.values` of all its blocks.
    """
    found: dict[str, str] = {}
    for block in leaf_blocks(blocks):
        if block["type"] != "input":
            continue
        element = block["element"]
        held = values[block["block_id"]][element["action_id"]]
        value = next((inner for name, inner in held.items() if name != "type"), None)
        words = _input_error(element, value, optional=bool(block.get("optional")))
        if words:
            found[block["block_id"]] = words
    return found


def _input_error(element: Json, value: Any, *, optional: bool) -> str | None:
    if value in (None, "", [], {}):
        return None if optional else _REQUIRED
    if element["type"] == "file_input":
        most = element.get("max_files", limits.INPUT_FILES)
        return f"Add at most {format_count(most, 'file')}." if len(value) > most else None
    if element["type"] == "plain_text_input":
        return _text_error(element, str(value))
    if element["type"] == "email_text_input":
        return None if _is_email(str(value)) else "Enter an email address."
    if element["type"] == "url_text_input":
        return None if _is_url(str(value)) else "Enter a link that begins with https:// or http://."
    return _number_error(element, str(value)) if element["type"] == "number_input" else None


def _is_email(value: str) -> bool:
    name, _, domain = value.partition("@")
    return bool(name) and "@" not in domain and "." in domain.strip(".") and not any(map(str.isspace, value))


def _is_url(value: str) -> bool:
    scheme, _, rest = value.partition("://")
    return scheme.lower() in {"http", "https"} and bool(rest) and not any(map(str.isspace, value))


def _text_error(element: Json, value: str) -> str | None:
    least, most = element.get("min_length", 0), element.get("max_length", limits.INPUT_LENGTH)
    if len(value) < least:
        return f"Use at least {least} characters."
    return f"Use at most {most} characters." if len(value) > most else None


def _number_error(element: Json, value: str) -> str | None:
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
