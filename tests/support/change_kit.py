"""People and what they do to changes, in front of simulators whose time runs fast."""

import asyncio
import itertools
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from audit_rows import audit_rows
from in_process import call_in_process
from manifests import manifest_of
from prepared_data import prepare_folder

from bot.changes.record import ChangeState
from bot.changes.rows import many, open_ids
from bot.demo.cloud.app import create_app
from bot.demo.cloud.records import Phase, PrimaryUserRecord
from bot.demo.cloud.switches import Durations
from bot.demo.environment import CREDENTIALS
from bot.demo.loopback_server import LoopbackServer
from bot.demo.seeded_fleet import seed_cloud
from bot.demo.virtual_clock import EPOCH, VirtualClock
from bot.demo.workspace.app_manifest import read_manifest
from bot.demo.workspace.conversation import Channel
from bot.demo.workspace.members import BOT_USER
from bot.demo.workspace.seed import seed_workspace
from bot.demo.workspace.server import create_site
from bot.domain.request import Actor, Invocation, Origin
from bot.programs.kernel import open_kernel
from bot.programs.read_alone import open_reading_kernel
from bot.programs.serve import serving
from bot.settings.model import load_settings

SETTINGS = Path(__file__).parents[1] / "changes" / "settings.yaml"
PASSWORD = "Seeded-Passw0rd!"
SECRETS = {**CREDENTIALS, "DEMO_PRIMARY_PASSWORD": PASSWORD}
PEOPLE = {"alice": "U0ALICE", "bob": "U0BOB", "carol": "U0CAROL", "vera": "U0VERA"}
CHANNEL = "C0OPS"
CONTRACT = 21000001
SPEED = 60.0
TARGET = f"{EPOCH - timedelta(days=3):%Y-%m-%dT%H:%MZ}"
OVER = frozenset(ChangeState) - {ChangeState.PROPOSED, ChangeState.APPROVED, ChangeState.RUNNING}


class FastClock:
    """A clock that runs `speed` times as fast as the machine's; all processes with one `origin` agree."""

    doubt = None

    def __init__(self, origin=None, speed=SPEED):
        self.origin = time.monotonic() if origin is None else origin
        self.speed = speed
        self.ahead = 0.0

    def monotonic(self):
        return (time.monotonic() - self.origin) * self.speed + self.ahead

    def now(self):
        return EPOCH + timedelta(seconds=self.monotonic())

    async def sleep(self, seconds):
        await asyncio.sleep(max(seconds, 0) / self.speed)


def person(name):
    """Return a person at the terminal whom app.yaml knows."""
    return Actor(origin=Origin.TERMINAL, id=name, name=name, person=PEOPLE[name])


@dataclass
class Room:
    """The people of one data folder, in front of the kernel that writes it."""

    kernel: object
    numbers: itertools.count = field(default_factory=itertools.count)
    url: str = ""

    @property
    def rows(self):
        return self.kernel.dispatcher.changes.rows

    async def write(self):
        """Make sure that a kernel of this room may write, where it has one of its own."""

    async def says(self, who, text):
        """Dispatch a line as this person, or as an actor; return the reply."""
        await self.write()
        return await self.kernel.dispatcher.dispatch(self._invocation(who, text))

    async def proposes(self, who, plan, replaces=""):
        """Propose a plan, whoever planned it; return the change."""
        await self.write()
        invocation = self._invocation(who, plan.command)
        return await self.kernel.dispatcher.changes.add_change(plan, invocation, "", replaces)

    def _invocation(self, who, text):
        number = next(self.numbers)
        return Invocation(
            key=f"kit:{number}",
            trace=f"{number:08x}",
            actor=person(who) if isinstance(who, str) else who,
            channel="",
            text=text,
            at=self.kernel.clock.now(),
            line="pgbot run",
        )

    async def all(self):
        """Return every change, the oldest first."""
        return await self.kernel.database.read(lambda db: many(db, "1 ORDER BY proposed_at, id", []))

    async def asks(self, who, text):
        """Dispatch a line that proposes a change; return the change."""
        known = await self.kernel.database.read(open_ids)
        reply = await self.says(who, text)
        new = await self.kernel.database.read(open_ids) - known
        assert len(new) == 1, reply
        return await self.rows.get(*new)

    async def until(self, change_id, *states):
        """Wait until a change is in one of these states, by default those that it does not leave by
        itself."""
        async with asyncio.timeout(120):
            while (record := await self.rows.get(change_id)).state not in (states or OVER):
                await asyncio.sleep(0.02)
        return record

    async def told(self):
        """Wait until Slack has all messages."""
        async with asyncio.timeout(120):
            while await self.untold():
                await asyncio.sleep(0.02)

    async def untold(self):
        return await self.rows.pending_posts()

    async def audit(self, **values):
        """Return the audit rows of these values, oldest first."""
        rows = await audit_rows(self.kernel.database)
        return [row for row in rows if all(row[name] == value for name, value in values.items())]


@dataclass
class OwnRoom(Room):
    """People without a server. While a bot writes the data they have its kernel, or only read it."""

    stage: object = None
    data: Path = None
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    is_reading: bool = False

    async def write(self):
        """Open the kernel again, if a bot in another process has had the data meanwhile."""
        if self.is_reading:
            await self.leave()
            await self.enter()

    async def enter(self):
        setup = load_settings(environment=self.stage.environment(self.data))
        opened = open_kernel(setup, self.stage.clock, self.stage.http)
        self.kernel = await self.stack.enter_async_context(opened)

    async def leave(self):
        """Let another kernel have the data."""
        self.is_reading = False
        await self.stack.aclose()

    async def only_read(self):
        """Let a bot in another process have the data, and see what it does."""
        await self.leave()
        setup = load_settings(environment=self.stage.environment(self.data))
        self.kernel = await self.stack.enter_async_context(open_reading_kernel(setup, self.stage.clock))
        self.is_reading = True


@dataclass
class ChangeStage:
    """Both simulators, and the way to them. `rooms` are those without a server, by folder."""

    clock: FastClock
    cloud: object
    workspace: object
    cloud_url: str
    slack_url: str
    http: object
    settings: Path = SETTINGS
    rooms: dict = field(default_factory=dict)
    has_many_bots: bool = False
    """Whether each folder's bot has a channel for its own state, as each Slack app has in one workspace."""

    def environment(self, data):
        return {
            **(self._own_channel(data) if self.has_many_bots else {}),
            **SECRETS,
            "PGBOT_CONFIG": str(self.settings),
            "PGBOT_DATA": str(data),
            "PGBOT_IONOS__API_URL": f"{self.cloud_url}/databases/postgresql",
            "PGBOT_IONOS__REGION_URL": f"{self.cloud_url}/{{region}}",
            "PGBOT_SLACK__API_URL": f"{self.slack_url}/api/",
            "PGBOT_HTTP__PORT": "0",
        }

    def _own_channel(self, data):
        name = f"C0{data.name.upper().replace('-', '')}"
        if name not in self.workspace.channels:
            self.workspace.add_channel(Channel(id=name, name=name.lower(), members={BOT_USER}))
        return {"PGBOT_AUDIT__ANCHORS__CHANNEL": name}

    @asynccontextmanager
    async def room(self, data):
        """Open people without a server."""
        prepare_folder(data)
        room = self.rooms[data] = OwnRoom(None, stage=self, data=data)
        await room.enter()
        try:
            yield room
        finally:
            del self.rooms[data]
            await room.leave()

    @asynccontextmanager
    async def served(self, data, at_point=lambda _name: None, mode="socket"):
        """Run the whole bot in this process, with people in front of its kernel."""
        setup = load_settings(
            environment=self.environment(prepare_folder(data)) | {"PGBOT_SLACK__MODE": mode}
        )
        async with self._left(data) as room, serving(setup, self.clock, at_point, self.http) as running:
            self.workspace.request_url = f"{running.url}/slack/events" if mode == "http" else None
            if room is not None:
                room.kernel = running.kernel
            yield Room(running.kernel, url=running.url)

    @asynccontextmanager
    async def _left(self, data):
        """Provide the room of a folder whose data another kernel has meanwhile; None where there is none."""
        room = self.rooms.get(data)
        if room is None:
            yield None
            return
        await room.leave()
        try:
            yield room
        finally:
            await room.enter()

    def clusters(self, api):
        """Return the clusters that can be restored to TARGET."""
        return [
            each
            for each in self.cloud.everything()
            if (each.api, each.contract, each.phase) == (api, CONTRACT, Phase.AVAILABLE)
            and each.created_at < EPOCH - timedelta(days=30)
        ]

    def posts(self, cluster):
        """Return the mutating requests about a cluster."""
        return [post for post in self.cloud.posts.rows() if post["id"] == cluster.id]

    def messages(self, thread=None):
        """Return the messages in the channel, or in a thread of it."""
        found = self.workspace.channels[CHANNEL].messages.values()
        return [each for each in found if each.thread_ts == thread]


@asynccontextmanager
async def change_stage(*, speed=SPEED, wrap=lambda app: app, restore=60, settings=SETTINGS):
    """Open simulators on sockets. `wrap` goes around the cloud; `restore` is how long one takes, in
    seconds."""
    clock = FastClock(speed=speed)
    # Seeded while time stands still: every run of every release has the same clusters, to the millisecond.
    cloud = seed_cloud(VirtualClock())
    cloud.clock = cloud.wire_clock = clock
    cloud.durations = replace(Durations(), restore=restore, late_trace=restore)
    for record in cloud.everything():
        record.credentials = PrimaryUserRecord("pgadmin", PASSWORD, "app")
    manifest = manifest_of(settings)
    workspace = seed_workspace(clock, read_manifest(manifest))
    async with AsyncExitStack() as stack:
        application = wrap(create_app(cloud))
        cloud_server = await stack.enter_async_context(LoopbackServer(application))
        slack_server = await stack.enter_async_context(LoopbackServer(create_site(workspace)))
        stack.push_async_callback(workspace.close)
        workspace.base_url = slack_server.url
        http = call_in_process(cloud_server.url, application)
        yield ChangeStage(clock, cloud, workspace, cloud_server.url, slack_server.url, http, settings)
