"""conversations.*: what channels there are, who is in them and what was said."""

from bot.demo.workspace.conversation import Channel, Message
from bot.demo.workspace.methods.people import paged
from bot.demo.workspace.methods.registry import HISTORY_SCOPE, READ_SCOPE, Call, method
from bot.demo.workspace.refusal import Json, Refusal


@method("conversations.info", *READ_SCOPE.values(), tier=3)
async def info(call: Call) -> Json:
    """One conversation that the bot may know of."""
    return {"channel": _readable(call, READ_SCOPE).json()}


@method("conversations.list", *READ_SCOPE.values(), tier=2)
async def list_(call: Call) -> Json:
    """The conversations of the asked types (public channels when none are named)."""
    types = (call.arguments.text("types") or "public_channel").split(",")
    names = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}
    if not set(types) <= names.keys():
        raise Refusal("invalid_types")
    kinds = {names[kind] for kind in types}
    for kind in kinds & READ_SCOPE.keys():
        call.require_scope(READ_SCOPE[kind])
    found = [
        channel.json()
        for channel in call.workspace.channels.values()
        if channel.kind in kinds
        and (channel.kind == "public" or channel.has_bot)
        and not (channel.archived and call.arguments.flag("exclude_archived"))
    ]
    page, cursor = paged(call, found)
    return {"channels": page, "response_metadata": {"next_cursor": cursor}}


@method("conversations.members", *READ_SCOPE.values())
async def members(call: Call) -> Json:
    """The ids of those in a conversation."""
    page, cursor = paged(call, [{"id": user} for user in sorted(_readable(call, READ_SCOPE).members)])
    return {"members": [entry["id"] for entry in page], "response_metadata": {"next_cursor": cursor}}


@method("conversations.open", "im:write", tier=3)
async def open_(call: Call) -> Json:
    """Open the direct message with one person."""
    if call.arguments.text("channel"):
        return {"channel": {"id": call.channel().id}}
    users = [user for user in call.arguments.text("users").split(",") if user]
    if len(users) != 1:
        raise Refusal("users_list_not_supplied" if not users else "not_enough_users")
    person = call.workspace.people.get(users[0])
    if person is None:
        raise Refusal("user_not_found")
    if person.deleted or person.bot:
        raise Refusal("user_disabled" if person.deleted else "cannot_dm_bot")
    channel = call.workspace.direct_channel(person.id)
    described = channel.json() if call.arguments.flag("return_im") else {"id": channel.id}
    return {"channel": described, "no_op": False, "already_open": False}


@method("conversations.history", *HISTORY_SCOPE.values(), tier=3)
async def history(call: Call) -> Json:
    """What everyone sees in a conversation that the bot is in, newest first, without thread replies."""
    said = [m for m in _messages(call) if m.thread_ts in {None, m.ts}]
    page, cursor = paged(call, [_described(call, message) for message in reversed(said)])
    return {"messages": page, "has_more": bool(cursor), "response_metadata": {"next_cursor": cursor}}


@method("conversations.replies", *HISTORY_SCOPE.values(), tier=3)
async def replies(call: Call) -> Json:
    """A message and its thread, oldest first."""
    parent = call.arguments.required("ts")
    thread = [message for message in _messages(call) if parent in {message.ts, message.thread_ts}]
    if not thread:
        raise Refusal("thread_not_found")
    page, cursor = paged(call, [_described(call, message) for message in thread])
    return {"messages": page, "has_more": bool(cursor), "response_metadata": {"next_cursor": cursor}}


def _readable(call: Call, scopes: dict[str, str]) -> Channel:
    channel = call.channel()
    call.require_scope(scopes[channel.kind])
    return channel


def _messages(call: Call) -> list[Message]:
    channel = _readable(call, HISTORY_SCOPE)
    if not channel.has_bot:
        raise Refusal("not_in_channel")
    oldest, latest = call.arguments.text("oldest"), call.arguments.text("latest")
    return [
        message
        for message in channel.messages.values()
        if message.only_for is None
        and (not oldest or message.ts >= oldest)
        and (not latest or message.ts <= latest)
    ]


def _described(call: Call, message: Message) -> Json:
    body = message.json()
    if message.files:
        found = [call.workspace.files.by_id[file_id] for file_id in message.files]
        body["files"] = [file.json(call.base_url) for file in found]
    return body
