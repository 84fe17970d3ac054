"""What a person does with a message's buttons and menus, and with those of an open view."""

from typing import Any

from bot.demo.workspace.conversation import Channel, StoredMessage
from bot.demo.workspace.element_values import chosen, find_element, initial, state_of
from bot.demo.workspace.event_delivery import Delivery, EventDelivery
from bot.demo.workspace.payloads import heading
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.state import WorkspaceState
from bot.demo.workspace.user_actions import ActionOutcome, actor, place, response_url
from bot.demo.workspace.views import OpenView

_QUIETLY = ActionOutcome(ok=True, error=None, ack={})
"""Inputs without `dispatch_action` keep what was put in, and the bot hears of it later."""


async def click(
    workspace: WorkspaceState, *, user: str, channel: str, ts: str, wanted: Json
) -> ActionOutcome:
    """Press a button or choose in a menu of a message. `wanted` holds `action_id` or `label`, perhaps
    `block_id`, and `value` for anything but a button.

    Raises Refusal `message_not_found`, `action_not_found`, and what `actor`, `place` and `chosen` raise.
    """
    person = actor(workspace, user)
    where = place(workspace, person, channel)
    message = where.messages.get(ts)
    if message is None or message.only_for not in {None, user}:
        raise MethodRefusal("message_not_found")
    block, element = find_element(message.blocks, wanted)
    action = _choose(workspace, user, (block, element), wanted.get("value"))
    _hold(message.held.setdefault(user, {}), (block, element), action)
    if _is_quiet(block):
        return _QUIETLY
    payload = heading(workspace, person, "block_actions") | _place_of(workspace, message, where, user)
    payload["actions"] = [_named(workspace, (block, element), action)]
    outcome = await _deliver(workspace, payload)
    if not outcome.ok:
        words = f'This app responded with the error "{outcome.error}" to the button.'
        workspace.report_error(user, channel, words)
    return outcome


async def click_in_view(workspace: WorkspaceState, *, user: str, view_id: str, wanted: Json) -> ActionOutcome:
    """Press a button or choose in a menu of the topmost modal or the Home tab.

    Raises Refusal `not_found`, `action_not_found`, and what `actor` and `chosen` raise.
    """
    person = actor(workspace, user)
    view = own_view(workspace, user, view_id)
    block, element = find_element(view.content["blocks"], wanted)
    action = _choose(workspace, user, (block, element), wanted.get("value"))
    _hold(view.values, (block, element), action)
    if _is_quiet(block):
        return _QUIETLY
    view.values = state_of(view.content["blocks"], view.values)
    payload = heading(workspace, person, "block_actions", view_id=view.id) | {
        "container": {"type": "view", "view_id": view.id},
        "view": view.json(),
        "actions": [_named(workspace, (block, element), action)],
    }
    return await _deliver(workspace, payload)


def own_view(workspace: WorkspaceState, user: str, view_id: str) -> OpenView:
    """The view that this very person has before them: their topmost modal, or their Home tab.

    Raises Refusal `not_found`.
    """
    for view in (*workspace.views.stack(user)[-1:], workspace.views.home(user)):
        if view is not None and view.id == view_id:
            return view
    raise MethodRefusal("not_found")


Piece = tuple[Json, Json]
"""A block and one of its elements."""


def _choose(workspace: WorkspaceState, user: str, piece: Piece, value: Any) -> Json:
    block, element = piece
    offered = workspace.offered.get((user, block["block_id"], element["action_id"]), {})
    return chosen(element, value, offered)


def _hold(values: Json, piece: Piece, action: Json) -> None:
    block, element = piece
    if initial(element) is not None:
        values.setdefault(block["block_id"], {})[element["action_id"]] = action


def _is_quiet(block: Json) -> bool:
    return block["type"] == "input" and not block.get("dispatch_action")


def _named(workspace: WorkspaceState, piece: Piece, action: Json) -> Json:
    block, element = piece
    names = {"action_id": element["action_id"], "block_id": block["block_id"]}
    return {**names, **action, "action_ts": workspace.next_ts()}


def _place_of(workspace: WorkspaceState, message: StoredMessage, channel: Channel, user: str) -> Json:
    hook = workspace.hooks.issue(user=user, channel=channel.id, message_ts=message.ts)
    return {
        **message_place(message, channel),
        "state": {"values": state_of(message.blocks, message.held.get(user, {}))},
        "response_url": response_url(workspace, hook),
    }


def message_place(message: StoredMessage, channel: Channel) -> Json:
    """Where in the workspace a message's element was touched, as payloads say it."""
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.only_for is not None,
    }
    found: Json = {"container": container, "channel": {"id": channel.id, "name": channel.name}}
    if message.only_for is None:
        # Slack sends an ephemeral message's content to nobody, not even back to its own app.
        found["message"] = message.json()
    return found


async def _deliver(workspace: WorkspaceState, payload: Json) -> ActionOutcome:
    answer = await EventDelivery(workspace).deliver(
        Delivery(kind="interactive", name="block_actions", payload=payload)
    )
    return ActionOutcome(ok=answer.ok, error=None if answer.ok else str(answer.fate), ack=answer.body)
