"""What a person does with a message's buttons and menus, and with those of an open view."""

from typing import Any

from bot.demo.workspace.acts import Outcome, actor, place, response_url
from bot.demo.workspace.choosing import chosen, find_element, initial_state
from bot.demo.workspace.conversation import Channel, Message
from bot.demo.workspace.courier import Courier, Delivery
from bot.demo.workspace.people import APP, Person
from bot.demo.workspace.refusal import Json, Refusal
from bot.demo.workspace.state import Workspace
from bot.demo.workspace.views import View


async def click(workspace: Workspace, *, user: str, channel: str, ts: str, wanted: Json) -> Outcome:
    """Press a button or choose in a menu of a message. `wanted` holds `action_id` or `label`, perhaps
    `block_id`, and `value` for anything but a button.

    Raises Refusal `message_not_found`, `action_not_found`, and what `actor` and `place` raise.
    """
    person = actor(workspace, user)
    where = place(workspace, person, channel)
    message = where.messages.get(ts)
    if message is None or message.only_for not in {None, user}:
        raise Refusal("message_not_found")
    block, element = find_element(message.blocks, wanted)
    payload = _heading(workspace, person) | _place_of(workspace, message, where, user)
    payload["actions"] = [_action(workspace, block, element, wanted.get("value"))]
    return await _deliver(workspace, payload, user=user, channel=channel)


async def click_in_view(workspace: Workspace, *, user: str, view_id: str, wanted: Json) -> Outcome:
    """Press a button or choose in a menu of a modal or Home tab; inputs without dispatch stay quiet."""
    person = actor(workspace, user)
    view = own_view(workspace, user, view_id)
    block, element = find_element(view.content["blocks"], wanted)
    if element["type"] != "button":
        held = chosen(element, wanted.get("value"))
        view.values.setdefault(block["block_id"], {})[element["action_id"]] = held
    if block["type"] == "input" and not block.get("dispatch_action"):
        return Outcome(ok=True, error=None, ack={})
    payload = _heading(workspace, person, view) | {
        "container": {"type": "view", "view_id": view.id},
        "view": view.json(),
        "actions": [_action(workspace, block, element, wanted.get("value"))],
    }
    return await _deliver(workspace, payload, user=user, channel=None)


def own_view(workspace: Workspace, user: str, view_id: str) -> View:
    """A view in front of this very person. Raises Refusal `not_found`."""
    view = workspace.views.find(view_id)
    if view.user != user:
        raise Refusal("not_found")
    return view


def _heading(workspace: Workspace, person: Person, view: View | None = None) -> Json:
    stale = workspace.faults.take("block_actions", "expired_trigger") is not None
    trigger_id = workspace.triggers.issue(person.id, view=view.id if view else None, expired=stale)
    return {
        "type": "block_actions",
        "user": who(person),
        "api_app_id": APP,
        "token": "demo",
        "trigger_id": trigger_id,
        "team": workspace.team(),
        "enterprise": None,
        "is_enterprise_install": False,
    }


def who(person: Person) -> Json:
    """The person as interactive payloads name them."""
    return {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team}


def _place_of(workspace: Workspace, message: Message, channel: Channel, user: str) -> Json:
    hook = workspace.hooks.issue(user=user, channel=channel.id, message_ts=message.ts)
    place_: Json = {
        "container": {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": message.only_for is not None,
        },
        "channel": {"id": channel.id, "name": channel.name},
        "state": {"values": initial_state(message.blocks)},
        "response_url": response_url(workspace, hook),
    }
    if message.only_for is None:
        # Slack sends an ephemeral message's content to nobody, not even back to its own app.
        place_["message"] = message.json()
    return place_


def _action(workspace: Workspace, block: Json, element: Json, value: Any) -> Json:
    names = {"action_id": element["action_id"], "block_id": block["block_id"]}
    return {**names, **chosen(element, value), "action_ts": workspace.next_ts()}


async def _deliver(workspace: Workspace, payload: Json, *, user: str, channel: str | None) -> Outcome:
    answer = await Courier(workspace).deliver(
        Delivery(kind="interactive", name="block_actions", payload=payload)
    )
    if answer.ok:
        return Outcome(ok=True, error=None, ack=answer.body)
    if channel is not None:
        words = f'This app responded with the error "{answer.fate}" to the button.'
        workspace.report_error(user, channel, words)
    return Outcome(ok=False, error=str(answer.fate), ack={})
