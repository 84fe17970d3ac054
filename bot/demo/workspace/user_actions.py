"""What a person does in a channel: type a command, say something, open the bot's Home tab."""

from dataclasses import dataclass

from bot.demo.workspace.answers import show_answer
from bot.demo.workspace.conversation import Channel, StoredMessage
from bot.demo.workspace.event_delivery import AckBody, Delivery, EventDelivery
from bot.demo.workspace.members import APP, BOT_USER, SlackAccount
from bot.demo.workspace.message_box import compose, entities, escape
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.response_urls import ResponseUrl
from bot.demo.workspace.state import WorkspaceState


@dataclass(frozen=True, slots=True)
class ActionOutcome:
    """How an act went: `error` is the word that Slack shows, `ack` what the bot answered at once."""

    ok: bool
    error: str | None
    ack: Json

    def json(self) -> Json:
        """For the operator's handle."""
        return {"ok": self.ok, "error": self.error, "ack": self.ack}


def actor(workspace: WorkspaceState, user: str) -> SlackAccount:
    """The person who acts. Raises Refusal `user_not_found` or `account_inactive`."""
    person = workspace.people.get(user)
    if person is None or person.bot:
        raise MethodRefusal("user_not_found")
    if person.deleted:
        raise MethodRefusal("account_inactive")
    return person


def place(workspace: WorkspaceState, person: SlackAccount, channel_id: str) -> Channel:
    """The channel they act in. Raises Refusal `channel_not_found` unless they are a member, `is_archived`."""
    channel = workspace.channels.get(channel_id)
    if channel is None or person.id not in channel.members:
        raise MethodRefusal("channel_not_found")
    if channel.archived:
        raise MethodRefusal("is_archived")
    return channel


def composer(workspace: WorkspaceState, person: SlackAccount, channel_id: str) -> Channel:
    """The channel they type in. Raises Refusal as `place` does, and `messages_tab_disabled`."""
    channel = place(workspace, person, channel_id)
    if channel.kind == "im" and not workspace.manifest.messages_tab:
        raise MethodRefusal("messages_tab_disabled")
    return channel


async def slash(workspace: WorkspaceState, *, user: str, channel: str, line: str) -> ActionOutcome:
    """Type `/command words` and send it; what the bot answers within three seconds is shown.

    Raises Refusal `unknown_command` when the manifest lacks it, and what `actor` and `composer` raise.
    """
    person = actor(workspace, user)
    where = composer(workspace, person, channel)
    name, _, text = line.partition(" ")
    command = workspace.manifest.command(name)
    if command is None or "commands" not in workspace.manifest.scopes:
        workspace.report_error(user, channel, f"`{name}` is not a valid command.")
        raise MethodRefusal("unknown_command")
    hook = workspace.hooks.issue(user=user, channel=channel)
    stale = workspace.faults.take("slash_commands", "expired_trigger") is not None
    payload = {
        "token": "demo",
        "team_id": person.team,
        "team_domain": "demo",
        "channel_id": channel,
        "channel_name": where.name
        if where.kind == "public"
        else {"im": "directmessage"}.get(where.kind, "privategroup"),
        "user_id": user,
        "user_name": person.name,
        "command": name,
        "text": escape(workspace, text.strip()) if command.should_escape else entities(text.strip()),
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": response_url(workspace, hook),
        "trigger_id": workspace.triggers.issue(user, expired=stale),
    }
    answer = await EventDelivery(workspace).deliver(
        Delivery(kind="slash_commands", name="slash_commands", payload=payload)
    )
    return _show(workspace, answer, line=line, hook=hook)


def _show(workspace: WorkspaceState, answer: AckBody, *, line: str, hook: ResponseUrl) -> ActionOutcome:
    user, channel = hook.user, hook.channel
    name = line.partition(" ")[0]
    if not answer.ok:
        workspace.report_error(user, channel, f'{name} failed with the error "{answer.fate}"')
        return ActionOutcome(ok=False, error=str(answer.fate), ack={})
    if answer.body.get("response_type") == "in_channel":
        workspace.put(StoredMessage(ts=workspace.next_ts(), channel=channel, user=user, text=line))
    if any(answer.body.get(part) for part in ("text", "blocks", "attachments")):
        try:
            show_answer(workspace, answer.body, hook)
        except MethodRefusal as refusal:
            workspace.report_error(user, channel, f'{name} failed with the error "{refusal.code}"')
            return ActionOutcome(ok=False, error=refusal.code, ack=answer.body)
    return ActionOutcome(ok=True, error=None, ack=answer.body)


def response_url(workspace: WorkspaceState, hook: ResponseUrl) -> str:
    """The address of a hook. Raises Refusal `no_base_url` before anyone has said where the stand-in is."""
    if not workspace.base_url:
        raise MethodRefusal("no_base_url")
    return f"{workspace.base_url}/response/{hook.key}"


def say(
    workspace: WorkspaceState, *, user: str, channel: str, text: str, thread_ts: str | None = None
) -> StoredMessage:
    """Say something; a mention of the bot reaches it as `app_mention` if the manifest subscribes to that.

    Raises Refusal as `actor` and `composer` do, and `thread_not_found`.
    """
    person = actor(workspace, user)
    where = composer(workspace, person, channel)
    if thread_ts and thread_ts not in where.messages:
        raise MethodRefusal("thread_not_found")
    said = compose(workspace, text)
    message = workspace.put(
        StoredMessage(ts=workspace.next_ts(), channel=channel, user=user, text=said, thread_ts=thread_ts)
    )
    mentioned = f"<@{BOT_USER}>" in said and where.has_bot and where.kind != "im"
    if mentioned and workspace.manifest.hears("app_mention"):
        _tell(workspace, {"type": "app_mention"}, person, message)
    if where.kind == "im" and workspace.manifest.hears("message.im"):
        _tell(workspace, {"type": "message", "channel_type": "im"}, person, message)
    return message


def _tell(workspace: WorkspaceState, event: Json, person: SlackAccount, message: StoredMessage) -> None:
    event |= {
        "user": person.id,
        "text": message.text,
        "ts": message.ts,
        "channel": message.channel,
        "event_ts": message.ts,
        "team": person.team,
    }
    if message.thread_ts:
        event["thread_ts"] = message.thread_ts
    external = workspace.channels[message.channel].external
    EventDelivery(workspace).deliver_event(event, external=external)


def open_home(workspace: WorkspaceState, *, user: str) -> None:
    """Look at the bot's own page; it hears of it as `app_home_opened`.

    The tab that opens is Home, or Messages where the manifest has no Home tab.
    """
    actor(workspace, user)
    if not workspace.manifest.hears("app_home_opened"):
        return
    event: Json = {
        "type": "app_home_opened",
        "user": user,
        "channel": workspace.direct_channel(user).id,
        "tab": "home" if workspace.manifest.home_tab else "messages",
        "event_ts": workspace.next_ts(),
    }
    home = workspace.views.home(user)
    if home is not None:
        event["view"] = home.json()
    EventDelivery(workspace).deliver_event(event)
