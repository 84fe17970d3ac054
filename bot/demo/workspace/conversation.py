"""Channels, direct messages and the messages in them."""

from dataclasses import dataclass, field
from typing import Literal

from bot.demo.workspace.element_values import kept_values
from bot.demo.workspace.members import APP, BOT, BOT_USER, TEAM
from bot.demo.workspace.refusal import Json

Kind = Literal["public", "private", "im"]


@dataclass(slots=True, kw_only=True)
class StoredMessage:
    """One message. `only_for` makes it ephemeral; `error` marks an error message of Slack itself.

    `held` is each person's choices in its menus and inputs, as `state.values`.
    """

    ts: str
    channel: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    metadata: Json | None = None
    thread_ts: str | None = None
    only_for: str | None = None
    edited_ts: str | None = None
    error: bool = False
    reactions: dict[str, list[str]] = field(default_factory=dict)
    held: dict[str, Json] = field(default_factory=dict)

    def replace_blocks(self, blocks: list[Json]) -> None:
        """Replace the blocks; choices stay if their block_id and action_id do."""
        self.blocks = blocks
        self.held = {user: kept_values(values, blocks) for user, values in self.held.items()}

    @property
    def by_bot(self) -> bool:
        """True for a message of the app, which alone may change it."""
        return self.user == BOT_USER and not self.error

    def json(self) -> Json:
        """Return the message object of the Web API and payloads."""
        body: Json = {"type": "message", "user": self.user, "ts": self.ts, "text": self.text, "team": TEAM}
        if self.by_bot:
            body |= {"bot_id": BOT, "app_id": APP}
        if self.edited_ts:
            body["edited"] = {"user": self.user, "ts": self.edited_ts}
        if self.reactions:
            body["reactions"] = [
                {"name": name, "users": users, "count": len(users)} for name, users in self.reactions.items()
            ]
        for name in ("blocks", "attachments", "metadata", "thread_ts"):
            if value := getattr(self, name):
                body[name] = value
        return body


@dataclass(slots=True, kw_only=True)
class Channel:
    """A channel or direct message with its messages, oldest first."""

    id: str
    name: str
    kind: Kind = "public"
    topic: str = ""
    members: set[str] = field(default_factory=set)
    external: bool = False
    archived: bool = False
    messages: dict[str, StoredMessage] = field(default_factory=dict)

    @property
    def has_bot(self) -> bool:
        """True when the bot is a member."""
        return BOT_USER in self.members

    def seen_by(self, user: str) -> list[StoredMessage]:
        """Return the messages that this person sees, ephemeral ones for them included."""
        if user not in self.members:
            return []
        return [message for message in self.messages.values() if message.only_for in {None, user}]

    def partner(self) -> str | None:
        """Return the person in a direct message with the bot."""
        others = self.members - {BOT_USER}
        return next(iter(others), None) if self.kind == "im" else None

    def json(self) -> Json:
        """Return the conversation object of `conversations.info`."""
        body: Json = {
            "id": self.id,
            "is_channel": self.kind == "public",
            "is_group": self.kind == "private",
            "is_im": self.kind == "im",
            "is_private": self.kind != "public",
            "is_archived": self.archived,
            "is_ext_shared": self.external,
            "is_shared": self.external,
            "is_org_shared": False,
            "context_team_id": TEAM,
            "created": 0,
        }
        if self.kind == "im":
            return body | {"user": self.partner(), "is_open": True}
        named = {"name": self.name, "is_member": self.has_bot, "num_members": len(self.members)}
        return body | named | {"topic": {"value": self.topic}, "purpose": {"value": ""}}
