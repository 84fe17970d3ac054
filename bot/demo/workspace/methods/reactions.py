"""reactions.add: an emoji under a message."""

from bot.demo.workspace.methods.registry import MethodCall, bot_user, method
from bot.demo.workspace.refusal import Json, MethodRefusal


@method("reactions.add", "reactions:write", tier=3)
async def add(call: MethodCall) -> Json:
    """Add the bot's reaction, once per emoji and message."""
    name = call.arguments.required("name", "invalid_name").strip(":")
    message = call.channel().messages.get(call.arguments.required("timestamp", "no_item_specified"))
    if message is None or message.only_for:
        raise MethodRefusal("message_not_found")
    users = message.reactions.setdefault(name, [])
    user = bot_user(call)
    if user in users:
        raise MethodRefusal("already_reacted")
    users.append(user)
    call.workspace.changed(message)
    return {}
