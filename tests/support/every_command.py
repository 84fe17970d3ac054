"""Every command, in front of the simulator: how it is called, and what an answer must be."""

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import httpx
from audit_rows import audit_rows
from change_requests import BOB
from every_command_answers import NEW_PASSWORD
from every_command_lines import CHANNEL, PREPARED, SUBSTITUTED
from one_contract import SETTINGS
from terminal_site import Terminal, terminal_site

from bot.commands.declaration import Command
from bot.demo.cloud.app import create_app
from bot.demo.cloud.faults import FaultOrder
from bot.demo.cloud.oddities import FLEETS
from bot.domain.reply import Reply
from bot.domain.reply_text import render_plain
from bot.domain.request import AccountStatus, Actor, Origin
from bot.ionos.credentials import REGIONS, resolve_addresses
from bot.ionos.fleet import open_fleet
from bot.ionos.transport import TransportOptions
from bot.programs.kernel import registry
from bot.programs.read_only_sources import access_of

COMMANDS = tuple(registry())

GUEST_OF_NOTHING = Actor(origin=Origin.SLACK, id="U0NEW", name="nora", team="T0DEMO")
LEFT_THE_COMPANY = replace(GUEST_OF_NOTHING, standing=AccountStatus.DEACTIVATED)
"""A person who left, for commands that are open to all."""

OF_OUR_OWN_LOG = {
    "audit list",
    "audit search",
    "audit show",
    "audit story",
    "change show",
    "migration impact",
    "summary activity",
}
"""Commands that show what the bot wrote down itself: the cloud is only asked whose clusters those are, which
nobody needs to know for somebody who may see all."""

REPORTS = """reports:
  - name: morning
    command: summary fleet
    when: every weekday at 8:30
    channel: C0OPS
    owner: U0BOB
"""
CLUSTERS = """  - match: {name: "orders-*"}
    credentials: {username: orders, password: "env:DEMO_PRIMARY_PASSWORD", database: orders}

people:"""


class StillClock:
    """The site's clock, on which waiting takes no time: retries come at once, and nothing grows older."""

    def __init__(self, clock):
        self.now, self.monotonic = clock.now, clock.monotonic

    async def sleep(self, _seconds):
        await asyncio.sleep(0)


@dataclass
class Seam(httpx.AsyncBaseTransport):
    """The way to the simulator, in this process. Requests that `silent` matches are never answered."""

    inner: httpx.ASGITransport
    silent: re.Pattern | None = None
    unanswered: int = 0

    async def handle_async_request(self, request):
        if self.silent and self.silent.search(f"{request.method} {request.url.path}"):
            self.unanswered += 1
            raise httpx.ReadTimeout("no answer in time", request=request)
        return await self.inner.handle_async_request(request)


@dataclass
class Cell:
    """A line, its answer, and the audit rows that it left."""

    command: Command
    line: str
    reply: Reply
    rows: list[dict]

    @property
    def text(self):
        return render_plain(self.reply)

    @property
    def row(self):
        """Return the row with the outcome."""
        return self.rows[-1]


@dataclass
class Table:
    """A site, and the lines that drive commands on it."""

    terminal: Terminal
    seam: Seam
    names: dict[str, str] = field(default_factory=dict)

    async def say(self, command, line, actor=BOB):
        """Run a line as `actor`; return its cell."""
        self.terminal.kernel.clock.advance(timedelta(minutes=1))  # cached reads expire
        database = self.terminal.kernel.database
        [last] = await audit_rows(database, 1)
        reply = await self.terminal.run(line, actor, CHANNEL)
        new = [row for row in await audit_rows(database, 50) if row["seq"] > last["seq"]]
        return Cell(command, line, reply, [row for row in new if row["kind"] in {"invocation", "outcome"}])

    async def lines(self, command):
        """Yield the command's examples, each with its objects put in place just before."""
        assert command.examples, f"“{command.name}” has no examples, so nobody can drive it"
        for example in command.examples:
            names = await PREPARED[command.name](self, example) if command.name in PREPARED else {}
            line = example
            for word, meant in {**names, **SUBSTITUTED.get(command.name, {})}.items():
                line = line.replace(word, meant)
            yield line

    async def line(self, command):
        """Return the first example."""
        return await anext(self.lines(command))

    def order(self, **fault):
        """Order a fault at the cloud."""
        return self.terminal.cloud.faults.add(FaultOrder(**fault))

    def cloud_is_well(self):
        self.terminal.cloud.faults.clear()
        self.seam.silent = None


@asynccontextmanager
async def every_command_site(
    tmp_path,
    monkeypatch,
    *,
    settings=SETTINGS,
    clusters=44,
    changed=(),
    regions=REGIONS,
    oddities=FLEETS["odd"],
):
    """Open the demo's fleet and settings, and secrets that user commands may refer to.

    `changed` are pairs of text in its app.yaml and what stands there instead. `regions` are those of v2.
    """
    secret = tmp_path / "orders"
    secret.write_text(NEW_PASSWORD, encoding="utf-8")
    text = _settings(settings, tmp_path)
    for old, new in changed:
        assert old in text
        text = text.replace(old, new, 1)
    settings = tmp_path / "app.yaml"
    settings.write_text(text, encoding="utf-8")
    monkeypatch.setenv("ORDERS_REPORTING_PASSWORD", NEW_PASSWORD)
    async with terminal_site(
        tmp_path,
        monkeypatch,
        settings=settings,
        clusters=clusters,
        oddities=oddities,
    ) as terminal:
        seam = Seam(httpx.ASGITransport(create_app(terminal.cloud)))
        fleet = await _in_process(terminal, seam, regions)
        dispatcher = replace(terminal.kernel.dispatcher, fleet=fleet)
        terminal.kernel = replace(terminal.kernel, fleet=fleet, dispatcher=dispatcher)
        await terminal.run("whoami", BOB, CHANNEL)
        yield Table(terminal, seam, {"secret": f"file:{secret}"})
        await fleet.close()


def _settings(path, folder):
    """Return these settings with reports of our own at their end."""
    text = path.read_text(encoding="utf-8").partition("\nreports:")[0].partition("\nholidays:")[0]
    references = f'password_references: ["env:ORDERS_*", "file:{folder}/*"]'
    return text.replace("\npeople:", f"\n{CLUSTERS}", 1) + f"\n{REPORTS}{references}\n"


async def _in_process(terminal, seam, regions):
    """Serve the same fleet without sockets: thousands of requests in a moment, and no time-out to sit out."""
    kernel = terminal.kernel
    ionos = kernel.setup.settings.ionos
    addresses = resolve_addresses(ionos.api_url, ionos.region_url)
    return open_fleet(
        [await access_of(contract) for contract in ionos.contracts],
        replace(addresses, regions={each: addresses.regions[each] for each in regions}),
        clock=StillClock(kernel.clock),
        wiring=TransportOptions(http=lambda: seam),
    )
