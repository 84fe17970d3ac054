"""Shortcuts that a person starts from the composer's menu or a message's menu."""

from bot.demo.workspace.event_delivery import Delivery, EventDelivery, payload_head
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.state import WorkspaceState
from bot.demo.workspace.user_actions import ActionOutcome, find_channel, find_person, full_url


async def run_global(workspace: WorkspaceState, *, user: str, callback_id: str) -> ActionOutcome:
    """Run a global shortcut, whose payload names no channel.

    Raises MethodRefusal `unknown_shortcut` if the manifest lacks it, and what `find_person` raises.
    """
    person = find_person(workspace, user)
    _require(workspace, callback_id, "global")
    payload = payload_head(workspace, person, "shortcut") | {
        "callback_id": callback_id,
        "action_ts": workspace.next_ts(),
    }
    return await _deliver(workspace, payload, "shortcut")


async def run_on_message(
    workspace: WorkspaceState, *, user: str, callback_id: str, channel: str, ts: str
) -> ActionOutcome:
    """Run a shortcut of a message, which the payload contains. Ephemeral messages have no shortcuts.

    Raises MethodRefusal `unknown_shortcut`, `message_not_found`, and what `find_person` and `find_channel`
    raise.
    """
    person = find_person(workspace, user)
    in_channel = find_channel(workspace, person, channel)
    _require(workspace, callback_id, "message")
    message = in_channel.messages.get(ts)
    if message is None or message.only_for:
        raise MethodRefusal("message_not_found")
    reply_url = workspace.response_urls.issue(user=user, channel=channel)
    payload = payload_head(workspace, person, "message_action") | {
        "callback_id": callback_id,
        "action_ts": workspace.next_ts(),
        "channel": {"id": channel, "name": in_channel.name},
        "message_ts": ts,
        "message": message.json(),
        "response_url": full_url(workspace, reply_url),
    }
    return await _deliver(workspace, payload, "message_action")


def _require(workspace: WorkspaceState, callback_id: str, kind: str) -> None:
    shortcut = workspace.manifest.shortcut(callback_id)
    if shortcut is None or shortcut.kind != kind or "commands" not in workspace.manifest.scopes:
        raise MethodRefusal("unknown_shortcut")


async def _deliver(workspace: WorkspaceState, payload: Json, name: str) -> ActionOutcome:
    answer = await EventDelivery(workspace).deliver(Delivery(kind="interactive", name=name, payload=payload))
    return ActionOutcome(ok=answer.ok, error=None if answer.ok else str(answer.outcome), ack=answer.body)
