"""The whole state of the stand-in workspace, and the few changes that everything else is made of."""

import asyncio
from collections import deque
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from bot.demo.workspace.app_manifest import AppManifest
from bot.demo.workspace.conversation import Channel, StoredMessage
from bot.demo.workspace.members import BOT_USER, TEAM, Group, SlackAccount
from bot.demo.workspace.rates import Rates
from bot.demo.workspace.refusal import Json
from bot.demo.workspace.response_urls import ResponseUrlBook
from bot.demo.workspace.slack_faults import Faults
from bot.demo.workspace.sockets import Sockets
from bot.demo.workspace.stream import ChangeFeed
from bot.demo.workspace.triggers import TriggerBook
from bot.demo.workspace.uploaded_files import Files
from bot.demo.workspace.views import ViewBook
from bot.domain.block_kit.block_tree import elements_of, every_block
from bot.runtime.clock import Clock

REMEMBERED_CALLS = 5_000
"""Web API calls kept for looking at, without their tokens; a demo may run for days."""


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """What a bot shows the stand-in. Known to everyone: they open nothing but this workspace."""

    bot_token: str = "xoxb-demo"  # noqa: S105
    app_token: str = "xapp-demo"  # noqa: S105
    signing_secret: str = "demo-signing-secret"  # noqa: S105


class WorkspaceState:
    """A team with its people, channels and one installed app.

    `ack_seconds` is how long, in real seconds, an answer from the bot is waited for (Slack: 3).
    `request_url` is where signed HTTP goes; None means Socket Mode. `base_url` is where the stand-in itself
    is reached ("http://127.0.0.1:4000"); it is learned from the first request when nobody sets it.
    `offered` remembers by (user, block_id, action_id) what an external select has offered, by value.
    """

    def __init__(
        self,
        clock: Clock,
        manifest: AppManifest | None = None,
        *,
        ack_seconds: float = 3.0,
        enforce_rates: bool = False,
    ) -> None:
        self.clock = clock
        self.manifest = manifest or AppManifest()
        self.credentials = AppCredentials()
        self.ack_seconds = ack_seconds
        self.request_url: str | None = None
        self.base_url = ""
        self.people: dict[str, SlackAccount] = {}
        self.groups: dict[str, Group] = {}
        self.channels: dict[str, Channel] = {}
        self.stream = ChangeFeed()
        self.faults = Faults()
        self.rates = Rates(clock, enforced=enforce_rates)
        self.triggers = TriggerBook(clock)
        self.hooks = ResponseUrlBook(clock)
        self.files = Files()
        self.views = ViewBook()
        self.sockets = Sockets(clock)
        self.offered: dict[tuple[str, str, str], dict[str, Json]] = {}
        self.calls: deque[tuple[str, Json]] = deque(maxlen=REMEMBERED_CALLS)
        self._last_ts = 0
        self._made = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def add_people(self, people: Iterable[SlackAccount]) -> None:
        """Let people in."""
        self.people |= {person.id: person for person in people}

    def add_channel(self, channel: Channel) -> None:
        """Open a channel."""
        self.channels[channel.id] = channel

    def next_ts(self) -> str:
        """A message timestamp of now, later than every one before it."""
        now = int(self.clock.now().timestamp() * 1_000_000)
        self._last_ts = max(now, self._last_ts + 1)
        seconds, micros = divmod(self._last_ts, 1_000_000)
        return f"{seconds}.{micros:06d}"

    def next_id(self, prefix: str) -> str:
        """An id that is the same in every run that does the same."""
        self._made += 1
        return f"{prefix}0{self._made:06X}"

    def direct_channel(self, user: str) -> Channel:
        """The direct message between this person and the bot, opened when there is none."""
        channel_id = f"D{user[1:]}"
        if channel_id not in self.channels:
            channel = Channel(id=channel_id, name="directmessage", kind="im", members={user, BOT_USER})
            self.channels[channel_id] = channel
            self.stream.announce("channels")
        return self.channels[channel_id]

    def put(self, message: StoredMessage) -> StoredMessage:
        """Add a message, naming its blocks and interactive elements where the app did not."""
        self.name_blocks(message.blocks)
        self.channels[message.channel].messages[message.ts] = message
        self.stream.announce("messages", channel=message.channel)
        return message

    def changed(self, message: StoredMessage) -> None:
        """Tell the onlookers that a message is not what it was."""
        self.stream.announce("messages", channel=message.channel)

    def name_blocks(self, blocks: list[Json]) -> None:
        """Give every block and interactive element without a name one, as Slack does."""
        for block in every_block(blocks):
            if "block_id" not in block:
                block["block_id"] = self.next_id("b")
            for element in elements_of(block):
                if "action_id" not in element:
                    element["action_id"] = self.next_id("a")

    def report_error(self, user: str, channel: str, words: str) -> StoredMessage:
        """Show this person what Slack itself has to say: a command that was not answered, say."""
        return self.put(
            StoredMessage(
                ts=self.next_ts(), channel=channel, user="USLACKBOT", text=words, only_for=user, error=True
            )
        )

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something in the background, kept until it ends or the workspace closes."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End what is under way: redeliveries that wait, sockets, open pages."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.sockets.close_all()
        self.stream.close()

    def team(self) -> Json:
        """The team as payloads name it."""
        return {"id": TEAM, "domain": "demo"}
