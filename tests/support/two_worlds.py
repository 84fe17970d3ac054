"""Two bots in front of two clouds that differ only in what one person may not see."""

import copy
import json
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from change_requests import ALICE, BOB
from every_command import every_command_site
from every_command_lines import CHANNEL
from one_contract import DEMO_SETTINGS
from terminal_site import Terminal

from bot.changes import rows
from bot.changes.record import ChangeState
from bot.demo.cloud.access import CONTRACT_A, CONTRACT_B
from bot.domain.reply import File
from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain
from bot.domain.request import Actor, Invocation, Origin
from bot.reports.snapshot import take_snapshot
from bot.runtime.database.columns import time_to_text
from bot.runtime.database.sqlite import insert

LOOKER = Actor(origin=Origin.SLACK, id="U0LOOK", name="lou", team="T0DEMO", time_zone="Europe/Berlin")
SEES = '[{name: "orders*"}, {name: wiki}, {name: payments-prod}]'
CHANGED = (
    ("\npeople:\n", "\npeople:\n  looker: [U0LOOK]\n"),
    ("\npermissions:\n", f'\npermissions:\n  - {{to: [looker], allow: ["*"], clusters: {SEES}}}\n'),
    ("number: 21000001,", "number: 21000001, quota: {clusters: 20, cores: 120, ram: 500, storage: 5500},"),
    ("    - {name: logistics, token: env:DEMO_TOKEN_LOGISTICS}\n", ""),
)
"""What the demo's app.yaml has besides; without a contract that no cluster of the worlds is in. The quota is
that of the world without anything hidden."""

REGIONS = ("de/txl", "de/fra", "gb/bhx")
"""Regions of v2 in both worlds, those of visible clusters: requests to each are most of a line's work."""

HIDDEN = {
    "vault-prod": ("orders-prod", CONTRACT_A),
    "vault-staging": ("orders-staging", CONTRACT_B),
    "orrders-prod": ("orders-prod", CONTRACT_A),
    "Vault v2 (EU)": ("payments-prod", CONTRACT_A),
}
"""The clusters that only one world has: on each API, in two contracts, one nearly called as a visible one is.
Each is a copy of a visible one."""

SECRET_CHANGES = tuple(f"c-hidd{letter}2" for letter in "abcdefghjkm")


@dataclass
class World(Terminal):
    """A site in which every invocation has a trace and a minute of its own."""

    prefix: str = "aaaa"

    async def run(self, text, actor=BOB, channel=CHANNEL):
        self.kernel.clock.advance(timedelta(minutes=1))  # no two things at once, and cached reads expire
        number = next(self.numbers)
        invocation = Invocation(
            key=f"test:{self.prefix}{number}",
            trace=f"{self.prefix}{number:08x}",
            actor=actor,
            channel=channel,
            text=text,
            at=self.kernel.clock.now(),
            line="/pg",
        )
        return await self.kernel.dispatcher.dispatch(invocation)

    async def look(self, line):
        """Return what the person who sees little reads, in every form, and the requests that it took."""
        before = _count(self.cloud.calls.rows())
        reply = await self.run(line, LOOKER)
        after = _count(self.cloud.calls.rows())
        reply = replace(reply, parts=tuple(map(_without_evidence, reply.parts)))
        calls = sorted((key, number - before.get(key, 0)) for key, number in after.items())
        return "\n".join(
            (
                render_plain(reply),
                json.dumps(make_document(reply), indent=1, ensure_ascii=False),
                *(f"{key}: {number}" for key, number in calls if number),
            )
        )


def _without_evidence(part):
    """Empty a bundle: it has hashes over the whole log."""
    return replace(part, content=b"") if isinstance(part, File) and "evidence" in part.name else part


def _count(counts):
    names = ("api", "region", "method", "path", "status")
    return {" ".join(str(each[name]) for name in names): each["count"] for each in counts}


@asynccontextmanager
async def open_world(tmp_path, monkeypatch, *, has_hidden, has_past=True):
    """Open a site with things that everybody may see, and with `has_hidden` others besides. Without
    `has_past`, nothing was done about visible clusters."""
    tmp_path.mkdir()
    async with every_command_site(
        tmp_path, monkeypatch, settings=DEMO_SETTINGS, clusters=21, changed=CHANGED, regions=REGIONS
    ) as table:
        inner = table.terminal
        world = table.terminal = World(inner.kernel, inner.cloud, inner.url)
        if has_past:
            await _fill(world)
        hidden = World(world.kernel, world.cloud, world.url, prefix="eeee")
        started = world.kernel.clock.now()
        if has_hidden:
            await _hide(hidden)
        world.kernel.clock.advance(timedelta(hours=1) - (world.kernel.clock.now() - started))
        await _look_around(world)
        yield table


async def _fill(world):
    """Let people do things to what everybody may see."""
    for line, actor in (
        ('restore orders-prod --to 2h --reason "bad deploy"', ALICE),
        ("cluster maintenance orders-staging --day sunday --time 03:30", BOB),
        ("migration waive PGR020 orders-prod --until 30d --reason accepted", BOB),
        ('report add seen --command "backup list orders-prod" --when "0 6 * * 1" --save', BOB),
        ("cluster show orders-prod", BOB),
        ("cluster show nothing-of-the-kind", BOB),
    ):
        await world.run(line, actor)


async def _hide(world):
    """Add clusters, and whatever there can be about them."""
    for name, (like, contract) in HIDDEN.items():
        world.cloud.add(copy_cluster(world.record(like), name, contract))
    lines = [
        ('restore vault-prod --to 2h --reason "bad deploy"', ALICE),
        ("cluster delete vault-prod --reason x", ALICE),
        ("cluster rename orrders-prod vault-next --reason x", BOB),
        ("cluster maintenance vault-prod --day sunday --time 03:30", BOB),
        ("drill vault-prod", BOB),
        ("user create vault-prod app --from env:ORDERS_REPORTING_PASSWORD", BOB),
        ("migration waive PGR021 vault-prod --until 30d --reason accepted", BOB),
        ('report add secret --command "backup list vault-prod" --when "0 6 * * 1" --save', BOB),
        ('report add reason --command status --reason "for vault-prod" --when "0 6 * * 1" --save', BOB),
        *(
            (f"{command} vault-prod", BOB)
            for command in ("cluster show", "backup list", "log show", "user list")
        ),
    ]
    for line, actor in lines:
        await world.run(line, actor)
    [record] = [
        each
        for each in await world.kernel.dispatcher.changes.rows.latest(100)
        if (each.plan.command, each.plan.target.name) == ("restore", "vault-prod")
    ]
    await world.kernel.database.write(
        lambda db: [
            insert(db, "changes", rows.change_row(each))
            for each in (*in_all_states(record), *_many_over(record))
        ]
    )


def in_all_states(record):
    """Yield a change like this one in each state, by one requester or another."""
    for number, (change_id, state) in enumerate(zip(SECRET_CHANGES, ChangeState, strict=True)):
        # At most one change of a cluster runs, or may have run.
        target = record.plan.target.model_copy(update={"id": f"{number:08}{record.plan.target.id[8:]}"})
        yield replace(
            record,
            id=change_id,
            state=state,
            plan=record.plan.model_copy(update={"target": target}),
            requester=replace(record.requester, id="U0BOB" if number % 2 else record.requester.id),
            skipped="bob used break-glass: fire" if state is ChangeState.DONE else "",
            reviewed_by="carol" if state is ChangeState.DONE else "",
            result="it ended",
        )


def _many_over(record):
    """Yield more changes that are over than any list shows."""
    over = replace(record, state=ChangeState.WITHDRAWN, result="it ended")
    return (replace(over, id=f"c-over{number}") for number in range(1_001))


async def _look_around(world):
    """Let somebody who sees everything fill what is kept of the fleet, and a report be made once."""
    for line in ("migration status", "migration watch"):
        await world.run(line, BOB)
    reply = await world.run("summary fleet", BOB)
    result = {
        "report": "morning",
        "at": time_to_text(world.kernel.clock.now(), "microseconds"),
        "content": take_snapshot(reply).model_dump_json(),
    }
    await world.kernel.database.write(lambda db: insert(db, "report_results", result))


def hidden_id(name, contract=None):
    """Return the id that the hidden cluster of this name has, in the world that has it."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name} {contract or HIDDEN[name][1]}"))


def copy_cluster(record, name, contract):
    made = copy.deepcopy(record)
    made.id = hidden_id(name, contract)
    made.name, made.contract = name, contract
    for backup in made.backups:
        backup.cluster_id = made.id
    return made
