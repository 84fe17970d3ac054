"""The state of the simulated workspace and its basic changes."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from bot.demo.loopback_server import is_from_here
from bot.demo.workspace.app_manifest import AppManifest
from bot.demo.workspace.conversation import Channel, Files, StoredMessage
from bot.demo.workspace.members import BOT_USER, TEAM, Group, SlackAccount
from bot.demo.workspace.rates import Rates
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.response_urls import ResponseUrlBook, TriggerBook
from bot.demo.workspace.slack_faults import Faults
from bot.demo.workspace.sockets import Sockets
from bot.demo.workspace.views import ViewBook
from bot.domain.block_kit.validation import elements_of, every_block
from bot.runtime.clock import Clock

REMEMBERED_CALLS = 5_000
"""Web API calls kept for inspection, without their tokens; a demo may run for days."""


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """The app's credentials for the simulator. They are public and open nothing else.

    The bot needs the bot token, the app-level token and the signing secret; people mix the others up with
    them.
    """

    bot_token: str = "xoxb-demo"  # noqa: S105
    app_token: str = "xapp-demo"  # noqa: S105
    user_token: str = "xoxp-demo"  # noqa: S105
    configuration_token: str = "xoxe.xoxp-demo"  # noqa: S105
    signing_secret: str = "demo-signing-secret"  # noqa: S105


class ChangeFeed:
    """A broadcast of changes ("channel C0OPS changed"). A late listener reads the state instead."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[Json | None]] = set()
        self._closed = False

    def announce(self, kind: str, **details: str | None) -> None:
        """Send a change to every listener without waiting."""
        for queue in self._queues:
            queue.put_nowait({"kind": kind, **details})

    def close(self) -> None:
        """End every `listen`, so that a stopping server does not wait for open pages."""
        self._closed = True
        for queue in self._queues:
            queue.put_nowait(None)

    async def listen(self) -> AsyncGenerator[Json, None]:
        """Yield every change from now on, until `close`."""
        if self._closed:
            return
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        self._queues.add(queue)
        try:
            while (change := await queue.get()) is not None:
                yield change
        finally:
            self._queues.discard(queue)


class WorkspaceState:
    """A team with its people, channels and one installed app.

    `ack_seconds` is the timeout of the bot's acks in real seconds (Slack: 3). `request_url` is the target of
    signed HTTP; None means Socket Mode. `base_url` is the simulator's own address ("http://127.0.0.1:4000"),
    taken from the first request if nobody sets it. `offered` holds the options that an external select has
    offered, by (user, block_id, action_id) and value. `wire_clock` is what Slack dates and signs by, which
    a test can make wrong; None leaves `Date` out.
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
        self.enterprise, self.is_org_wide = "", False
        self.request_url: str | None = None
        self.base_url = ""
        self.wire_clock: Clock | None = clock
        self.people: dict[str, SlackAccount] = {}
        self.groups: dict[str, Group] = {}
        self.channels: dict[str, Channel] = {}
        self.stream = ChangeFeed()
        self.faults = Faults()
        self.rates = Rates(clock, enforced=enforce_rates)
        self.triggers = TriggerBook(clock)
        self.response_urls = ResponseUrlBook(clock)
        self.files = Files(clock)
        self.views = ViewBook()
        self.sockets = Sockets(clock)
        self.offered: dict[tuple[str, str, str], dict[str, Json]] = {}
        self.calls: deque[tuple[str, Json]] = deque(maxlen=REMEMBERED_CALLS)
        self._last_ts = 0
        self._made = 0
        self._tasks: set[asyncio.Task[object]] = set()

    def admit(self, request: Request) -> None:
        """Raise MethodRefusal `loopback_only` for requests from elsewhere; learn the own address."""
        if not is_from_here(request):
            raise MethodRefusal("loopback_only", status=403)
        self.base_url = self.base_url or f"{request.url.scheme}://{request.url.netloc}"

    def add_people(self, people: Iterable[SlackAccount]) -> None:
        self.people |= {person.id: person for person in people}

    def add_channel(self, channel: Channel) -> None:
        self.channels[channel.id] = channel

    def next_ts(self) -> str:
        """Return a message timestamp of now, later than every one before it."""
        now = int(self.clock.now().timestamp() * 1_000_000)
        self._last_ts = max(now, self._last_ts + 1)
        seconds, micros = divmod(self._last_ts, 1_000_000)
        return f"{seconds}.{micros:06d}"

    def next_id(self, prefix: str) -> str:
        """Return an id that is the same in every run with the same steps."""
        self._made += 1
        return f"{prefix}0{self._made:06X}"

    def direct_channel(self, user: str) -> Channel:
        """Return the direct message between this person and the bot, opened if necessary."""
        channel_id = f"D{user[1:]}"
        if channel_id not in self.channels:
            self.add_channel(
                Channel(id=channel_id, name="directmessage", kind="im", members={user, BOT_USER})
            )
            self.stream.announce("channels")
        return self.channels[channel_id]

    def post(self, channel: str, user: str, **fields: Any) -> StoredMessage:
        """Add a message of now; `fields` are those of StoredMessage."""
        return self.add_message(StoredMessage(ts=self.next_ts(), channel=channel, user=user, **fields))

    def add_message(self, message: StoredMessage) -> StoredMessage:
        """Add a message, with ids for blocks and interactive elements that lack one."""
        self.name_blocks(message.blocks)
        self.channels[message.channel].messages[message.ts] = message
        self.announce_change(message)
        return message

    def change_message(self, message: StoredMessage, content: Json) -> None:
        """Put other content into a message of the bot: its blocks, and the fields that are given."""
        self.name_blocks(content["blocks"])
        message.replace_blocks(content["blocks"])
        for name in content.keys() - {"blocks"}:
            setattr(message, name, content[name])
        if not message.blocks:
            message.edited_ts = self.next_ts()
        self.announce_change(message)

    def delete_message(self, message: StoredMessage) -> None:
        del self.channels[message.channel].messages[message.ts]
        self.announce_change(message)

    def announce_change(self, message: StoredMessage) -> None:
        self.stream.announce("messages", channel=message.channel)

    def files_of(self, message: StoredMessage) -> list[Json]:
        return [self.files.by_id[each].json(self.base_url) for each in message.files]

    def name_blocks(self, blocks: list[Json]) -> None:
        """Give every block and interactive element an id if it has none, as Slack does."""
        for block in every_block(blocks):
            if "block_id" not in block:
                block["block_id"] = self.next_id("b")
            for element in elements_of(block):
                if "action_id" not in element:
                    element["action_id"] = self.next_id("a")

    def report_error(self, user: str, channel: str, words: str) -> None:
        """Show this person an error message of Slack itself, such as for an unanswered command."""
        self.post(channel, "USLACKBOT", text=words, only_for=user, error=True)

    def start(self, work: Coroutine[Any, Any, object]) -> None:
        """Run a task in the background until it ends or the workspace closes."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End pending redeliveries, sockets and open pages."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.sockets.drop()
        self.stream.close()

    def place_of(self, person: SlackAccount) -> Json:
        """Return what payloads say of the workspace in which a person acts, and of its enterprise."""
        enterprise = {"id": self.enterprise, "name": "Demo Group"} if self.enterprise else None
        team = {"id": person.team if self.enterprise else TEAM, "domain": "demo"}
        return {
            "team": None if self.is_org_wide else team,
            "enterprise": enterprise,
            "is_enterprise_install": self.is_org_wide,
        }
