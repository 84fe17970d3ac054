"""Typing into an external select, and the options that the bot offers."""

from bot.demo.workspace.clicks import find_view, message_location
from bot.demo.workspace.element_values import find_element
from bot.demo.workspace.event_delivery import Delivery, EventDelivery, payload_head
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.state import WorkspaceState
from bot.demo.workspace.user_actions import find_person
from bot.domain.block_kit import slack_limits as limits
from bot.domain.block_kit.checks import array, shape
from bot.domain.block_kit.elements import OPTION, OPTION_GROUP

MIN_QUERY_LENGTH = 3
"""Characters before Slack calls the app, unless `min_query_length` says otherwise (Slack documentation,
"Select menu element")."""

_ANSWER = shape(
    {},
    {
        "options": array(OPTION, limits.OPTIONS, 0),
        "option_groups": array(OPTION_GROUP, limits.OPTIONS, 0),
    },
)


async def search(workspace: WorkspaceState, *, user: str, target: Json, text: str) -> list[Json]:
    """Type into an external select and return the bot's options, groups flattened.

    `target` holds `view_id`, or `channel` and `ts`, and `action_id`. Raises MethodRefusal
    `operation_timeout`, `dispatch_failed`, `invalid_options`, or `not_external` for another menu.
    """
    person = find_person(workspace, user)
    location, blocks = _locate(workspace, user, target)
    block, element = find_element(blocks, target)
    if "external" not in element["type"]:
        raise MethodRefusal("not_external")
    if len(text) < element.get("min_query_length", MIN_QUERY_LENGTH):
        return []
    payload = payload_head(workspace, person, "block_suggestion") | location
    payload |= {"action_id": element["action_id"], "block_id": block["block_id"], "value": text}
    answer = await EventDelivery(workspace).deliver(
        Delivery(kind="interactive", name="block_suggestion", payload=payload)
    )
    if not answer.ok:
        raise MethodRefusal(str(answer.outcome))
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


def _locate(workspace: WorkspaceState, user: str, target: Json) -> tuple[Json, list[Json]]:
    if target.get("view_id"):
        view = find_view(workspace, user, target["view_id"])
        return {"container": {"type": "view", "view_id": view.id}, "view": view.json()}, view.content[
            "blocks"
        ]
    channel = workspace.channels.get(str(target.get("channel")))
    message = channel.messages.get(str(target.get("ts"))) if channel and user in channel.members else None
    if channel is None or message is None or message.only_for not in {None, user}:
        raise MethodRefusal("message_not_found")
    return message_location(message, channel), message.blocks
