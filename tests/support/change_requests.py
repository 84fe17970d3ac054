"""People of the demo at the terminal, who request changes and decide on them without Slack."""

from datetime import timedelta

from bot.changes.operation import ExecutionContext
from bot.changes.rows import open_ids
from bot.changes.run_log import RunLog
from bot.domain.attempt import Attempt
from bot.domain.cluster_properties import describe_differences
from bot.domain.reply import File
from bot.domain.request import AccountStatus, Actor, Origin


def person(slack_id, name, **more):
    """Return a Slack person who sits at the terminal; user groups are not known there."""
    return Actor(origin=Origin.TERMINAL, id=name, name=name, team="T0DEMO", person=slack_id, **more)


ALICE = person("U0ALICE", "alice")
BOB = person("U0BOB", "bob")
CAROL = person("U0CAROL", "carol", groups=frozenset({"S0DBA"}))
VERA = person("U0VERA", "vera")
GUEST = person("U0GUEST", "gus", standing=AccountStatus.GUEST)
NOBODY = Actor(origin=Origin.TERMINAL, id="olga", name="olga")

PROD = 'restore orders-prod --to 2h --reason "bad deploy"'
"""Needs two of dba."""

STAGING = "restore orders-staging --to 2h"
"""Needs one of dba."""

TEST = "cluster rename orders-staging orders-stage"
"""Needs the cluster's name, typed."""


async def ask(terminal, line=PROD, actor=ALICE):
    """Request a change; return the stored record."""
    database = terminal.kernel.database
    known = await database.read(open_ids)
    reply = await terminal.run(line, actor)
    assert reply.ok, reply
    [change] = await database.read(open_ids) - known
    return await terminal.kernel.dispatcher.changes.rows.get(change)


def read_script(reply):
    """Return the text of the SQL script of an answer."""
    [file] = [part for part in reply.parts if isinstance(part, File)]
    assert file.name.endswith(".sql")
    return file.content.decode()


async def now(terminal, record):
    """Return the current record of the change."""
    return await terminal.kernel.dispatcher.changes.rows.get(record.id)


def run_log(kernel):
    """Return the record of running changes, as `serve` has it."""
    rows = kernel.dispatcher.changes.rows
    return RunLog(rows=rows, clock=kernel.clock, propose_again=None, wake=lambda: None)


async def become(kernel, change_id, *, armed=False, unknown=False):
    """Start an approved change, and send it where it is `armed`; with `unknown`, nobody can tell how it
    ended."""
    running = run_log(kernel)
    assert await running.claim(await running.get_change(change_id))
    record = await running.get_change(change_id)
    if armed or unknown:
        assert await running.arm(record, Attempt(armed_at=kernel.clock.now()))
    if unknown:
        await running.mark_unknown(record, "no answer")


async def decision_outcomes(terminal, record):
    """Return the outcomes in the audit log about this change, oldest first."""
    rows = await terminal.audit()
    return [row["outcome"] for row in rows if row["change"] == record.id and row["kind"] == "decision"]


def cluster(terminal, name):
    """Return the simulator's record of a cluster."""
    return next(each for each in terminal.cloud.everything() if each.name == name)


async def carried_out(terminal, record):
    """Send the plan, let a day pass, and read back; return the differences from the plan, in words."""
    kernel, plan = terminal.kernel, record.plan
    command = kernel.dispatcher.registry.get(tuple(plan.command.split()))
    context = ExecutionContext(
        fleet=kernel.fleet,
        settings=kernel.setup.settings,
        handover=kernel.dispatcher.handover,
        now=kernel.clock.now,
    )
    made = await command.change.execute(plan, context)
    target = plan.target.model_copy(update={"id": made}) if made else plan.target
    kernel.clock.advance(timedelta(days=1))
    return describe_differences(plan.ending.expected, await kernel.fleet.cluster(target.as_cluster()))


def effects(record):
    """Return the plan's effects: thing, before, after."""
    return {each.what: (each.before, each.after) for each in record.plan.effects}
