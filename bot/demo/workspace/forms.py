"""What a person does with a modal: fill in, submit, and close."""

from typing import Any

from bot.demo.workspace.clicks import own_view
from bot.demo.workspace.element_values import chosen, initial, state_of
from bot.demo.workspace.event_delivery import Delivery, EventDelivery
from bot.demo.workspace.payloads import heading
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.state import WorkspaceState
from bot.demo.workspace.typed_values import complaints
from bot.demo.workspace.user_actions import ActionOutcome, actor
from bot.demo.workspace.validator import check_view
from bot.demo.workspace.views import OpenView
from bot.domain.block_kit.block_tree import interactive_elements, leaf_blocks


async def submit(
    workspace: WorkspaceState, *, user: str, view_id: str, values: dict[str, Any]
) -> ActionOutcome:
    """Fill in a modal and submit it. `values` maps action_id (or block_id) to what was typed or chosen.

    Inputs that are left empty or do not fit end with `missing_input` before the bot hears of it. Raises
    Refusal `not_found`, and what `actor` and `chosen` raise.
    """
    person = actor(workspace, user)
    view = _topmost(workspace, user, view_id)
    fill(workspace, view, values)
    unfit = complaints(view.content["blocks"], view.values)
    if unfit:
        view.errors = unfit
        workspace.stream.announce("views", user=user)
        return ActionOutcome(ok=False, error="missing_input", ack={"errors": view.errors})
    payload = heading(workspace, person, "view_submission", view_id=view.id)
    payload |= {"view": view.json(), "response_urls": []}
    answer = await EventDelivery(workspace).deliver(
        Delivery(kind="interactive", name="view_submission", payload=payload)
    )
    if not answer.ok:
        return ActionOutcome(ok=False, error=str(answer.fate), ack={})
    return _obey(workspace, view, answer.body)


async def close(
    workspace: WorkspaceState, *, user: str, view_id: str, everything: bool = False
) -> ActionOutcome:
    """Close the topmost modal with its button, or all of them with the cross.

    Every view that goes and has `notify_on_close` is told to the bot. Raises Refusal `not_found`.
    """
    person = actor(workspace, user)
    view = _topmost(workspace, user, view_id)
    cleared = everything or bool(view.content.get("clear_on_close"))
    going = reversed(workspace.views.stack(user)) if cleared else [view]
    told = [each for each in going if each.content.get("notify_on_close")]
    workspace.views.close(view, everything=cleared)
    workspace.stream.announce("views", user=user)
    outcome = ActionOutcome(ok=True, error=None, ack={})
    for each in told:
        payload = heading(workspace, person, "view_closed") | {"view": each.json(), "is_cleared": cleared}
        answer = await EventDelivery(workspace).deliver(
            Delivery(kind="interactive", name="view_closed", payload=payload)
        )
        if not answer.ok:
            outcome = ActionOutcome(ok=False, error=str(answer.fate), ack={})
    return outcome


def fill(workspace: WorkspaceState, view: OpenView, values: dict[str, Any]) -> None:
    """Put values into a view's inputs; those without one keep what they held or started with."""
    blocks = view.content["blocks"]
    view.values = state_of(blocks, view.values)
    for block, element in interactive_elements(blocks):
        block_id, action_id = block["block_id"], element["action_id"]
        offered = workspace.offered.get((view.user, block_id, action_id), {})
        for name in (block_id, action_id):
            if name in values and initial(element) is not None:
                view.values[block_id][action_id] = chosen(element, values[name], offered)


def _topmost(workspace: WorkspaceState, user: str, view_id: str) -> OpenView:
    view = own_view(workspace, user, view_id)
    if view is workspace.views.home(user):
        raise MethodRefusal("not_found")
    return view


def _obey(workspace: WorkspaceState, view: OpenView, answer: Json) -> ActionOutcome:
    """Do what the answer to a submission says: close, clear, show errors, or another view."""
    action = answer.get("response_action")
    views = workspace.views
    if action not in {None, "errors", "update", "push", "clear"}:
        return ActionOutcome(ok=False, error="invalid_response_action", ack=answer)
    try:
        if action == "errors":
            view.errors = _errors(view, answer)
        elif action in {"update", "push"}:
            content = _view(answer)
            if action == "update":
                views.change(view, content)
            else:
                views.push(view.user, content)
            workspace.name_blocks(content["blocks"])
        else:
            views.close(view, everything=action == "clear")
    except MethodRefusal as refusal:
        return ActionOutcome(ok=False, error=refusal.code, ack=answer)
    finally:
        workspace.stream.announce("views", user=view.user)
    return ActionOutcome(ok=action != "errors", error="errors" if action == "errors" else None, ack=answer)


def _view(answer: Json) -> Json:
    content = answer.get("view")
    if not isinstance(content, dict) or content.get("type") != "modal":
        raise MethodRefusal("invalid_arguments")
    check_view(content)
    return content


def _errors(view: OpenView, answer: Json) -> dict[str, str]:
    """The errors by block. Raises Refusal for none, or for a block that is no input."""
    inputs = {block["block_id"] for block in leaf_blocks(view.content["blocks"]) if block["type"] == "input"}
    errors = answer.get("errors")
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise MethodRefusal("invalid_errors")
    return {str(block_id): str(words) for block_id, words in errors.items()}
