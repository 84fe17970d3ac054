"""A terminal whose app.yaml has the reports of a test, and people with different rights."""

from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from one_contract import SETTINGS
from report_kit import make_runner
from terminal_site import Terminal, terminal_site
from yaml_files import read_yaml, write_yaml

from bot.domain.reply import Choices, Fields, Mention, Note, Table, Text, Warn
from bot.domain.reply_text import render_plain
from bot.domain.request import Actor, Origin


def person(slack_id, name):
    """Return somebody in Slack, where reads need a permission as well."""
    return Actor(origin=Origin.SLACK, id=slack_id, name=name, team="T0DEMO", time_zone="Europe/Berlin")


BOB = person("U0BOB", "bob")
"""May do everything."""

ALICE = person("U0ALICE", "alice")
"""May do everything that is done here, on the clusters orders*."""

VERA = person("U0VERA", "vera")
"""May read the audit log and nothing else."""

NOBODY = Actor(origin=Origin.TERMINAL, id="olga", name="olga")
"""A user of the machine whom app.yaml does not know."""

MORNING = {
    "name": "morning",
    "command": "summary fleet",
    "when": "every weekday at 8:30",
    "zone": "Europe/Berlin",
    "channel": "C0OPS",
    "owner": "U0BOB",
}
ADD = 'report add mine --command "cluster list" --when "every Monday at 9:00"'

_HERS = ["report *", "summary *", "cluster *", "change *", "restore", "drill", "migration *"]
PERMISSIONS = [
    {"to": ["dba"], "allow": ["*"]},
    {"to": ["developer"], "allow": _HERS, "clusters": [{"name": "orders*"}]},
    {"to": ["auditor"], "allow": ["audit *"]},
]


@dataclass
class ReportTerminal(Terminal):
    """A terminal whose clock begins on Monday, 23 November 2026, at 9:00 UTC, 10:00 in Berlin."""

    @property
    def rows(self):
        return self.kernel.dispatcher.reports.rows

    async def say(self, text, actor=BOB, channel="C0OPS"):
        """Dispatch a line; return the reply."""
        return await self.run(text, actor, channel)

    async def standing(self, name="morning"):
        return (await self.rows.standings())[name]

    def record(self, name):
        """Return the simulator's record of the cluster of that name."""
        return next(each for each in self.cloud.everything() if each.name == name)


@dataclass
class Hourly:
    """An hourly report, as its channel gets it."""

    terminal: ReportTerminal
    runner: object

    async def next(self):
        """Let an hour pass; return the message that comes, as text."""
        self.terminal.kernel.clock.advance(timedelta(hours=1))
        known = len(self.runner.posts.tops())
        await self.runner.look()
        [new] = self.runner.posts.tops()[known:]
        return new

    async def news(self):
        """Return the sentences of the next message about differences."""
        told = next((part.text for part in (await self.next()).parts if isinstance(part, Text)), "")
        return [line.removeprefix("• ") for line in told.splitlines()[1:]]


@asynccontextmanager
async def report_terminal(tmp_path, monkeypatch, *reports, **changes):
    """Open the terminal; `changes` replace whole sections of the demo's app.yaml."""
    settings = read_yaml(SETTINGS)
    settings |= {"permissions": PERMISSIONS, "reports": list(reports), "holidays": {}} | changes
    path = tmp_path / "app.yaml"
    write_yaml(path, settings)
    async with terminal_site(tmp_path, monkeypatch, settings=path) as terminal:
        yield ReportTerminal(terminal.kernel, terminal.cloud, terminal.url)


@asynccontextmanager
async def hourly(tmp_path, monkeypatch, command, **changes):
    """Start `command` as an hourly report that the scheduler has seen and that has not run yet.

    Events under way in the fleet at the start of the stage have ended by then.
    """
    line = MORNING | {"name": "hourly", "command": command, "when": "every hour", "zone": "UTC"}
    async with report_terminal(tmp_path, monkeypatch, line, **changes) as terminal:
        terminal.kernel.clock.advance(timedelta(hours=1))
        at = Hourly(terminal, make_runner(terminal.kernel))
        await at.runner.look()
        yield at


def table(reply, caption):
    """Return the rows of the table of that heading as dictionaries; none without such a table."""
    found = [part for part in reply.parts if isinstance(part, Table) and part.caption == caption]
    return [dict(zip(each.labels, row, strict=True)) for each in found for row in each.rows]


def fields(reply):
    return {name: value for part in reply.parts if isinstance(part, Fields) for name, value in part.pairs}


def numbers(reply):
    """Return the counts of the first sentence, by name."""
    first = next(part.text for part in reply.parts if isinstance(part, Text))
    pairs = (each.rpartition(": ") for each in first.removesuffix(".").split("; "))
    return {name: int(number) for name, _, number in pairs}


def words(reply, kind):
    """Return the texts of all parts of a kind."""
    return [part.text for part in reply.parts if isinstance(part, kind)]


def notes(reply):
    return words(reply, Note)


def warnings(reply):
    return words(reply, Warn)


def texts(reply):
    return words(reply, Text)


def mentioned(reply):
    return {each for part in reply.parts if isinstance(part, Mention) for each in part.people}


def buttons(reply):
    return {
        each.label: each.command for part in reply.parts if isinstance(part, Choices) for each in part.choices
    }


def refusal(reply):
    """Return the sentence of a refusal and its next step, on two lines at the most."""
    assert not reply.ok, render_plain(reply)
    return "\n".join([reply.title, *notes(reply)])
