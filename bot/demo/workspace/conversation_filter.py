"""The conversations that a menu offers to one person, by its filter (Slack docs, "Filter object")."""

from bot.demo.workspace.conversation import Channel
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.state import WorkspaceState

_SINGLE = {"conversations_select", "channels_select"}


def offered_conversations(workspace: WorkspaceState, user: str, element: Json) -> list[str]:
    """Return the ids of the channels that a menu of channels or conversations offers to this person."""
    wanted = element.get("filter") or {}
    kinds = wanted.get("include", ["public", "private", "im", "mpim"])
    if element["type"] == "channels_select":
        kinds = ["public"]
    return [
        channel.id
        for channel in workspace.channels.values()
        if channel.kind in kinds and _is_offered(channel, user, wanted)
    ]


def check_conversation(workspace: WorkspaceState, user: str, element: Json, value: object) -> None:
    """Raise MethodRefusal `option_not_found` for a conversation that the menu does not offer."""
    if element["type"] not in _SINGLE or value is None:
        return
    if value not in offered_conversations(workspace, user, element):
        raise MethodRefusal("option_not_found")


def _is_offered(channel: Channel, user: str, wanted: Json) -> bool:
    if channel.archived or (channel.kind != "public" and user not in channel.members):
        return False
    if channel.kind == "im" and wanted.get("exclude_bot_users"):
        return False
    return not (channel.external and wanted.get("exclude_external_shared_channels"))
