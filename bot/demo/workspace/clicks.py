"""A person's use of buttons and menus in messages and open views."""

from typing import Any

from bot.demo.workspace.conversation import Channel, StoredMessage
from bot.demo.workspace.conversation_filter import check_conversation
from bot.demo.workspace.element_values import chosen_state, find_element, initial_state, state_of
from bot.demo.workspace.event_delivery import Delivery, EventDelivery, payload_head
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.state import WorkspaceState
from bot.demo.workspace.user_actions import ActionOutcome, find_channel, find_person, full_url
from bot.demo.workspace.views import OpenView

_NOT_SENT = ActionOutcome(ok=True, error=None, ack={})
"""An input without `dispatch_action` keeps its value; the bot gets it with the whole form."""


async def click(
    workspace: WorkspaceState, *, user: str, channel: str, ts: str, target: Json
) -> ActionOutcome:
    """Press a button or choose in a menu of a message.

    `target` holds `action_id` or `label`, optionally `block_id`, and `value` for menus. Raises MethodRefusal
    `message_not_found`, `action_not_found`, and what `find_person`, `find_channel` and `chosen_state` raise.
    """
    person = find_person(workspace, user)
    in_channel = find_channel(workspace, person, channel)
    message = in_channel.messages.get(ts)
    if message is None or message.only_for not in {None, user}:
        raise MethodRefusal("message_not_found")
    block, element = find_element(message.blocks, target)
    action = _choose(workspace, user, (block, element), target.get("value"))
    _keep_value(message.held.setdefault(user, {}), (block, element), action)
    if _is_unsent_input(block):
        return _NOT_SENT
    payload = payload_head(workspace, person, "block_actions") | _message_context(
        workspace, message, in_channel, user
    )
    payload["actions"] = [_action_payload(workspace, (block, element), action)]
    outcome = await _deliver(workspace, payload)
    if not outcome.ok:
        words = f'This app responded with the error "{outcome.error}" to the button.'
        workspace.report_error(user, channel, words)
    return outcome


async def click_in_view(workspace: WorkspaceState, *, user: str, view_id: str, target: Json) -> ActionOutcome:
    """Press a button or choose in a menu of the topmost modal or the Home tab.

    Raises MethodRefusal `not_found`, `action_not_found`, and what `find_person` and `chosen_state` raise.
    """
    person = find_person(workspace, user)
    view = find_view(workspace, user, view_id)
    block, element = find_element(view.content["blocks"], target)
    action = _choose(workspace, user, (block, element), target.get("value"))
    _keep_value(view.values, (block, element), action)
    if _is_unsent_input(block):
        return _NOT_SENT
    view.values = state_of(view.content["blocks"], view.values)
    payload = payload_head(workspace, person, "block_actions", view_id=view.id) | {
        "container": {"type": "view", "view_id": view.id},
        "view": view.json(),
        "actions": [_action_payload(workspace, (block, element), action)],
    }
    return await _deliver(workspace, payload)


def find_view(workspace: WorkspaceState, user: str, view_id: str) -> OpenView:
    """Return the person's topmost modal or Home tab with this id.

    Raises MethodRefusal `not_found`.
    """
    for view in (*workspace.views.stack(user)[-1:], workspace.views.home(user)):
        if view is not None and view.id == view_id:
            return view
    raise MethodRefusal("not_found")


BlockElement = tuple[Json, Json]
"""A block and one of its elements."""


def _choose(workspace: WorkspaceState, user: str, pair: BlockElement, value: Any) -> Json:
    block, element = pair
    check_conversation(workspace, user, element, value)
    offered = workspace.offered.get((user, block["block_id"], element["action_id"]), {})
    return chosen_state(element, value, offered)


def _keep_value(values: Json, pair: BlockElement, action: Json) -> None:
    block, element = pair
    if initial_state(element) is not None:
        values.setdefault(block["block_id"], {})[element["action_id"]] = action


def _is_unsent_input(block: Json) -> bool:
    return block["type"] == "input" and not block.get("dispatch_action")


def _action_payload(workspace: WorkspaceState, pair: BlockElement, action: Json) -> Json:
    block, element = pair
    names = {"action_id": element["action_id"], "block_id": block["block_id"]}
    return {**names, **action, "action_ts": workspace.next_ts()}


def _message_context(workspace: WorkspaceState, message: StoredMessage, channel: Channel, user: str) -> Json:
    reply_url = workspace.response_urls.issue(user=user, channel=channel.id, message_ts=message.ts)
    return {
        **message_location(message, channel),
        "state": {"values": state_of(message.blocks, message.held.get(user, {}))},
        "response_url": full_url(workspace, reply_url),
    }


def message_location(message: StoredMessage, channel: Channel) -> Json:
    """Return the container, channel and message of an action for its payload."""
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.only_for is not None,
    }
    found: Json = {"container": container, "channel": {"id": channel.id, "name": channel.name}}
    if message.only_for is None:
        # Slack does not send an ephemeral message's content, not even to its own app.
        found["message"] = message.json()
    return found


async def _deliver(workspace: WorkspaceState, payload: Json) -> ActionOutcome:
    answer = await EventDelivery(workspace).deliver(
        Delivery(kind="interactive", name="block_actions", payload=payload)
    )
    return ActionOutcome(ok=answer.ok, error=None if answer.ok else str(answer.outcome), ack=answer.body)
