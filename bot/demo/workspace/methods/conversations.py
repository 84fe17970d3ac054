"""conversations.*: channels, their members and their messages."""

from bot.demo.workspace.conversation import Channel, StoredMessage
from bot.demo.workspace.methods.people import paged
from bot.demo.workspace.methods.registry import HISTORY_SCOPE, READ_SCOPE, MethodCall, method
from bot.demo.workspace.refusal import Json, MethodRefusal

PAGE = 100
"""Items of a page without a limit (Slack documentation, "Pagination")."""


@method("conversations.info", *READ_SCOPE.values(), tier=3)
async def info(call: MethodCall) -> Json:
    return {"channel": _readable(call, READ_SCOPE).json()}


@method("conversations.list", *READ_SCOPE.values(), tier=2)
async def list_(call: MethodCall) -> Json:
    """Return the conversations of the given types, public channels by default."""
    types = (call.text("types") or "public_channel").split(",")
    names = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}
    if not set(types) <= names.keys():
        raise MethodRefusal("invalid_types")
    kinds = {names[kind] for kind in types}
    for kind in kinds & READ_SCOPE.keys():
        call.require_scope(READ_SCOPE[kind])
    found = [
        channel.json()
        for channel in call.workspace.channels.values()
        if channel.kind in kinds
        and (channel.kind == "public" or channel.has_bot)
        and not (channel.archived and call.flag("exclude_archived"))
    ]
    page, cursor = paged(call, found, default=PAGE)
    return {"channels": page, **cursor}


@method("conversations.members", *READ_SCOPE.values())
async def members(call: MethodCall) -> Json:
    users = sorted(_readable(call, READ_SCOPE).members)
    page, cursor = paged(call, users, default=PAGE)
    return {"members": page, **cursor}


@method("conversations.open", "im:write", tier=3)
async def open_(call: MethodCall) -> Json:
    """Open the direct message with one person. The simulator has no group conversations."""
    if call.text("channel"):
        return {"channel": {"id": call.channel().id}}
    users = [user for user in call.text("users").split(",") if user]
    if len(users) != 1:
        raise MethodRefusal(
            "users_list_not_supplied" if not users else "method_not_supported_for_channel_type"
        )
    person = call.workspace.people.get(users[0])
    if person is None:
        raise MethodRefusal("user_not_found")
    if person.deleted or person.bot:
        raise MethodRefusal("user_disabled" if person.deleted else "cannot_dm_bot")
    known = len(call.workspace.channels)
    channel = call.workspace.direct_channel(person.id)
    open_before = len(call.workspace.channels) == known
    described = channel.json() if call.flag("return_im") else {"id": channel.id}
    return {"channel": described, "no_op": open_before, "already_open": open_before}


@method("conversations.history", *HISTORY_SCOPE.values(), tier=3)
async def history(call: MethodCall) -> Json:
    """Return what everyone sees in a conversation of the bot, newest first, without thread replies."""
    messages = [m for m in _between(call, _history(call)) if m.thread_ts in {None, m.ts}]
    return _page(call, messages[::-1], default=PAGE)


@method("conversations.replies", *HISTORY_SCOPE.values(), tier=3)
async def replies(call: MethodCall) -> Json:
    """Return a message and its thread, oldest first."""
    channel, parent = _history(call), call.required("ts")
    if parent not in channel.messages or channel.messages[parent].only_for:
        raise MethodRefusal("thread_not_found")
    between = _between(call, channel)
    thread = [message for message in between if parent in {message.ts, message.thread_ts}]
    return _page(call, thread)


def _readable(call: MethodCall, scopes: dict[str, str]) -> Channel:
    channel = call.channel()
    call.require_scope(scopes[channel.kind])
    return channel


def _history(call: MethodCall) -> Channel:
    channel = _readable(call, HISTORY_SCOPE)
    if not channel.has_bot:
        raise MethodRefusal("not_in_channel")
    return channel


def _between(call: MethodCall, channel: Channel) -> list[StoredMessage]:
    """Return what everyone sees after `oldest` and before `latest`; with `inclusive`, at them too."""
    oldest, latest = call.text("oldest"), call.text("latest")
    ends = {oldest, latest} if call.flag("inclusive") else set()
    return [
        message
        for message in channel.messages.values()
        if message.only_for is None
        and (
            message.ts in ends
            or ((not oldest or message.ts > oldest) and (not latest or message.ts < latest))
        )
    ]


def _page(call: MethodCall, messages: list[StoredMessage], *, default: int | None = None) -> Json:
    page, cursor = paged(call, messages, default=default)
    described = [_described(call, message) for message in page]
    has_more = bool(cursor["response_metadata"]["next_cursor"])
    return {"messages": described, "has_more": has_more, **cursor}


def _described(call: MethodCall, message: StoredMessage) -> Json:
    body = message.json()
    if not call.flag("include_all_metadata"):
        body.pop("metadata", None)
    if message.files:
        body["files"] = call.workspace.files_of(message)
    return body | _thread_of(call.workspace.channels[message.channel], message)


def _thread_of(channel: Channel, parent: StoredMessage) -> Json:
    replies = [m for m in channel.messages.values() if m.thread_ts == parent.ts and not m.only_for]
    if not replies:
        return {}
    users = list(dict.fromkeys(message.user for message in replies))
    return {
        "thread_ts": parent.ts,
        "reply_count": len(replies),
        "reply_users": users,
        "reply_users_count": len(users),
        "latest_reply": replies[-1].ts,
    }
