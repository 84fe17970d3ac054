"""What a person starts from Slack's own menus: the composer's shortcuts, and those of a message."""

from bot.demo.workspace.event_delivery import Courier, Delivery
from bot.demo.workspace.payloads import heading
from bot.demo.workspace.refusal import Json, Refusal
from bot.demo.workspace.state import Workspace
from bot.demo.workspace.user_actions import Outcome, actor, place, response_url


async def run_global(workspace: Workspace, *, user: str, callback_id: str) -> Outcome:
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
    workspace: Workspace, *, user: str, callback_id: str, channel: str, ts: str
) -> Outcome:
    """Choose a shortcut in the menu of a message, which goes with it. Ephemeral messages have no such menu.

    Raises Refusal `unknown_shortcut`, `message_not_found`, and what `actor` and `place` raise.
    """
    person = actor(workspace, user)
    where = place(workspace, person, channel)
    _require(workspace, callback_id, "message")
    message = where.messages.get(ts)
    if message is None or message.only_for:
        raise Refusal("message_not_found")
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


def _require(workspace: Workspace, callback_id: str, kind: str) -> None:
    shortcut = workspace.manifest.shortcut(callback_id)
    if shortcut is None or shortcut.kind != kind or "commands" not in workspace.manifest.scopes:
        raise Refusal("unknown_shortcut")


async def _deliver(workspace: Workspace, payload: Json, name: str) -> Outcome:
    answer = await Courier(workspace).deliver(Delivery(kind="interactive", name=name, payload=payload))
    return Outcome(ok=answer.ok, error=None if answer.ok else str(answer.fate), ack=answer.body)
