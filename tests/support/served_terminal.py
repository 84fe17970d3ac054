"""A `pgbot serve` of its own process, and users of the machine who run `pgbot run` beside it."""

import asyncio
import json
import os
import pwd
import sqlite3
import tempfile
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from programs_site import open_programs_stage, run, running_program

from bot.demo.cloud.faults import FaultOrder
from bot.demo.environment import SETTINGS

OWN = os.getuid()
OTHERS = (1, 64123) if OWN == 0 else ()
"""Further users, one with an account and one without: only root can be them."""

USERS = (OWN, *OTHERS)
SLACK_IDS = dict(zip(USERS, ("U0ALICE", "U0BOB", "U0CAROL"), strict=False))


def account(user):
    """Return the name that the bot has for a user of the machine."""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"uid:{user}"


@dataclass
class ServedTerminal:
    """A running `serve`, its folder, and an environment with which anybody finds its socket."""

    folder: Path
    environment: dict
    demo: object
    process: object = None

    @property
    def socket(self):
        return self.folder / "run" / "pgbot.sock"

    async def run(self, *words, user=OWN, env=None, cwd=None, options=()):
        """Run `pgbot run` as a user of the machine, who brings `env` and `options`."""
        environment = self.environment | (env or {})
        who = None if user == OWN else user
        return await run(*options, "run", *words, env=environment, cwd=cwd or self.folder, user=who)

    async def propose(self, line, user=OWN):
        """Return the id of a change that the user requests."""
        answer = (await self.run("--json", line, user=user)).json()
        assert answer["schema"] == "pgbot/change-result/v1", answer
        return answer["data"]["change"]["id"]

    @contextmanager
    def hanging(self, method="GET"):
        """Let the cloud's answers wait until the end of the block."""
        fault = self.demo.cloud.faults.add(FaultOrder(kind="hang", method=method))
        try:
            yield
        finally:
            self.demo.cloud.faults.remove(fault.id)

    def read(self, statement, *values):
        """Return rows of the bot's database, as dictionaries."""
        with closing(sqlite3.connect(f"file:{self.folder}/data/pgbot.db?mode=ro", uri=True)) as db:
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute(statement, values)]

    def people(self):
        """Return who was at the terminal, by the audit log."""
        rows = self.read("SELECT DISTINCT actor FROM audit WHERE actor LIKE 'os:%'")
        return {row["actor"] for row in rows}

    @asynccontextmanager
    async def served(self, **env):
        """Run `serve` until the end of the block."""
        serving = running_program("serve", env=self.environment | env, cwd=self.folder)
        async with serving as self.process:
            async with asyncio.timeout(120):
                said = await self.process.stderr.readline()
            assert json.loads(said)["event"] == "ready", said
            yield self


def settings_with(terminal):
    """Return the demo's app.yaml with this section, as text."""
    section = "".join(f"  {key}: {json.dumps(value)}\n" for key, value in terminal.items())
    return f"{SETTINGS.read_text(encoding='utf-8')}\nterminal:\n{section}"


def lay_out(folder):
    """Let every user enter the folder, and write the app.yaml."""
    folder.chmod(0o755)
    people = {account(user): slack for user, slack in SLACK_IDS.items()}
    section = {"people": people, "socket": f"{folder}/run/pgbot.sock", "socket_mode": "0666"}
    (folder / "app.yaml").write_text(settings_with(section))


@asynccontextmanager
async def open_terminal_stage():
    """Serve simulators, and provide a folder that every user may enter, with the app.yaml of a `serve`."""
    with tempfile.TemporaryDirectory(prefix="pgbot-test-") as name:
        folder = Path(name)
        lay_out(folder)
        async with open_programs_stage(folder) as (demo, environment):
            yield ServedTerminal(folder, environment | {"PGBOT_CONFIG": f"{folder}/app.yaml"}, demo)
