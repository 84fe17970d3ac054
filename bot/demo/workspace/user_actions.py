"""A person's actions in channels: type a command or message, open the Home tab, attach a file."""

import html
import re

from bot.demo.workspace.conversation import Channel, StoredMessage, UploadedFile
from bot.demo.workspace.event_delivery import ActionOutcome, deliver, deliver_event
from bot.demo.workspace.members import APP, BOT_USER, SlackAccount
from bot.demo.workspace.posting import show_answer
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.response_urls import ResponseUrl
from bot.demo.workspace.state import WorkspaceState

_WORD = re.compile(
    r"(?P<url>https?://[^\s<>|]+)"
    r"|(?P<host>(?<![\w.-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:com|net|org|io|dev|de|eu)\b(?![\w.@-]))"
    r"|@(?P<user>[a-z][\w.-]*)"
    r"|#(?P<channel>[a-z0-9][\w-]*)",
    re.IGNORECASE,
)

_MENTION = re.compile(r"(<(?:@|!subteam\^)\w+)\|[^<>]*>")


def find_person(workspace: WorkspaceState, user: str) -> SlackAccount:
    """Return an active person. Raises MethodRefusal `user_not_found` or `account_inactive`."""
    person = workspace.people.get(user)
    if person is None or person.bot:
        raise MethodRefusal("user_not_found")
    if person.deleted:
        raise MethodRefusal("account_inactive")
    return person


def find_channel(workspace: WorkspaceState, person: SlackAccount, channel_id: str) -> Channel:
    """Return a channel of the person. Raises MethodRefusal `channel_not_found` or `is_archived`."""
    channel = workspace.channels.get(channel_id)
    if channel is None or person.id not in channel.members:
        raise MethodRefusal("channel_not_found")
    if channel.archived:
        raise MethodRefusal("is_archived")
    return channel


def find_writable_channel(workspace: WorkspaceState, person: SlackAccount, channel_id: str) -> Channel:
    """Return a channel to type in. Raises as `find_channel`, and MethodRefusal `messages_tab_disabled`."""
    channel = find_channel(workspace, person, channel_id)
    if channel.kind == "im" and not workspace.manifest.messages_tab:
        raise MethodRefusal("messages_tab_disabled")
    return channel


async def slash(workspace: WorkspaceState, *, user: str, channel: str, text: str) -> ActionOutcome:
    """Type `/command words`, send it, and show the bot's answer of the first three seconds.

    Raises MethodRefusal `unknown_command` if the manifest lacks it, and what `find_person` and
    `find_writable_channel` raise.
    """
    person = find_person(workspace, user)
    in_channel = find_writable_channel(workspace, person, channel)
    name, _, words = text.partition(" ")
    command = workspace.manifest.command(name)
    if command is None or "commands" not in workspace.manifest.scopes:
        workspace.report_error(user, channel, f"`{name}` is not a valid command.")
        raise MethodRefusal("unknown_command")
    reply_url = workspace.response_urls.issue(user=user, channel=channel)
    stale = workspace.faults.take("slash_commands", "expired_trigger") is not None
    shown_names = {"public": in_channel.name, "im": "directmessage", "private": "privategroup"}
    words = words.strip()
    payload = {
        "token": "demo",
        "team_id": person.team,
        "team_domain": "demo",
        "channel_id": channel,
        "channel_name": shown_names[in_channel.kind],
        "user_id": user,
        "user_name": person.name,
        "command": name,
        "text": _escape(workspace, words) if command.should_escape else html.escape(words, quote=False),
        "api_app_id": APP,
        "is_enterprise_install": str(workspace.is_org_wide).lower(),
        **({"enterprise_id": workspace.enterprise} if workspace.enterprise else {}),
        "response_url": _full_url(workspace, reply_url),
        "trigger_id": workspace.triggers.issue(user, expired=stale),
    }
    outcome = await deliver(workspace, payload, "slash_commands")
    if outcome.ok:
        outcome = _show(workspace, outcome, text, reply_url)
    if outcome.error is not None:
        workspace.report_error(user, channel, f'{name} failed with the error "{outcome.error}"')
    return outcome


def _show(
    workspace: WorkspaceState, outcome: ActionOutcome, line: str, reply_url: ResponseUrl
) -> ActionOutcome:
    if outcome.ack.get("response_type") == "in_channel":
        workspace.post(reply_url.channel, reply_url.user, text=line)
    if any(outcome.ack.get(part) for part in ("text", "blocks", "attachments")):
        try:
            show_answer(workspace, outcome.ack, reply_url)
        except MethodRefusal as refusal:
            return ActionOutcome(error=refusal.code, ack=outcome.ack)
    return outcome


def _full_url(workspace: WorkspaceState, reply_url: ResponseUrl) -> str:
    """Return the full address. Raises MethodRefusal `no_base_url` while the simulator's own is unknown."""
    if not workspace.base_url:
        raise MethodRefusal("no_base_url")
    return f"{workspace.base_url}/response/{reply_url.key}"


def new_response_url(
    workspace: WorkspaceState, *, user: str, channel: str, message_ts: str | None = None
) -> str:
    """Return the address of a new `response_url`. Raises as `_full_url` does."""
    reply_url = workspace.response_urls.issue(user=user, channel=channel, message_ts=message_ts)
    return _full_url(workspace, reply_url)


def say(  # noqa: PLR0913 - what a message box knows
    workspace: WorkspaceState,
    *,
    user: str,
    channel: str,
    text: str,
    thread_ts: str | None = None,
    subtype: str = "",
) -> StoredMessage:
    """Post a message; a mention of the bot reaches it as `app_mention` if the manifest subscribes to it.

    `subtype`: `file_share` attaches a file, `thread_broadcast` is a reply that the channel sees, too, and
    `me_message` is `/me`. Slack names it in messages, and not in `app_mention`.

    Raises MethodRefusal as `find_person` and `find_writable_channel` do, and `thread_not_found`.
    """
    person = find_person(workspace, user)
    in_channel = find_writable_channel(workspace, person, channel)
    if thread_ts and thread_ts not in in_channel.messages:
        raise MethodRefusal("thread_not_found")
    composed = _compose(workspace, text)
    message = workspace.post(channel, user, text=composed, thread_ts=thread_ts)
    if subtype == "file_share":
        message.files = [attach_file(workspace, user=user, name="screenshot.png", content=b"png").id]
    body = _message_body(workspace, person, message)
    if _is_mentioned(composed, in_channel) and workspace.manifest.receives("app_mention"):
        _send_event(workspace, {"type": "app_mention", **body}, message)
    if in_channel.kind == "im" and workspace.manifest.receives("message.im"):
        named = {"subtype": subtype} if subtype else {}
        _send_event(workspace, {"type": "message", "channel_type": "im", **named, **body}, message)
    return message


def edit(workspace: WorkspaceState, *, user: str, channel: str, ts: str, text: str) -> StoredMessage:
    """Edit a message of one's own: `message_changed` in a direct message, `app_mention` for a new mention.

    Raises MethodRefusal as `find_person` and `find_writable_channel` do, and `cant_update_message`.
    """
    person = find_person(workspace, user)
    in_channel = find_writable_channel(workspace, person, channel)
    message = in_channel.messages.get(ts)
    if message is None or message.user != user:
        raise MethodRefusal("cant_update_message")
    before = _message_body(workspace, person, message)
    message.text, message.edited_ts = _compose(workspace, text), workspace.next_ts()
    after = _message_body(workspace, person, message)
    workspace.announce_change(message)
    is_new = not _is_mentioned(before["text"], in_channel) and _is_mentioned(message.text, in_channel)
    if is_new and workspace.manifest.receives("app_mention"):
        _send_event(workspace, {"type": "app_mention", **after}, message)
    if in_channel.kind == "im" and workspace.manifest.receives("message.im"):
        changed = {"hidden": True, "message": after, "previous_message": before, "channel": channel}
        kind = {"type": "message", "subtype": "message_changed", "channel_type": "im"}
        _send_event(workspace, kind | changed, message)
    return message


def _is_mentioned(text: str, channel: Channel) -> bool:
    return f"<@{BOT_USER}>" in text and channel.has_bot and channel.kind != "im"


def _message_body(workspace: WorkspaceState, person: SlackAccount, message: StoredMessage) -> Json:
    """Return the part of an event that is the message itself."""
    body: Json = {
        "user": person.id,
        "text": message.text,
        "ts": message.ts,
        "channel": message.channel,
        "team": person.team,
    }
    if message.thread_ts:
        body["thread_ts"] = message.thread_ts
    if message.files:
        body["files"] = workspace.files_of(message)
    if message.edited_ts:
        body["edited"] = {"user": person.id, "ts": message.edited_ts}
    return body


def _send_event(workspace: WorkspaceState, event: Json, message: StoredMessage) -> None:
    event["event_ts"] = message.edited_ts or message.ts
    deliver_event(workspace, event, external=workspace.channels[message.channel].external)


def open_home(workspace: WorkspaceState, *, user: str, tab: str = "home") -> None:
    """Open the bot's page, which gives the event `app_home_opened`.

    The tab that opens is `tab`, or Messages if the manifest has no Home tab.
    """
    find_person(workspace, user)
    if not workspace.manifest.receives("app_home_opened"):
        return
    event: Json = {
        "type": "app_home_opened",
        "user": user,
        "channel": workspace.direct_channel(user).id,
        "tab": tab if workspace.manifest.home_tab else "messages",
        "event_ts": workspace.next_ts(),
    }
    home = workspace.views.home(user)
    if home is not None:
        event["view"] = home.json()
    deliver_event(workspace, event)


def attach_file(workspace: WorkspaceState, *, user: str, name: str, content: bytes) -> UploadedFile:
    """Put a file into a form; Slack stores it before the form is sent. Raises as `Files.announce` does."""
    person = find_person(workspace, user)
    file = workspace.files.announce(name=name, length=len(content), user=person.id)
    file.content, file.completed = content, True
    return file


def _escape(workspace: WorkspaceState, text: str) -> str:
    """Put mentions, channels and links into Slack's `<…>` forms, as for a command with `should_escape`."""
    return _WORD.sub(lambda match: _form(workspace, match), html.escape(text, quote=False))


def _compose(workspace: WorkspaceState, text: str) -> str:
    """Escape the text of a message, where people and groups have their id only."""
    return _MENTION.sub(r"\1>", _escape(workspace, text))


def _form(workspace: WorkspaceState, match: re.Match[str]) -> str:
    if match["url"]:
        return f"<{match['url']}>"
    if match["host"]:
        return f"<http://{match['host']}|{match['host']}>"
    if match["user"]:
        return _mention(workspace, match["user"]) or match[0]
    return _channel(workspace, match["channel"]) or match[0]


def _mention(workspace: WorkspaceState, name: str) -> str | None:
    person = next((each for each in workspace.people.values() if each.name == name.lower()), None)
    if person is not None:
        return f"<@{person.id}|{person.name}>"
    group = next((g for g in workspace.groups.values() if g.handle == name.lower()), None)
    return f"<!subteam^{group.id}|@{group.handle}>" if group else None


def _channel(workspace: WorkspaceState, name: str) -> str | None:
    channel = next(
        (c for c in workspace.channels.values() if c.name == name.lower() and c.kind != "im"), None
    )
    if channel is None:
        return None
    return f"<#{channel.id}|{channel.name if channel.kind == 'public' else ''}>"
