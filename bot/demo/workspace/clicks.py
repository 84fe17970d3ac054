"""A person's use of buttons, menus and shortcuts, in messages and open views."""

from typing import Any

from bot.demo.workspace.conversation import Channel, StoredMessage
from bot.demo.workspace.element_values import chosen_state, find_element, initial_state, state_of
from bot.demo.workspace.event_delivery import ActionOutcome, deliver, payload_head
from bot.demo.workspace.members import SlackAccount
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.state import WorkspaceState
from bot.demo.workspace.user_actions import find_channel, find_person, new_response_url
from bot.demo.workspace.views import OpenView
from bot.domain.block_kit import slack_limits as limits
from bot.domain.block_kit.checks import array, shape
from bot.domain.block_kit.elements import OPTION, OPTION_GROUP

MIN_QUERY_LENGTH = 3
"""Characters before Slack calls the app, unless `min_query_length` says otherwise (Slack documentation,
"Select menu element")."""

_SUGGESTIONS = shape(
    {}, {"options": array(OPTION, limits.OPTIONS, 0), "option_groups": array(OPTION_GROUP, limits.OPTIONS, 0)}
)


async def click(workspace: WorkspaceState, *, user: str, target: Json) -> ActionOutcome:
    """Press a button or choose in a menu of a message, the topmost modal or the Home tab.

    `target` holds `view_id`, or `channel` and `ts`; `action_id` or `label`, optionally `block_id`, and
    `value` for menus. Raises MethodRefusal as `_find_place`, `find_element` and `choose` do.
    """
    person = find_person(workspace, user)
    place = _find_place(workspace, person, target)
    block, element = find_element(place.blocks, target)
    action = choose(workspace, user, (block, element), target.get("value"))
    values = place.values if isinstance(place, OpenView) else place.held.setdefault(user, {})
    if initial_state(element) is not None:
        values.setdefault(block["block_id"], {})[element["action_id"]] = action
    if block["type"] == "input" and not block.get("dispatch_action"):
        # It keeps its value, which the bot gets with the whole form.
        return ActionOutcome()
    state = state_of(place.blocks, values)
    payload = payload_head(workspace, person, "block_actions")
    if isinstance(place, OpenView):
        place.values = state
    else:
        url = new_response_url(workspace, user=user, channel=place.channel, message_ts=place.ts)
        payload |= {"state": {"values": state}, "response_url": url}
    payload |= _location(workspace, place)
    names = {"action_id": element["action_id"], "block_id": block["block_id"]}
    payload["actions"] = [{**names, **action, "action_ts": workspace.next_ts()}]
    outcome = await deliver(workspace, payload)
    if isinstance(place, StoredMessage) and not outcome.ok:
        words = f'This app responded with the error "{outcome.error}" to the button.'
        workspace.report_error(user, place.channel, words)
    return outcome


def choose(workspace: WorkspaceState, user: str, pair: tuple[Json, Json], value: Any) -> Json:
    """Return the state of an element after choosing `value`; `pair` is its block and itself.

    Raises MethodRefusal `option_not_found`, also for a conversation that the menu does not offer, and as
    `chosen_state` does.
    """
    block, element = pair
    is_checked = element["type"] in {"conversations_select", "channels_select"} and value is not None
    if is_checked and value not in _offered_conversations(workspace, user, element):
        raise MethodRefusal("option_not_found")
    offered = workspace.offered.get((user, block["block_id"], element["action_id"]), {})
    return chosen_state(element, value, offered)


def _offered_conversations(workspace: WorkspaceState, user: str, element: Json) -> list[str]:
    """Return the ids of what a menu offers to a person, by its filter (Slack docs, "Filter object")."""
    wanted = element.get("filter") or {}
    kinds = wanted.get("include", ["public", "private", "im", "mpim"])
    if element["type"] == "channels_select":
        kinds = ["public"]
    return [
        channel.id
        for channel in workspace.channels.values()
        if channel.kind in kinds and _is_offered(channel, user, wanted)
    ]


def _is_offered(channel: Channel, user: str, wanted: Json) -> bool:
    if channel.archived or (channel.kind != "public" and user not in channel.members):
        return False
    if channel.kind == "im" and wanted.get("exclude_bot_users"):
        return False
    return not (channel.external and wanted.get("exclude_external_shared_channels"))


async def search(workspace: WorkspaceState, *, user: str, target: Json, text: str) -> list[Json]:
    """Type into an external select and return the bot's options, groups flattened.

    `target` is as for `click`. Raises MethodRefusal `operation_timeout`, `dispatch_failed`,
    `invalid_options`, or `not_external` for another menu.
    """
    person = find_person(workspace, user)
    place = _find_place(workspace, person, target)
    block, element = find_element(place.blocks, target)
    if "external" not in element["type"]:
        raise MethodRefusal("not_external")
    if len(text) < element.get("min_query_length", MIN_QUERY_LENGTH):
        return []
    payload = payload_head(workspace, person, "block_suggestion") | _location(workspace, place)
    payload |= {"action_id": element["action_id"], "block_id": block["block_id"], "value": text}
    outcome = await deliver(workspace, payload)
    if outcome.error is not None:
        raise MethodRefusal(outcome.error)
    options = _options(outcome.ack)
    offered = workspace.offered.setdefault((user, block["block_id"], element["action_id"]), {})
    offered |= {option["value"]: option for option in options}
    return options


def _options(answer: Json) -> list[Json]:
    problems = tuple(problem.message for problem in _SUGGESTIONS(answer, ()))
    if problems:
        raise MethodRefusal("invalid_options", problems)
    groups = answer.get("option_groups") or [{"options": answer.get("options") or []}]
    return [option for group in groups for option in group["options"]]


def find_view(workspace: WorkspaceState, user: str, view_id: str) -> OpenView:
    """Return the person's topmost modal or Home tab with this id. Raises MethodRefusal `not_found`."""
    for view in (*workspace.views.stack(user)[-1:], workspace.views.home(user)):
        if view is not None and view.id == view_id:
            return view
    raise MethodRefusal("not_found")


def _find_place(workspace: WorkspaceState, person: SlackAccount, target: Json) -> OpenView | StoredMessage:
    """Return the view or message of a target. Raises MethodRefusal `message_not_found` and others."""
    if target.get("view_id"):
        return find_view(workspace, person.id, target["view_id"])
    message = find_channel(workspace, person, target["channel"]).messages.get(target["ts"])
    if message is None or message.only_for not in {None, person.id}:
        raise MethodRefusal("message_not_found")
    return message


def _location(workspace: WorkspaceState, place: OpenView | StoredMessage) -> Json:
    if isinstance(place, OpenView):
        return {"container": {"type": "view", "view_id": place.id}, "view": place.json()}
    container = {
        "type": "message",
        "message_ts": place.ts,
        "channel_id": place.channel,
        "is_ephemeral": place.only_for is not None,
    }
    channel = {"id": place.channel, "name": workspace.channels[place.channel].name}
    # Slack does not send an ephemeral message's content, not even to its own app.
    shown = {"message": place.json()} if place.only_for is None else {}
    return {"container": container, "channel": channel, **shown}


async def run_shortcut(
    workspace: WorkspaceState, *, user: str, callback_id: str, channel: str = "", ts: str = ""
) -> ActionOutcome:
    """Run a shortcut from the composer's menu, or with `channel` and `ts` from a message's menu.

    The payload of the first names no channel, that of the second contains the message; ephemeral ones have no
    shortcuts. Raises MethodRefusal `unknown_shortcut` if the manifest lacks it, `message_not_found`, and what
    `find_person` and `find_channel` raise.
    """
    person = find_person(workspace, user)
    in_channel = find_channel(workspace, person, channel) if ts else None
    shortcut, kind = workspace.manifest.shortcut(callback_id), "message" if ts else "global"
    if shortcut is None or shortcut.kind != kind or "commands" not in workspace.manifest.scopes:
        raise MethodRefusal("unknown_shortcut")
    named = {"callback_id": callback_id, "action_ts": workspace.next_ts()}
    if in_channel is None:
        return await deliver(workspace, payload_head(workspace, person, "shortcut") | named)
    message = in_channel.messages.get(ts)
    if message is None or message.only_for:
        raise MethodRefusal("message_not_found")
    payload = payload_head(workspace, person, "message_action") | named
    payload |= {
        "channel": {"id": channel, "name": in_channel.name},
        "message_ts": ts,
        "message": message.json(),
        "response_url": new_response_url(workspace, user=user, channel=channel),
    }
    return await deliver(workspace, payload)
