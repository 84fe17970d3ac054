"""What a person starts from Slack's own menus: the composer's shortcuts, and those of a message."""

from bot.demo.workspace.event_delivery import Delivery, EventDelivery
from bot.demo.workspace.payloads import heading
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.state import WorkspaceState
from bot.demo.workspace.user_actions import ActionOutcome, actor, place, response_url


async def run_global(workspace: WorkspaceState, *, user: str, callback_id: str) -> ActionOutcome:
    """Choose a global shortcut; the bot hears of it without a channel.

    Raises Refusal `unknown_shortcut` when the manifest lacks it, and what `actor` raises.
    """
    person = actor(workspace, user)
    _require(workspace, callback_id, "global")
    payload = heading(workspace, person, "shortcut") | {
        "callback_id": callback_id,
        "action_ts": workspace.next_ts(),
    }
    return await _deliver(workspace, payload, "shortcut")


async def run_on_message(
    workspace: WorkspaceState, *, user: str, callback_id: str, channel: str, ts: str
) -> ActionOutcome:
    """Choose a shortcut in the menu of a message, which goes with it. Ephemeral messages have no such menu.

    Raises Refusal `unknown_shortcut`, `message_not_found`, and what `actor` and `place` raise.
    """
    person = actor(workspace, user)
    where = place(workspace, person, channel)
    _require(workspace, callback_id, "message")
    message = where.messages.get(ts)
    if message is None or message.only_for:
        raise MethodRefusal("message_not_found")
    hook = workspace.hooks.issue(user=user, channel=channel)
    payload = heading(workspace, person, "message_action") | {
        "callback_id": callback_id,
        "action_ts": workspace.next_ts(),
        "channel": {"id": channel, "name": where.name},
        "message_ts": ts,
        "message": message.json(),
        "response_url": response_url(workspace, hook),
    }
    return await _deliver(workspace, payload, "message_action")


def _require(workspace: WorkspaceState, callback_id: str, kind: str) -> None:
    shortcut = workspace.manifest.shortcut(callback_id)
    if shortcut is None or shortcut.kind != kind or "commands" not in workspace.manifest.scopes:
        raise MethodRefusal("unknown_shortcut")


async def _deliver(workspace: WorkspaceState, payload: Json, name: str) -> ActionOutcome:
    answer = await EventDelivery(workspace).deliver(Delivery(kind="interactive", name=name, payload=payload))
    return ActionOutcome(ok=answer.ok, error=None if answer.ok else str(answer.fate), ack=answer.body)
