"""files.*: the two calls of an upload. The bytes go to the address that the first one returns."""

from bot.demo.workspace.conversation import Channel, UploadedFile
from bot.demo.workspace.methods.registry import MethodCall, method
from bot.demo.workspace.refusal import Json, MethodRefusal


@method("files.getUploadURLExternal", "files:write")
async def get_upload_url(call: MethodCall) -> Json:
    name = call.required("filename")
    length = call.number("length")
    if length <= 0:
        raise MethodRefusal("invalid_arguments", ("[ERROR] must be greater than 0: length",))
    file = call.workspace.files.announce(name=name, length=length, user=call.bot_user())
    return {"upload_url": f"{call.workspace.base_url}/upload/{file.upload_key}", "file_id": file.id}


@method("files.completeUploadExternal", "files:write")
async def complete_upload(call: MethodCall) -> Json:
    """Share uploaded files, in one message per channel; without a channel they stay private."""
    entries = call.structure("files", "invalid_arguments")
    if not isinstance(entries, list) or not entries:
        raise MethodRefusal("invalid_arguments", ("[ERROR] missing required field: files",))
    files = [_uploaded(call, entry) for entry in entries]
    named = call.text("channel_id") or call.text("channels")
    channels = [_shareable(call, channel_id) for channel_id in named.split(",") if channel_id]
    thread_ts = call.text("thread_ts") or None
    if thread_ts and any(thread_ts not in channel.messages for channel in channels):
        raise MethodRefusal("thread_not_found")
    words, ids = call.text("initial_comment"), [file.id for file in files]
    for channel in channels:
        call.workspace.post(channel.id, call.bot_user(), text=words, files=ids, thread_ts=thread_ts)
    for file in files:
        file.channels += [channel.id for channel in channels]
        file.completed = True
        call.workspace.stream.announce("files")
    return {"files": [file.json(call.workspace.base_url) for file in files]}


def _uploaded(call: MethodCall, entry: object) -> UploadedFile:
    if not isinstance(entry, dict):
        raise MethodRefusal("invalid_arguments")
    file = call.workspace.files.find(str(entry.get("id", "")))
    if file.content is None or file.completed:
        raise MethodRefusal("file_not_found")
    file.title = entry.get("title") or file.name
    return file


def _shareable(call: MethodCall, channel_id: str) -> Channel:
    channel = call.known_channel(channel_id)
    if not channel.has_bot:
        raise MethodRefusal("not_in_channel")
    if channel.archived:
        raise MethodRefusal("is_archived")
    return channel
