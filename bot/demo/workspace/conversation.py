"""Channels, direct messages, and the messages and files in them."""

import secrets
from dataclasses import dataclass, field
from typing import Literal

from bot.demo.workspace.element_values import kept_values
from bot.demo.workspace.members import APP, BOT, BOT_USER, TEAM
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.runtime.clock import Clock

Kind = Literal["public", "private", "im"]

LARGEST = 50 * 1024 * 1024
"""Bytes of the largest file that the simulator takes; Slack's own limit is 1 GB."""


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
        return BOT_USER in self.members

    def seen_by(self, user: str) -> list[StoredMessage]:
        """Return the messages that this person sees, ephemeral ones for them included."""
        if user not in self.members:
            return []
        return [message for message in self.messages.values() if message.only_for in {None, user}]

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
            return body | {"user": next(iter(self.members - {BOT_USER}), None), "is_open": True}
        named = {"name": self.name, "is_member": self.has_bot, "num_members": len(self.members)}
        return body | named | {"topic": {"value": self.topic}, "purpose": {"value": ""}}


@dataclass(slots=True, kw_only=True)
class UploadedFile:
    """One file: announced, uploaded, then shared, as in Slack.

    `content` is None until its bytes have arrived; `channels` are where it is shared.
    """

    id: str
    name: str
    length: int
    user: str
    upload_key: str
    created: int
    title: str = ""
    content: bytes | None = None
    channels: list[str] = field(default_factory=list)
    completed: bool = False

    def json(self, base_url: str) -> Json:
        """Return the file object; its URL works while the simulator runs."""
        url = f"{base_url}/files/{self.id}/{self.upload_key}"
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": "text/csv" if self.name.endswith(".csv") else "text/plain",
            "filetype": self.name.rpartition(".")[2] or "text",
            "size": self.length,
            "user": self.user,
            "mode": "hosted",
            "url_private": url,
            "url_private_download": url,
            "channels": self.channels,
        }


class Files:
    """Every file announced so far."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.by_id: dict[str, UploadedFile] = {}

    def announce(self, *, name: str, length: int, user: str) -> UploadedFile:
        """Do the first step: create the file with an id and an upload key.

        Raises MethodRefusal `file_upload_size_restricted`.
        """
        if length > LARGEST:
            raise MethodRefusal("file_upload_size_restricted")
        file_id = f"F0{len(self.by_id) + 1:06X}"
        key, created = secrets.token_urlsafe(12), int(self._clock.now().timestamp())
        file = UploadedFile(id=file_id, name=name, length=length, user=user, upload_key=key, created=created)
        self.by_id[file_id] = file
        return file

    def find(self, file_id: str) -> UploadedFile:
        """Return the file. Raises MethodRefusal `file_not_found`."""
        file = self.by_id.get(file_id)
        if file is None:
            raise MethodRefusal("file_not_found")
        return file

    def receive(self, key: str, content: bytes) -> bool:
        """Do the second step: take the bytes. Return False for an unknown or used key or another length."""
        file = next((known for known in self.by_id.values() if known.upload_key == key), None)
        if file is None or file.content is not None or len(content) != file.length:
            return False
        file.content = content
        return True
