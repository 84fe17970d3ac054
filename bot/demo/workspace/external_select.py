"""What a person types into a typed-ahead menu, and the options that the bot offers for it."""

from bot.demo.workspace.clicks import message_place, own_view
from bot.demo.workspace.element_values import find_element
from bot.demo.workspace.event_delivery import Delivery, EventDelivery
from bot.demo.workspace.payloads import heading
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.state import WorkspaceState
from bot.demo.workspace.user_actions import actor
from bot.domain.block_kit import slack_limits as limits
from bot.domain.block_kit.checks import array, shape
from bot.domain.block_kit.elements import OPTION, OPTION_GROUP

LEAST = 3
"""Characters before Slack asks the app, unless `min_query_length` says otherwise (Slack documentation,
"Select menu element")."""

_ANSWER = shape(
    {},
    {
        "options": array(OPTION, limits.OPTIONS, 0),
        "option_groups": array(OPTION_GROUP, limits.OPTIONS, 0),
    },
)


async def search(workspace: WorkspaceState, *, user: str, place: Json, text: str) -> list[Json]:
    """Type into an external select: the options that the bot offers, groups flattened.

    `place` holds `view_id`, or `channel` and `ts`, and `action_id`. Raises Refusal `operation_timeout`,
    `dispatch_failed`, `invalid_options`, or `not_external` for a menu that asks nobody.
    """
    person = actor(workspace, user)
    where, blocks = _place(workspace, user, place)
    block, element = find_element(blocks, place)
    if "external" not in element["type"]:
        raise MethodRefusal("not_external")
    if len(text) < element.get("min_query_length", LEAST):
        return []
    payload = heading(workspace, person, "block_suggestion") | where
    payload |= {"action_id": element["action_id"], "block_id": block["block_id"], "value": text}
    answer = await EventDelivery(workspace).deliver(
        Delivery(kind="interactive", name="block_suggestion", payload=payload)
    )
    if not answer.ok:
        raise MethodRefusal(str(answer.fate))
    options = _options(answer.body)
    offered = workspace.offered.setdefault((user, block["block_id"], element["action_id"]), {})
    offered |= {option["value"]: option for option in options}
    return options


def _options(answer: Json) -> list[Json]:
    problems = tuple(problem.message for problem in _ANSWER(answer, ()))
    if problems:
        raise MethodRefusal("invalid_options", problems)
    groups = answer.get("option_groups") or [{"options": answer.get("options") or []}]
    return [option for group in groups for option in group["options"]]


def _place(workspace: WorkspaceState, user: str, place: Json) -> tuple[Json, list[Json]]:
    if place.get("view_id"):
        view = own_view(workspace, user, place["view_id"])
        return {"container": {"type": "view", "view_id": view.id}, "view": view.json()}, view.content[
            "blocks"
        ]
    channel = workspace.channels.get(str(place.get("channel")))
    message = channel.messages.get(str(place.get("ts"))) if channel and user in channel.members else None
    if channel is None or message is None or message.only_for not in {None, user}:
        raise MethodRefusal("message_not_found")
    return message_place(message, channel), message.blocks
