"""chat.* and reactions.add: posting, editing and deleting messages (Slack documentation)."""

from typing import Any

from bot.demo.workspace.conversation import Channel, StoredMessage
from bot.demo.workspace.members import BOT_USER
from bot.demo.workspace.methods.registry import MethodCall, method
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.validator import checked_content
from bot.domain.block_kit import slack_limits as limits


@method("chat.postMessage", "chat:write", tier=None)
async def post_message(call: MethodCall) -> Json:
    """Post where the bot is a member, in public channels by `chat:write.public`, or to a person."""
    channel = destination(call)
    content = read_content(call)
    content["text"] = content["text"][: limits.POST_TEXT]
    user, thread = call.bot_user(), _thread(call, channel)
    call.workspace.rates.spend_message(channel.id)
    message = call.workspace.post(channel.id, user, thread_ts=thread, **content)
    return {"channel": channel.id, "ts": message.ts, "message": message.json()}


@method("chat.postEphemeral", "chat:write")
async def post_ephemeral(call: MethodCall) -> Json:
    """Show something to one member of a channel that the bot is in."""
    channel = destination(call)
    if not channel.has_bot:
        raise MethodRefusal("not_in_channel")
    user = call.required("user")
    person = call.workspace.people.get(user)
    if person is None or person.deleted or user not in channel.members:
        raise MethodRefusal("user_not_in_channel")
    content = read_content(call)
    if len(content["text"].encode()) > limits.EPHEMERAL_TEXT_BYTES:
        raise MethodRefusal("msg_too_long")
    thread = _thread(call, channel)
    message = call.workspace.post(channel.id, call.bot_user(), only_for=user, thread_ts=thread, **content)
    return {"message_ts": message.ts}


@method("chat.update", "chat:write", tier=3)
async def update(call: MethodCall) -> Json:
    """Edit one of the bot's own messages. Text without blocks removes the old blocks."""
    message = own_message(call, "cant_update_message")
    content = read_content(call)
    if len(content["text"]) > limits.UPDATE_TEXT:
        raise MethodRefusal("msg_too_long")
    for name in {"attachments", "metadata"} - call.values.keys():
        del content[name]
    call.workspace.change_message(message, content)
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": message.json()}


@method("chat.delete", "chat:write", tier=3)
async def delete(call: MethodCall) -> Json:
    message = own_message(call, "cant_delete_message")
    call.workspace.delete_message(message)
    return {"channel": message.channel, "ts": message.ts}


@method("chat.getPermalink", tier=None)
async def get_permalink(call: MethodCall) -> Json:
    """Return a link to a message that everyone in the channel sees."""
    message = call.message("message_ts")
    link = f"{call.workspace.base_url}/#/{message.channel}/message/{message.ts}"
    return {"channel": message.channel, "permalink": link}


@method("reactions.add", "reactions:write", tier=3)
async def add_reaction(call: MethodCall) -> Json:
    """Add the bot's reaction, once per emoji and message."""
    name = call.required("name", "invalid_name").strip(":")
    message = call.message("timestamp", "no_item_specified")
    users, user = message.reactions.setdefault(name, []), call.bot_user()
    if user in users:
        raise MethodRefusal("already_reacted")
    users.append(user)
    call.workspace.announce_change(message)
    return {}


def destination(call: MethodCall) -> Channel:
    """Return the channel to post in.

    Raises MethodRefusal `channel_not_found`, `is_archived` or `not_in_channel`.
    """
    workspace, target = call.workspace, call.required("channel", "channel_not_found")
    person = workspace.people.get(target)
    if person is not None:
        if person.deleted or person.bot or person.stranger:
            raise MethodRefusal("channel_not_found")
        return workspace.direct_channel(target)
    named = next(
        (c for c in workspace.channels.values() if target.startswith("#") and c.name == target[1:]), None
    )
    channel = named if named is not None and named.kind == "public" else call.channel()
    if channel.archived:
        raise MethodRefusal("is_archived")
    if not channel.has_bot and "chat:write.public" not in workspace.manifest.scopes:
        raise MethodRefusal("not_in_channel")
    return channel


def own_message(call: MethodCall, refused: str) -> StoredMessage:
    """Return the bot's message that the call names. Raises MethodRefusal `refused` for another one."""
    message = call.message("ts")
    if message.user != BOT_USER:
        raise MethodRefusal(refused)
    return message


def read_content(call: MethodCall) -> Json:
    """Return the message's content. Raises MethodRefusal as `checked_content`, and others."""
    text, markdown = call.text("text"), call.text("markdown_text")
    blocks = call.structure("blocks", "invalid_blocks_format") or []
    attachments = call.structure("attachments", "invalid_attachments") or []
    if markdown and (text or blocks):
        raise MethodRefusal("markdown_text_conflict")
    if len(markdown) > limits.MARKDOWN_TEXT:
        raise MethodRefusal("msg_too_long")
    content = checked_content(text or markdown, blocks, attachments)
    metadata = call.structure("metadata", "invalid_metadata_format")
    if metadata is not None and not _is_metadata(metadata):
        raise MethodRefusal("invalid_metadata_format")
    return content | {"metadata": metadata}


def _is_metadata(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("event_type"), str)
        and isinstance(value.get("event_payload"), dict)
    )


def _thread(call: MethodCall, channel: Channel) -> str | None:
    thread_ts = call.text("thread_ts")
    if thread_ts and thread_ts not in channel.messages:
        raise MethodRefusal("thread_not_found")
    return thread_ts or None
