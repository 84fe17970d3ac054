"""The workspace as each person sees it, for the operator API and the console."""

from bot.demo.workspace.conversation import Channel, StoredMessage
from bot.demo.workspace.members import BOT_USER
from bot.demo.workspace.refusal import Json
from bot.demo.workspace.state import WorkspaceState


def overview(workspace: WorkspaceState) -> Json:
    """Return people, groups, commands, time, and how the bot is reached."""
    manifest = workspace.manifest
    return {
        "app": manifest.app_name,
        "bot_user": BOT_USER,
        "now": workspace.clock.now().isoformat(),
        "people": [_person(workspace, user) for user in workspace.people],
        "groups": [{"id": g.id, "handle": g.handle, "name": g.name} for g in workspace.groups.values()],
        "channels": {
            channel.id: channel.name for channel in workspace.channels.values() if channel.kind != "im"
        },
        "commands": [
            {"name": command.name, "description": command.description, "usage_hint": command.usage_hint}
            for command in manifest.commands
        ],
        "shortcuts": [
            {"callback_id": each.callback_id, "kind": each.kind, "name": each.name}
            for each in manifest.shortcuts
        ],
        "request_url": workspace.request_url,
        "connections": len(workspace.sockets.connections),
        "home_tab": manifest.home_tab,
    }


def channels_of(workspace: WorkspaceState, user: str) -> list[Json]:
    """Return the channels of this person, direct messages last."""
    mine = [channel for channel in workspace.channels.values() if user in channel.members]
    return [_channel(workspace, channel, user) for channel in sorted(mine, key=_order)]


def messages_for(workspace: WorkspaceState, user: str, channel_id: str, *, after: str = "") -> list[Json]:
    """Return the messages that this person sees, oldest first, with authors and files; `after` is a ts."""
    channel = workspace.channels.get(channel_id)
    if channel is None:
        return []
    return [_message(workspace, message) for message in channel.seen_by(user) if message.ts > after]


def views_for(workspace: WorkspaceState, user: str) -> Json:
    """Return this person's open modals, root first, and their Home tab."""
    home = workspace.views.home(user)
    stack = [view.json() | {"errors": view.errors} for view in workspace.views.stack(user)]
    return {"stack": stack, "home": home.json() if home else None}


def _person(workspace: WorkspaceState, user: str) -> Json:
    person = workspace.people[user]
    return {
        "id": user,
        "name": person.name,
        "real_name": person.real_name,
        "title": person.title,
        "tz": person.tz,
        "groups": [group.handle for group in workspace.groups.values() if user in group.users],
        "guest": person.guest,
        "deleted": person.deleted,
        "bot": person.bot,
        "stranger": person.stranger,
    }


def _order(channel: Channel) -> tuple[bool, bool, str]:
    return channel.kind == "im", channel.archived, channel.name


def _channel(workspace: WorkspaceState, channel: Channel, user: str) -> Json:
    seen = channel.seen_by(user)
    return {
        "id": channel.id,
        "name": workspace.manifest.app_name if channel.kind == "im" else channel.name,
        "kind": channel.kind,
        "topic": channel.topic,
        "external": channel.external,
        "archived": channel.archived,
        "has_bot": channel.has_bot,
        "members": len(channel.members),
        "latest": seen[-1].ts if seen else "",
    }


def _message(workspace: WorkspaceState, message: StoredMessage) -> Json:
    person = workspace.people.get(message.user)
    files = [workspace.files.by_id[file_id].json(workspace.base_url) for file_id in message.files]
    return message.json() | {
        "channel": message.channel,
        "author": person.real_name if person else "Slackbot",
        "bot": message.by_bot,
        "ephemeral": message.only_for is not None,
        "error": message.error,
        "files": files,
    }
