"""People who run commands, each under its own trace, and an auditor who sees only production."""

import secrets
from contextlib import asynccontextmanager

from one_contract import SETTINGS
from terminal_site import OPERATOR, terminal_site
from yaml_files import read_yaml, write_yaml

from bot.domain.reply import Note, Table
from bot.domain.request import Actor, Invocation, Origin

BOB = Actor(origin=Origin.SLACK, id="U0BOB", team="T0SHOP")
VERA = Actor(origin=Origin.SLACK, id="U0VERA", team="T0SHOP")
ALICE = Actor(origin=Origin.SLACK, id="U0ALICE", team="T0SHOP")

PEOPLE = {"dba": ["U0BOB"], "developer": ["U0ALICE"], "auditor": ["U0VERA"]}
PERMISSIONS = [
    {"to": ["dba"], "allow": ["*"]},
    {"to": ["developer"], "allow": ["cluster *"]},
    {"to": ["auditor"], "allow": ["audit *", "cluster *"], "clusters": [{"tier": "prod"}]},
]


class AuditSite:
    def __init__(self, terminal):
        self.terminal = terminal

    async def ask(self, text, actor=BOB, trace=None):
        """Dispatch a line and return the reply."""
        trace = trace or secrets.token_hex(6)
        clock = self.terminal.kernel.clock
        invocation = Invocation(
            key=trace, trace=trace, actor=actor, channel="C0OPS", text=text, at=clock.now(), line="/pg"
        )
        return await self.terminal.kernel.dispatcher.dispatch(invocation)

    async def rows(self, text, actor=BOB):
        """Return the rows of a reply's first table as dictionaries."""
        return rows_of(await self.ask(text, actor))

    async def named(self, name):
        return next(each for each in (await self.terminal.kernel.fleet.clusters()).items if each.name == name)


def rows_of(reply):
    found = next((part for part in reply.parts if isinstance(part, Table)), None)
    return [dict(zip(found.labels, row, strict=True)) for row in found.rows] if found else []


def notes_of(reply):
    return " ".join(part.text for part in reply.parts if isinstance(part, Note))


@asynccontextmanager
async def audit_site(tmp_path, monkeypatch, permissions=PERMISSIONS):
    settings = read_yaml(SETTINGS)
    settings |= {"people": PEOPLE, "permissions": permissions, "approvals": {}, "terminal": {}}
    path = tmp_path / "app.yaml"
    write_yaml(path, settings)
    async with terminal_site(tmp_path, monkeypatch, settings=path) as terminal:
        yield AuditSite(terminal)


__all__ = ["ALICE", "BOB", "OPERATOR", "VERA", "AuditSite", "audit_site", "notes_of", "rows_of"]
