"""The bot without Slack, in front of the simulator: what `pgbot run` has."""

import itertools
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from audit_rows import audit_rows
from in_process import call_in_process
from one_contract import SETTINGS, move_clusters
from prepared_data import prepare_folder
from sentences import has_empty_list, sentences_of

from bot.demo.cloud.app import create_app
from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.oddities import FLEETS
from bot.demo.environment import CREDENTIALS
from bot.demo.http_client import loopback_client
from bot.demo.loopback_server import LoopbackServer
from bot.demo.seeded_fleet import seed_cloud
from bot.demo.virtual_clock import VirtualClock
from bot.domain.request import Actor, Invocation, Origin
from bot.programs.kernel import Kernel, open_kernel
from bot.settings.model import load_settings

OPERATOR = Actor(origin=Origin.TERMINAL, id="olga", name="olga")


@dataclass
class Terminal:
    kernel: Kernel
    cloud: Cloud
    url: str
    numbers: itertools.count = field(default_factory=itertools.count)

    async def run(self, text, actor=OPERATOR, channel=""):
        """Dispatch a line as `actor`; return the reply."""
        reply = await self.kernel.dispatcher.dispatch(self.invocation(text, actor, channel))
        assert not has_empty_list(" ".join(sentences_of(reply))), reply
        return reply

    def invocation(self, text, actor=OPERATOR, channel=""):
        return Invocation(
            key=f"test:{next(self.numbers)}",
            trace="feedbeef",
            actor=actor,
            channel=channel,
            text=text,
            at=self.kernel.clock.now(),
            line="pgbot run",
        )

    def record(self, name):
        """Return the simulator's record of the cluster of that name."""
        return next(each for each in self.cloud.everything() if each.name == name)

    async def audit(self):
        """Return the audit log, oldest first, without the row that every start writes about the settings."""
        return [row for row in await audit_rows(self.kernel.database) if row["kind"] != "policy"]

    async def fault(self, **order):
        """Order a fault at the cloud."""
        async with loopback_client() as http:
            answer = await http.post(f"{self.url}/_cloud/faults", json=order)
            answer.raise_for_status()


@asynccontextmanager
async def terminal_site(
    tmp_path, monkeypatch, *, clusters=44, settings=SETTINGS, environment=None, oddities=FLEETS["odd"]
):
    clock = VirtualClock()
    cloud = seed_cloud(clock, clusters, oddities=oddities)
    application = create_app(cloud)
    async with LoopbackServer(application) as server:
        variables = {
            **CREDENTIALS,
            "PGBOT_CONFIG": str(settings),
            "PGBOT_DATA": str(prepare_folder(tmp_path / "data", engine=False)),
            "PGBOT_IONOS__API_URL": server.url,
            "PGBOT_IONOS__REGION_URL": f"{server.url}/{{region}}",
        } | (environment or {})
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        http = call_in_process(server.url, application)
        setup = load_settings(environment=variables)
        move_clusters(cloud, setup.settings)
        async with open_kernel(setup, clock, http) as kernel:
            yield Terminal(kernel, cloud, server.url)
